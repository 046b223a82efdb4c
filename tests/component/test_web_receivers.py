"""The door for receivers: a real body, a real ledger behind it, and what the sender is told."""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.errors import TransientError
from gehoor.core.page import RawPage, Receipt
from gehoor.core.reader import PostFilter, Reader
from gehoor.web.app import app_of
from gehoor.web.receive import MAX_BODY
from tests.component.hearing import Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

TOML = """
[receivers.shop]
type = "segment"
write_key = "sleutel"

[receivers.second]
type = "segment"
write_key = "tweede"
"""
Door = TestClient[Litestar]


class Near:
    """The owner's work in this process; it can be sent away."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self.is_away = False

    async def hear(self, page: RawPage) -> Receipt:
        """Commit, or be away."""
        if self.is_away:
            raise TransientError("The disk is full.", 7.0)
        return self._hearing.hear_page(page)

    async def call(self, op: str, **arguments: object) -> dict[str, object]:
        """Know nothing else."""
        raise TransientError(f"{op} is not for here.")


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", TOML)
    yield hearing
    hearing.close()


@pytest.fixture
def near(hearing: Hearing) -> Near:
    return Near(hearing)


@pytest.fixture
def door(hearing: Hearing, near: Near, clock: StillClock) -> Iterator[Door]:
    with TestClient(app_of(hearing.site(near, clock)), base_url="http://localhost") as client:
        yield client


def _key(key: str = "sleutel") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def _track(message: str) -> dict[str, object]:
    return {
        "messageId": message,
        "type": "track",
        "userId": "4711",
        "event": "Order Completed",
        "timestamp": "2026-04-14T11:00:00Z",
    }


def test_an_event_is_answered_when_it_is_in_the_ledger_and_counted_once(hearing: Hearing, door: Door) -> None:
    for _ in range(2):
        answer = door.post("/v1/track", json=_track("m-1"), headers=_key())
        assert answer.status_code == 200
    posts = Reader(hearing.root).posts(PostFilter(source="shop"))
    assert [(post.event, post.actor) for post in posts] == [("Order Completed", "4711")]


def test_a_second_write_key_reaches_its_own_receiver(hearing: Hearing, door: Door) -> None:
    assert door.post("/v1/track", json=_track("m-2"), headers=_key("tweede")).status_code == 200
    assert len(Reader(hearing.root).posts(PostFilter(source="second"))) == 1


def test_a_wrong_write_key_is_refused(door: Door) -> None:
    assert door.post("/v1/track", json=_track("m-3"), headers=_key("mis")).status_code == 401


def test_a_gzip_body_is_read(hearing: Hearing, door: Door) -> None:
    body = gzip.compress(json.dumps({"batch": [_track("m-4"), _track("m-5")]}).encode())
    answer = door.post("/v1/batch", content=body, headers=_key() | {"Content-Encoding": "gzip"})
    assert answer.status_code == 200
    assert len(Reader(hearing.root).posts(PostFilter())) == 2


@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_body_that_is_too_large_gets_413_in_json(door: Door, *, is_streamed: bool) -> None:
    chunk = b"x" * 100_000
    body = (chunk for _ in range(MAX_BODY // len(chunk) + 1)) if is_streamed else chunk * (MAX_BODY // len(chunk) + 1)
    answer = door.post("/v1/batch", content=body, headers=_key())
    assert answer.status_code == 413
    assert "5 MB" in answer.json()["error"]


def test_when_nothing_can_be_kept_the_sender_is_asked_to_come_back(door: Door, near: Near) -> None:
    near.is_away = True
    answer = door.post("/v1/track", json=_track("m-6"), headers=_key())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert "The disk is full." in answer.json()["error"]
    near.is_away = False
    assert door.post("/v1/track", json=_track("m-6"), headers=_key()).status_code == 200


def test_a_browser_on_another_site_may_post_here_and_nowhere_else(door: Door) -> None:
    asks = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert door.options("/v1/track", headers=asks).headers["access-control-allow-origin"] == "*"
    posted = door.post("/v1/track", json=_track("m-7"), headers=_key() | {"Origin": "https://shop.example"})
    assert (posted.status_code, posted.headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-origin" not in door.get("/", headers=asks).headers
    assert "access-control-allow-origin" not in door.options("/posts", headers=asks).headers


def test_a_proxys_name_is_good_for_receivers(door: Door) -> None:
    answer = door.post("/v1/track/", json=_track("m-8"), headers=_key() | {"Host": "events.shop.example"})
    assert answer.status_code == 200


def test_a_body_that_is_no_json_is_told_so(door: Door) -> None:
    answer = door.post("/v1/track", content=b'{"messageId": ', headers=_key())
    assert answer.status_code == 400
    assert msgspec.json.decode(answer.content)
