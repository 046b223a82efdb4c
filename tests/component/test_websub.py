"""A feed with a hub: it is subscribed to, the hub asks back and posts what is new, and only what it signed is taken."""

import hmac
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.errors import SettingError
from gehoor.core.settings import Settings, load, parse
from gehoor.web.app import app_of
from tests.cast import NOON
from tests.component.commanding import Commanding
from tests.component.hearing import Hearing
from tests.component.scripted import Asked, Scripted, answer
from tests.component.test_feed import Visits, _feed
from tests.component.test_web_receivers import Near

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

TOML = """
[web]
public_url = "https://listen.example.org/gehoor/"

[receivers.push]
type = "websub"
secret = "zestien-tekens-of-meer"
"""
Door = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", TOML)
    yield hearing
    hearing.close()


@pytest.fixture
def door(hearing: Hearing, clock: StillClock) -> Iterator[Door]:
    with TestClient(app_of(hearing.site(Near(hearing), clock)), base_url="http://localhost") as client:
        yield client


class Hub:
    """A feed and its hub on one server."""

    def __init__(self, body: bytes, status: int = 202) -> None:
        self.body, self.status = body, status
        self.forms: list[dict[str, str]] = []

    def __call__(self, asked: Asked) -> bytes:
        """Answer a visit, or a wish to subscribe."""
        if asked.method == "POST":
            self.forms.append(dict(parse_qsl(asked.body.decode())))
            return answer(self.status)
        where = f"http://{asked.headers['host']}"
        return answer(200, self.body, Link=f'<{where}/hub>; rel="hub", <{where}/feed>; rel="self"')


def _subscribed(settings: Settings, hub: Hub, n_rounds: int = 1, every_s: float = 300.0) -> Visits:
    with Scripted(hub) as server:
        visits = Visits(n_rounds, url=f"{server.url}/feed?key=s3cr3t", every_s=every_s)
        visits.source.take_settings(settings)
        visits.pages()
    return visits


