"""*Loyalty* and *Segments* in a real browser: for everybody, by keys alone, counted while somebody types."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gehoor.core.clock import StillClock
from tests.cast import LEAVER, NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.serving import Serving
from tests.component.test_loyalty import example_orders

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PAGES = ("/loyalty", "/segments", "/segments?rule=orders+%3E%3D+3", "/segments?rule=loyalty+%3D+lost")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    hearing = Hearing(tmp_path_factory.mktemp("loyalty") / "workspace", BRANDS)
    hearing.hear([*example_orders(), *(LEAVER.says(f"Ik stap over naar {n}, de prijs", after_s=-n) for n in range(3))])
    owner = Deciding(hearing)
    with ThreadPoolExecutor(1) as pool:  # the browser has an event loop in this thread
        pool.submit(asyncio.run, owner.call("loyalty")).result()
    with Serving(hearing, StillClock(NOON), owner=owner) as running:
        yield running
    hearing.close()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_see_loyalty_and_build_a_segment(
    browser: "Browser", serving: Serving, width: int, scheme: str, language: str
) -> None:
    with opened(browser, serving.url, width=width, scheme=scheme, language=language) as page:
        for path in PAGES:
            page.goto(serving.url + path)
            assert page.evaluate("document.documentElement.lang") == language
            look(page, path)
        page.goto(f"{serving.url}/loyalty")
        shown = page.evaluate("[...document.querySelectorAll('svg.flow')].filter(one => one.checkVisibility()).length")
        assert shown == 1


def test_it_is_counted_while_somebody_types_and_an_error_points(browser: "Browser", serving: Serving) -> None:
    with opened(browser, f"{serving.url}/segments", language="en") as page:
        page.focus("#rule")
        page.keyboard.type("loyalty = leaving")
        page.wait_for_function("() => document.querySelector('#found').innerText.includes('10 people')")
        page.keyboard.type(" and")
        page.wait_for_function("() => document.querySelector('#found .error')")
        assert page.inner_text("#found pre").splitlines()[1].index("^") == len("loyalty = leaving ")
        assert page.evaluate("document.activeElement.id") == "rule"


def test_segment_is_built_kept_and_left_by_keys_alone(browser: "Browser", serving: Serving) -> None:
    with opened(browser, f"{serving.url}/segments", language="en") as page:
        page.focus("#column")
        page.keyboard.type("loyalty")
        page.wait_for_function("() => document.querySelector('select#value')")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("lea")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#name")
        assert page.input_value("#rule") == "loyalty = leaving"
        page.focus("#name")
        page.keyboard.type("Gaan weg")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-toast]")
        assert "Gaan weg" in page.inner_text(".side .rows")
        page.keyboard.press("u")
        page.wait_for_function("() => !document.querySelector('.side .rows')")


def test_it_is_done_by_thumb_on_a_phone(browser: "Browser", serving: Serving) -> None:
    small = """() =>
        [...document.querySelectorAll('nav a, main button, summary, main select, .needs .open, .ready .open')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1)
        .filter(node => node.getBoundingClientRect().height < 43.5).map(node => node.outerHTML.slice(0, 120))"""
    with opened(browser, serving.url, width=360) as page:
        for path in PAGES:
            page.goto(serving.url + path)
            assert page.evaluate(small) == [], path
