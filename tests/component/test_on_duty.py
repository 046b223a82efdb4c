"""Who is on duty, at the foot of each page: by name who is alone, by letters who are several."""

from pathlib import Path

import pytest
from litestar.testing import TestClient

from gehoor.core.clock import StillClock
from gehoor.web.app import app_of
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.teaming import PASSWORD, Team

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

SHIFT = '\n[[roster.shifts]]\nwho = ["{}"]\ndays = ["tue"]\nhours = ["06:00-16:00"]\nholidays = "too"\n'


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        (["Ochtenddienst"], ">Ochtenddienst<"),
        (["Sanne", "Ochtenddienst"], ">Ochtenddienst, Sanne<"),
        (["Sanne", "Ochtenddienst", "Avonddienst"], ">Avon, Ocht, Sann<"),
    ],
)
def test_who_fits_on_a_line_is_named_and_more_are_letters(tmp_path: Path, who: list[str], shown: str) -> None:
    hearing = Hearing(tmp_path / "workspace", BRANDS + "".join(map(SHIFT.format, who)))
    owner = Deciding(hearing)
    team = Team(owner)
    for name in who:
        team.add(name, ("agent",))
    with TestClient(app_of(hearing.site(owner, StillClock(NOON))), base_url="http://localhost") as pages:
        pages.headers.update({"Origin": "http://localhost", "Accept-Language": "nl"})
        pages.post("/login", data={"mail": team.admin.mail, "password": PASSWORD}, follow_redirects=False)
        page = pages.get("/").text
    hearing.close()
    assert "Op dienst tot 16:00" in page
    assert shown in page