def _there(form: dict[str, str]) -> str:
    """Return the callback as the web process sees it, behind its proxy."""
    parts = urlsplit(form["hub.callback"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://listen.example.org/gehoor/v1/websub"
    return f"/v1/websub?{parts.query}"


def _signed(form: dict[str, str], body: bytes, method: str = "sha256") -> dict[str, str]:
    digest = hmac.new(form["hub.secret"].encode(), body, method).hexdigest()
    return {"X-Hub-Signature": f"{method}={digest}", "Content-Type": "application/rss+xml"}


def test_a_feed_with_a_hub_is_subscribed_to_and_heard_at_once(hearing: Hearing, door: Door) -> None:
    hub = Hub(_feed("1 Een"))
    _subscribed(hearing.settings, hub)
    (form,) = hub.forms
    assert (form["hub.mode"], urlsplit(form["hub.topic"]).path) == ("subscribe", "/feed")
    assert "s3cr3t" not in form["hub.callback"]
    asked = {"hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": "<b>1</b>"}
    said = door.get(f"{_there(form)}&{'&'.join(f'{k}={v}' for k, v in asked.items())}")
    assert (said.status_code, said.text) == (200, "<b>1</b>")
    assert said.headers["content-type"].startswith("text/plain")
    body = _feed("2 Twee van Noordvlucht")
    for method in ("sha256", "sha1", "sha512"):
        assert door.post(_there(form), content=body, headers=_signed(form, body, method)).status_code == 200
    rows = [
        tuple(r) for s in hearing.ledger.segments.all for r in s.query("SELECT text, object, heard_by FROM activity")
    ]
    assert [(text, heard_by) for text, _, heard_by in rows] == [("Twee van Noordvlucht", "push")]


def test_what_is_pushed_and_visited_stands_once(hearing: Hearing, door: Door) -> None:
    hub = Hub(_feed("1 Een"))
    with Scripted(hub) as server:
        visits = Visits(2, StillClock(NOON - 600_000_000), url=f"{server.url}/feed")
        visits.source.take_settings(hearing.settings)
        pages = visits.pages()
        for page in pages:
            hearing.hear_page(page)
        (form,) = hub.forms
        body = _feed("2 Twee", "1 Een, verbeterd")
        door.post(_there(form), content=body, headers=_signed(form, body))
        hub.body = body
        again = Visits(1, StillClock(NOON + 1), url=f"{server.url}/feed")
        for page in again.pages(pages[-1].cursor):
            hearing.hear_page(page)
    standing = "SELECT text FROM activity WHERE state = 0 ORDER BY text"
    assert [row[0] for s in hearing.ledger.segments.all for row in s.query(standing)] == ["Een, verbeterd", "Twee"]


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature": "sha256=00"}, {"X-Hub-Signature": "md5=x"}, None])
def test_what_the_hub_did_not_sign_is_not_heard(hearing: Hearing, door: Door, headers: dict[str, str] | None) -> None:
    hub = Hub(_feed("1 Een"))
    _subscribed(hearing.settings, hub)
    if headers is None:
        headers = _signed(hub.forms[0], b"something else")
    assert door.post(_there(hub.forms[0]), content=hub.body, headers=headers).status_code == 403
    assert not list(hearing.ledger.segments.all)


def test_nobody_else_can_make_us_confirm_or_hear_anything(hearing: Hearing, door: Door) -> None:
    hub = Hub(_feed("1 Een"))
    _subscribed(hearing.settings, hub)
    form = hub.forms[0]
    there, topic = _there(form), form["hub.topic"]
    wrong = [
        "/v1/websub", "/v1/websub?channel=feed&url=x&topic=y&proof=z", there.replace("channel=feed", "channel=mail"),
        there.replace("proof=", "proof=0"), f"{there}&hub.mode=unsubscribe&hub.topic={topic}&hub.challenge=1",
        f"{there}&hub.mode=subscribe&hub.topic=https://other.example/&hub.challenge=1", there,
    ]  # fmt: skip
    assert [door.get(path).status_code for path in wrong] == [404] * len(wrong)
    assert door.get(f"{there}&hub.mode=denied").status_code == 200
    changed = there.replace("channel=feed", "channel=mail")
    assert door.post(changed, content=hub.body, headers=_signed(form, hub.body)).status_code == 404


def test_a_subscription_is_renewed_every_day_and_a_hub_that_fails_is_asked_again_in_an_hour(hearing: Hearing) -> None:
    good, bad = Hub(_feed("1 Een")), Hub(_feed("1 Een"), 500)
    _subscribed(hearing.settings, good, n_rounds=49, every_s=3_600.0)
    visits = _subscribed(hearing.settings, bad, n_rounds=4, every_s=1_800.0)
    assert (len(good.forms), len(bad.forms)) == (3, 2)
    assert "its news comes a little later" in str(visits.source.note)


@pytest.mark.parametrize("lines", [slice(4, None), slice(None, 4)])
def test_without_an_address_or_a_receiver_feeds_are_visited_only(tmp_path: Path, lines: slice) -> None:
    hub = Hub(_feed("1 Een"))
    _subscribed(parse("\n".join(TOML.splitlines()[lines]), tmp_path), hub)
    assert not hub.forms


def test_a_public_address_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"line 2: \[web\] public_url is no web address"):
        parse('[web]\npublic_url = "listen.example.org"', tmp_path)


def test_add_makes_the_secret_and_says_what_is_still_missing(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w/gehoor.toml").write_text("[workspace]\n")
    said = Commanding(tmp_path / "w").at("add", "websub").stderr
    assert "/v1/websub" in said
    assert "public_url" in said
    secret = load(tmp_path / "w").receivers["websub"].options.secret
    assert len(secret) > 20
    assert secret not in repr(load(tmp_path / "w"))
