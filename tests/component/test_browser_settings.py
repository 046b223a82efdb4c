"""Settings and the welcome in a real browser: by keyboard only, live while one types, for everybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gehoor.core.clock import StillClock
from tests.cast import NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.hearing import Hearing
from tests.component.scripted import Asked, Scripted, answer
from tests.component.serving import Serving
from tests.component.settling import Settling
from tests.component.whole import Whole, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

TOML = """[workspace]
name = "Noordvlucht"
[brands.koffers]
label = "Koffers"
query = '(koffer* OR bagage) -vacature lang:nl'
[sources.nieuws]
type = "feed"
urls = ["https://nieuws.example/feed"]
[receivers.winkel]
type = "segment"
write_key = "sleutel"
[senders.team]
type = "webhook"
url = "https://team.example/hook"
secret = "$TEAM"
[alerts]
to = ["team"]
[alerts.people.noor]
by = ["team"]
[desk]
owners = { refund = "finance" }
[[desk.policies]]
name = "Nu"
first_reply = 15
[webhooks.crm]
url = "https://crm.example/hook"
secret = "$CRM"
events = ["message.received"]
[[roster.shifts]]
who = ["Noor", "Sam"]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = ["08:30-12:30", "13:00-17:00"]
[[roster.shifts]]
who = ["Jan"]
days = ["thu", "fri", "sat"]
hours = ["22:00-06:00"]
kind = "on_call"
[[roster.shifts]]
who = ["Sam"]
days = ["wed"]
hours = ["08:30-17:00"]
kind = "absent"
"""
PAGES = (
    "/settings",
    "/settings/brands/koffers",
    "/settings/sources/new?kind=mastodon",
    "/settings/senders/new?kind=mail",
    "/welcome",
    "/welcome/brand",
    "/welcome/sources?kind=bluesky",
)
MORE_PAGES = (
    "/settings/sources/nieuws",
    "/settings/sources/new?kind=file",
    "/settings/receivers/winkel",
    "/settings/repliers/new?kind=mastodon-reply",
    "/settings/senders/team",
    "/settings/senders/new?kind=apprise",
    "/settings/repliers/new?kind=mail-reply",
    "/settings/people/noor",
    "/settings/webhooks/crm",
    "/settings/policies/1",
    "/settings/table/desk",
    "/settings/table/drafter",
    "/settings/table/slow",
    "/roster",
    "/roster/2",
)
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Nieuws</title><link>https://nieuws.example</link>
{items}</channel></rss>"""
ITEM = """<item><title>Acme {n}</title><link>https://nieuws.example/{n}</link><guid>{n}</guid>
<description>De app van Acme doet het niet, zegt lezer {n}.</description></item>"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    hearing = Hearing(tmp_path_factory.mktemp("settings") / "workspace", TOML)
    hearing.hear_demo()
    hearing.note_source("nieuws", "feed", "waiting", 0.0, "nieuws.example is not found: check the address.")
    with Serving(hearing, StillClock(NOON), owner=Settling(hearing)) as running:
        yield running.url
    hearing.close()


def _feed(_asked: Asked) -> bytes:
    items = "".join(ITEM.format(n=n) for n in range(4))
    return answer(200, FEED.format(items=items).encode(), Content_Type="application/rss+xml")


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_the_settings(browser: "Browser", url: str, width: int, scheme: str, language: str) -> None:
    with opened(browser, url + "/settings", width=width, scheme=scheme, language=language) as page:
        for path in (*PAGES, *MORE_PAGES):
            page.goto(url + path)
            assert page.evaluate("document.documentElement.lang") == language
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
            look(page, path)
        page.goto(url + "/settings/sources/new?kind=feed")
        page.click("button[value=save]")
        page.wait_for_selector(".wrong")
        look(page, "a form that is wrong")


def test_targets_of_the_settings_on_a_phone_are_large_enough(browser: "Browser", url: str) -> None:
    small = """() => [...document.querySelectorAll('nav a, button:not([aria-hidden]), select, textarea, summary,'
            + ' .tick, .kind, main .b:not([aria-hidden]),'
            + ' input:not([type=hidden], [type=checkbox], [type=radio])')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1)
        .filter(node => node.getBoundingClientRect().height < 43.5).map(node => node.outerHTML.slice(0, 120))"""
    with opened(browser, url + "/settings", width=360) as page:
        for path in (*PAGES, *MORE_PAGES):
            page.goto(url + path)
            assert page.evaluate(small) == [], path


def test_a_query_is_judged_while_somebody_types(browser: "Browser", url: str) -> None:
    with opened(browser, url + "/settings/brands/new") as page:
        page.focus("#brands-query")
        page.keyboard.type("koffer (weg OR kwijt")
        page.wait_for_selector("#look .wrong")
        assert page.inner_text("#look .caret").splitlines()[1].index("^") == len("koffer ")
        page.keyboard.type(")")
        page.wait_for_selector("#look .found")
        assert "berichten van de laatste 7 dagen gehoord" in page.inner_text("#look .found")
        assert page.input_value("#brands-query") == "koffer (weg OR kwijt)"


@contextmanager
def _running(root: Path, toml: str = "") -> Iterator[Whole]:
    """Run a whole gehoor; it is started from another thread, since this one has the browser's event loop."""
    gehoor = Whole(root, toml)
    try:
        with ThreadPoolExecutor(1) as other:
            other.submit(gehoor.start).result()
        yield gehoor
    finally:
        gehoor.end()
        gehoor.reader.close()


