"""*Mirror* in a real browser: for everybody, on a screen and on paper, with its drawers open, by thumb on a phone."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gehoor.core.clock import DAY_US, StillClock
from tests.cast import NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.mirrored import full_edition
from tests.component.serving import Serving
from tests.component.test_web_edition import SENDERS, keep

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

INTERVIEW = {"name": "Interview", "kind": "broadcast", "since": NOON - DAY_US, "until": NOON}
OPEN = "() => document.querySelectorAll('main details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    hearing = Hearing(tmp_path_factory.mktemp("mirror") / "workspace", BRANDS + SENDERS)
    keep(hearing, full_edition())
    owner = Deciding(hearing)
    with ThreadPoolExecutor(1) as pool:  # the browser has an event loop in this thread
        told = {"act": "add_moments", "arguments": {"moments": [INTERVIEW]}}
        pool.submit(asyncio.run, owner.call("mirror", **told)).result()
    with Serving(hearing, StillClock(NOON + DAY_US), owner=owner) as running:
        yield running
    hearing.close()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_read_the_mirror_and_what_is_under_it(
    browser: "Browser", serving: Serving, width: int, scheme: str, language: str
) -> None:
    with opened(browser, serving.url, width=width, scheme=scheme, language=language) as page:
        page.goto(f"{serving.url}/mirror")
        look(page, "/mirror")
        page.evaluate(OPEN)
        look(page, "/mirror, open")
        page.goto(f"{serving.url}/mirror/paper")
        look(page, "/mirror/paper")
        assert page.evaluate("document.documentElement.lang") == language


def test_edition_is_sent_round_by_keys_alone(browser: "Browser", serving: Serving) -> None:
    with opened(browser, f"{serving.url}/mirror", language="en") as page:
        page.focus(".send summary")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-toast]")
        assert "goes round: board" in page.inner_text("[data-toast]")


def test_paper_is_printed_without_what_one_cannot_press_on_it(browser: "Browser", serving: Serving) -> None:
    with opened(browser, f"{serving.url}/mirror", language="en") as page:
        page.emulate_media(media="print")
        shown = """() => [...document.querySelectorAll('main button, main input, main summary, .rail')]
            .filter(one => one.checkVisibility()).map(one => one.outerHTML.slice(0, 80))"""
        assert page.evaluate(shown) == []


def test_mirror_is_told_things_by_thumb_on_a_phone(browser: "Browser", serving: Serving) -> None:
    small = """() => [...document.querySelectorAll('main button, main summary, main select, main input, .send a')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1 && node.type !== 'checkbox')
        .filter(node => node.getBoundingClientRect().height < 43.5).map(node => node.outerHTML.slice(0, 120))"""
    with opened(browser, f"{serving.url}/mirror", width=360) as page:
        page.evaluate(OPEN)
        assert page.evaluate(small) == []
