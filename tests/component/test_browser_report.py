"""How the desk does, in a real browser: for everybody, wide and narrow, light and dark, in both languages."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gehoor.core.clock import DAY_US, SECOND_US, StillClock
from tests.cast import LOYAL, NOON
from tests.component.awaiting import DESK, said, waiting
from tests.component.browsing import LOOKS, look, opened
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with waiting(tmp_path_factory.mktemp("report"), DESK) as (hearing, owner):
        for day in range(1, 31):
            words = [
                LOYAL.says(f"@noordvlucht Vraag {day}, kan iemand helpen?", id=f"d{day}n{n}", after_s=-day * 86_400 + n)
                for n in range(0, 18_000, 4_000)
            ]
            hearing.hear(words, received=NOON - day * DAY_US + 20_000 * SECOND_US)
        said(owner, "take", conversation=1)
        with Serving(hearing, StillClock(NOON), owner=owner) as running:
            yield running


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_see_how_the_desk_does(
    browser: "Browser", serving: Serving, width: int, scheme: str, language: str
) -> None:
    with opened(browser, f"{serving.url}/desk/report", width=width, scheme=scheme, language=language) as page:
        assert page.evaluate("document.documentElement.lang") == language
        shown = page.evaluate("[...document.querySelectorAll('svg.hours')].filter(one => one.checkVisibility()).length")
        assert shown == 1  # of tomorrow: nobody was answered yet, and words stand where that would be drawn
        look(page, "/desk/report")
