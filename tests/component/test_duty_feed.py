"""The roster in somebody's own calendar: at an address that shows the roster, and opens nothing else."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.answer.calendar_file import read
from gehoor.core.clock import StillClock
from gehoor.web.app import app_of
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.teaming import PASSWORD, Team

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

_UTC = ZoneInfo("UTC")
ROSTER = """
[[roster.shifts]]
who = ["Ada"]
days = ["tue"]
hours = ["22:00-06:00"]
[[roster.shifts]]
who = ["bob@acme.example"]
days = ["wed"]
hours = ["09:00-12:00", "13:00-17:00"]
kind = "on_call"
"""
FORM = {"name": "calendar", "right.roster.see": "yes", "days": "365"}
Pages = TestClient[Litestar]


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    """Return the pages as Ada sees them, who is in."""
    hearing = Hearing(tmp_path / "workspace", BRANDS + ROSTER)
    owner, clock = Deciding(hearing), StillClock(NOON)
    team = Team(owner)
    team.add("Bob", ("agent",))
    with TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client:
        client.headers.update({"Origin": "http://localhost", "Accept-Language": "en"})
        client.post("/login", data={"mail": team.admin.mail, "password": PASSWORD}, follow_redirects=False)
        yield client
    hearing.close()


def _address(page: str) -> str:
    found = re.search(r"http://localhost(/duty/[\w-]+\.ics)<", page)
    assert found
    return found[1]


def test_a_calendar_program_reads_the_roster_without_a_session(pages: Pages) -> None:
    assert "Make an address" in pages.get("/me").text
    address = _address(pages.post("/me/tokens", data=FORM).text)
    pages.cookies.clear()
    answer = pages.get(address)
    assert answer.headers["content-type"].startswith("text/calendar")
    shifts = read(answer.content, _UTC, date(2026, 4, 13), date(2026, 4, 16))
    hours = [(one.who, (one.end - one.start) / 3_600_000_000) for one in shifts.shifts]
    assert hours == [("Ada", 8.0), ("Bob (on call)", 3.0), ("Bob (on call)", 4.0)]
    assert "Bob" not in pages.get(f"{address}?mine").text


def test_its_token_opens_no_page_and_a_token_that_may_more_opens_no_feed(pages: Pages) -> None:
    address = _address(pages.post("/me/tokens", data=FORM).text)
    more = re.search(r"gehoor_[\w-]+", pages.post("/me/tokens", data=FORM | {"right.see.posts": "yes"}).text)
    pages.cookies.clear()
    token = address.removeprefix("/duty/").removesuffix(".ics")
    assert pages.get("/api/v1/conversations", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert more
    assert pages.get(f"/duty/{more[0]}.ics").status_code == 404
    assert pages.get("/duty/gehoor_x.ics").status_code == 404


def test_an_address_that_was_taken_away_shows_nothing(pages: Pages) -> None:
    address = _address(pages.post("/me/tokens", data=FORM).text)
    found = re.search(r'name="token" value="(\w+)"', pages.get("/me").text)
    assert found
    pages.post("/me/tokens/drop", data={"token": found[1]})
    assert pages.get(address).status_code == 404
