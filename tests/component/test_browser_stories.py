"""Stories in a real browser: from the list to one, what is claimed noted and taken back, no alarm and undone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gehoor.core.alert import Alert, write_alert
from gehoor.core.clock import StillClock
from gehoor.core.reader import Reader
from tests.cast import LOYAL, NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

MINUTE_US = 60_000_000
BEGAN = NOON - 433 * MINUTE_US
STORM = Alert(
    id="noordvlucht/posts/1", brand="noordvlucht", measure="posts", level=3, n=612, expected=21.0, began_at=BEGAN,
    detected_at=BEGAN + 2 * MINUTE_US, probability=0.9999, n_people=214, peak_per_minute=31.0, normal_per_minute=0.4,
    roles={"customer": 14, "press": 3},
)  # fmt: skip
PAGE = "/stories/noordvlucht~posts~1"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearing, Serving, StillClock]]:
    hearing, clock = Hearing(tmp_path_factory.mktemp("stories") / "workspace", BRANDS), StillClock(NOON)
    hearing.hear_demo()
    with hearing.projector.engine.begin() as tx:
        tx.exec_driver_sql("DELETE FROM alert")
        write_alert(tx, STORM)
    with Serving(hearing, clock, owner=Deciding(hearing)) as running:
        yield hearing, running, clock
    hearing.close()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_see_and_use_stories(
    browser: "Browser", serving: tuple[Hearing, Serving, StillClock], width: int, scheme: str, language: str
) -> None:
    url = serving[1].url
    with opened(browser, url, width=width, scheme=scheme, language=language) as page:
        for path in ("/stories", PAGE):
            page.goto(url + path)
            assert page.evaluate("document.documentElement.lang") == language
            page.evaluate("document.fonts.ready")
            look(page, path)
        assert page.locator("svg.spreads:visible").count() == 1
        page.click("#spread-table summary")
        page.click(".claims details:first-of-type summary >> nth=0")
        look(page, f"{PAGE} with what opens")
        if width == 360:
            page.click(".more-rooms summary")
            look(page, "the other rooms")


def test_somebody_opens_a_story_says_what_is_true_and_that_it_is_no_alarm_and_takes_both_back(
    browser: "Browser", serving: tuple[Hearing, Serving, StillClock]
) -> None:
    hearing, running, _ = serving
    with opened(browser, running.url + "/stories") as page:
        page.click(".stories .what a >> nth=0")
        page.wait_for_selector("#story")
        assert "Na 2 min sloeg het alarm" in page.inner_text(".sum")
        page.click(".claims summary >> nth=0")
        page.fill(".claims input[name=note] >> nth=0", "Luchtvaartdienst: dicht tot 06:00")
        page.click(".claims button:has-text('Weten we niet') >> nth=0")
        page.wait_for_selector(".toast")
        assert "Weten we niet. Luchtvaartdienst: dicht tot 06:00" in page.inner_text("#claims")
        page.click(".toast button")
        page.wait_for_load_state()
        assert "Luchtvaartdienst" not in page.inner_text("#claims")
        page.click("text=Geen alarm")
        page.wait_for_selector(".toast")
        assert _verdict(hearing) == "false"
        page.click(".toast button")
        page.wait_for_load_state()
        assert _verdict(hearing) is None


def test_an_open_story_follows_what_is_heard_without_jumping(
    browser: "Browser", serving: tuple[Hearing, Serving, StillClock]
) -> None:
    hearing, running, clock = serving
    with opened(browser, running.url + PAGE) as page:
        page.wait_for_selector(".live.on:visible")
        page.click("#spread-table summary")
        page.evaluate("scrollTo(0, 600)")
        before = int(page.inner_text("#story .more a").split()[-1].replace(".", ""))
        clock.advance(10)
        hearing.hear([LOYAL.says("Nog steeds geen vlucht, noordvlucht", id="late", after_s=-5)])
        page.wait_for_selector(f"#story .more a:text-is('Alle {before + 1}')")
        assert page.evaluate("scrollY") == 600
        assert page.locator("#spread-table[open]").count() == 1


def _verdict(hearing: Hearing) -> str | None:
    reader = Reader(hearing.root)
    found = reader.alert(STORM.id)
    reader.close()
    assert found is not None
    return found.verdict