def _press(page: "Page", *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _reach(page: "Page", selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def _type(page: "Page", selector: str, text: str) -> None:
    _reach(page, selector)
    _press(page, "ControlOrMeta+a")
    page.keyboard.type(text)


def test_the_welcome_is_walked_by_keyboard_only_and_today_fills(browser: "Browser", tmp_path: Path) -> None:
    with (
        Scripted(_feed) as server,
        _running(tmp_path / "workspace") as gehoor,
        opened(browser, gehoor.url) as page,
    ):
        page.wait_for_url("**/welcome")
        _type(page, "#workspace-name", "Acme")
        _reach(page, "button[value=save]")
        _press(page, "Enter")
        page.wait_for_url("**/welcome/brand*")
        assert page.input_value("#brands-label") == "Acme"
        _reach(page, ".proposals button:nth-of-type(2)")
        _press(page, "Enter")
        page.wait_for_function("() => document.querySelector('#brands-query').value === 'acme*'")
        _type(page, "#brands-sentence", "Waarom doet acmeapp het niet?")
        _press(page, "Enter")
        page.wait_for_selector("#look .verdict-line")
        _reach(page, "button[value=save]")
        _press(page, "Enter")
        page.wait_for_url("**/welcome/sources*")
        _type(page, "#sources-urls", server.url + "/feed")
        _reach(page, ".more-options summary")
        _press(page, "Enter")
        _reach(page, "input[name=allow_private]")
        _press(page, "Space")
        _reach(page, "button[value=save]")
        _press(page, "Enter")
        page.wait_for_selector("#heard .voice")
        assert "zegt lezer" in page.inner_text("#heard")
        _reach(page, "a.go")
        _press(page, "Enter")
        page.wait_for_url(gehoor.url + "/")
        page.wait_for_function("() => document.querySelector('.lead')?.innerText.includes('4 berichten')")
        assert "Acme" in page.inner_text("body")


def test_a_new_receiver_opens_its_door_and_the_page_comes_back_by_itself(browser: "Browser", tmp_path: Path) -> None:
    with (
        _running(tmp_path / "workspace", '[brands.a]\nterms = ["acme"]\n') as gehoor,
        opened(browser, gehoor.url + "/settings/receivers/new?kind=segment", quiet=False) as page,
    ):
        page.click("button[value=save]")
        key = page.inner_text(".key")
        page.wait_for_selector("[data-ready]:visible")
        assert page.inner_text(".key") == key
        event = {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m1"}
        wait_for("the door is open", lambda: gehoor.post("/v1/track", event, key=key).status == 200)
        page.click("[data-ready] a")
        page.wait_for_selector("#set-sources >> text=segment")
        gehoor.parts = {child.pid: child for child in gehoor.owner.children(recursive=True)}
