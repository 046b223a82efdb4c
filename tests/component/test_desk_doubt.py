"""An answer that may have left, as a person sees it: what is not known, and what they can do."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.core.member import YOU
from gehoor.web.app import app_of
from tests.component.awaiting import desk_of, said, waiting
from tests.component.changing import words
from tests.component.hearing import Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Pages = TestClient[Litestar]
ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def doubt(tmp_path: Path, clock: StillClock) -> Iterator[tuple[Hearing, Pages, str]]:
    """Open a conversation whose answer was on its way when the line broke; yield its key too."""
    with (
        waiting(tmp_path) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as pages,
    ):
        row = next(one for one in desk_of(hearing).inbox("", YOU).rows if one.id == 1)
        seen = msgspec.to_builtins(row.seen)
        key = said(owner, "reply", conversation=row.id, to_seq=row.id, text="Hij komt eraan.", seen=seen)["key"]
        _all(hearing, "unknown")
        pages.headers["Accept-Language"] = "en"
        yield hearing, pages, f"/inbox/{row.id}|{key}"


def _all(hearing: Hearing, state: str) -> None:
    with hearing.projector.engine.begin() as tx:
        for table in ("outbox", "desk_reply"):
            tx.exec_driver_sql(f"UPDATE {table} SET state = ?", (state,))


def _states(hearing: Hearing) -> tuple[str, str]:
    with hearing.projector.engine.begin() as tx:
        sql = "SELECT o.state, r.state FROM outbox o, desk_reply r"
        return tuple(tx.exec_driver_sql(sql).one())


@pytest.mark.parametrize(("language", "told"), [
    ("en", "sent perhaps; we are looking it up, look yourself too Send once more It arrived"),
    ("nl", "misschien verstuurd; we zoeken het na, kijk zelf ook Verstuur nog een keer Het kwam aan"),
])  # fmt: skip
def test_what_may_have_left_is_said_with_what_one_can_do(
    doubt: tuple[Hearing, Pages, str], language: str, told: str
) -> None:
    _, pages, place = doubt
    assert told in words(pages.get(place.partition("|")[0], headers={"Accept-Language": language}).text)


@pytest.mark.parametrize(("form", "states"), [({}, ("waiting", "queued")), ({"arrived": "yes"}, ("sent", "sent"))])
def test_who_looked_says_so_or_lets_it_leave_once_more(
    doubt: tuple[Hearing, Pages, str], form: dict[str, str], states: tuple[str, str]
) -> None:
    hearing, pages, place = doubt
    path, _, key = place.partition("|")
    pages.post(f"{path}/settle", data={"key": key, **form}, headers=ORIGIN)
    assert _states(hearing) == states
