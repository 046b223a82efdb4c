"""*Mirror* as a page: an edition with everything and one with nothing, in both languages; what people tell it."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.edition import Edition
from gehoor.core.mirror_figure import Figure
from gehoor.core.mirror_reader import day_number
from gehoor.core.store import put
from gehoor.core.tables import mirror as tables
from gehoor.web.app import app_of
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.mirrored import empty_edition, full_edition

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Pages = TestClient[Litestar]


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace")
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing) -> Iterator[Pages]:
    site = hearing.site(Deciding(hearing), StillClock(NOON + DAY_US))
    with TestClient(app_of(site), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _keep(hearing: Hearing, edition: Edition, back: int = 0) -> None:
    with hearing.projector.engine.begin() as tx:
        put(
            tx, tables.edition, brand=edition.brand, period=edition.period, day=day_number(edition.last_day) - back,
            made_at=edition.made_at, data=msgspec.json.encode(edition),
        )  # fmt: skip


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_director_reads_the_answer_first_in_either_language(hearing: Hearing, pages: Pages) -> None:
    _keep(hearing, full_edition())
    english, dutch = (_text(pages.get("/mirror", headers={"Accept-Language": one}).text) for one in ("en", "nl"))
    assert "Everybody looks. Who stays?" in english
    assert "Our part in society" in english and "trust 48 posts +20% against" in english
    assert "Onze rol in de samenleving" in dutch
    assert "More complaints about waiting: 1,420, against 130 in an ordinary day." in english
    assert "falling slowly this year: 9.1 points" in english
    assert "Iedereen kijkt. Wie blijft?" in dutch
    assert "4 punten lager dan de dag ervoor." in dutch
    assert "Antwoord op mastodon sneller. Gedaan, en het hielp: van 30 % naar 52 %" in dutch.replace("\xa0", " ")


def test_each_driver_opens_its_posts_and_each_number_of_posts_too(hearing: Hearing, pages: Pages) -> None:
    _keep(hearing, full_edition())
    html = pages.get("/mirror").text
    assert 'href="/posts?need=waiting"' in html
    assert 'href="/posts?kind=say">21,300</a>' in html


def test_curve_has_a_gap_where_nothing_was_measured_and_a_text_for_who_cannot_see_it(
    hearing: Hearing, pages: Pages
) -> None:
    _keep(hearing, full_edition())
    html = pages.get("/mirror").text
    wide = re.search(r'<svg class="year wide".*?</svg>', html, re.DOTALL)
    assert wide is not None
    assert len(re.findall(r'<path class="line"', wide[0])) == 2
    assert 'aria-label="Captivating over the year; now 71, from 67 to 75. 50 is normal."' in wide[0]


@pytest.mark.parametrize(("at", "said"), [(50, "no spread in what we heard"), (100, "at the end of the scale")])
def test_range_of_no_width_says_why(hearing: Hearing, pages: Pages, at: float, said: str) -> None:
    edition = full_edition()
    narrow = msgspec.structs.replace(edition.binding, relative=Figure(value=at, low=at, high=at, unit="points"))
    _keep(hearing, msgspec.structs.replace(edition, binding=narrow))
    assert said in _text(pages.get("/mirror").text)


def test_curve_is_a_table_too(hearing: Hearing, pages: Pages) -> None:
    edition = full_edition()
    _keep(hearing, edition)
    text = _text(pages.get("/mirror").text)
    april = [value for day, value in zip(edition.curve.days, edition.curve.binding, strict=True) if day >= "2026-04"]
    assert f"April 2026 {sum(april) / len(april):.0f}" in text  # type: ignore[arg-type]  # all of April was measured


def test_first_day_says_what_it_cannot_know(hearing: Hearing, pages: Pages) -> None:
    _keep(hearing, empty_edition())
    text = _text(pages.get("/mirror").text)
    assert "Too early to see ourselves." in text
    assert "There is no year to compare with yet: what is normal is partly a guess. 363 more days." in text
    assert "0 of the 12 weeks" in text
    assert "There is nothing to compare with yet." in text
    assert "No advice yet" in text


@pytest.mark.parametrize(
    ("captivating", "binding", "said"),
    [(50, 50, "An ordinary day."), (50, 6, "Less than usual for us."), (95, 50, "More than usual for us."),
     (95, 6, "Not an ordinary day.")],
)  # fmt: skip
def test_day_like_the_one_before_is_ordinary_only_near_what_is_usual(
    hearing: Hearing, pages: Pages, captivating: float, binding: float, said: str
) -> None:
    same = Figure(value=0.0, low=-2.0, high=2.0, unit="points")
    edition = full_edition()
    found = {
        one.name: msgspec.structs.replace(
            one, change=same, relative=Figure(value=at, low=at - 3, high=at + 3, unit="points")
        )
        for one, at in ((edition.captivating, captivating), (edition.binding, binding))
    }
    _keep(hearing, msgspec.structs.replace(edition, **found))
    assert said in _text(pages.get("/mirror").text)


def test_before_the_first_night_there_is_a_button(pages: Pages) -> None:
    text = _text(pages.get("/mirror").text)
    assert "No mirror yet" in text
    assert "Make it now" in text


def test_it_is_leafed_through_by_day(hearing: Hearing, pages: Pages) -> None:
    _keep(hearing, full_edition())
    _keep(hearing, msgspec.structs.replace(full_edition(), last_day="2026-04-12", first_day="2026-04-12"))
    newest = pages.get("/mirror").text
    assert 'rel="prev" href="/mirror?day=2026-04-12"' in newest
    assert 'rel="next"' not in newest
    older = pages.get("/mirror", params={"day": "2026-04-12"}).text
    assert 'rel="next" href="/mirror?day=2026-04-13"' in older
    assert "about Sunday 12 April" in _text(older)


def test_a_day_that_is_no_day_shows_the_newest(hearing: Hearing, pages: Pages) -> None:
    _keep(hearing, full_edition())
    assert "about Monday 13 April" in _text(pages.get("/mirror", params={"day": "2026-13-41", "period": "aeon"}).text)
