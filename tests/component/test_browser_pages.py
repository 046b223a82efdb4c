"""The pages in a real browser: they fill by themselves, complain of nothing, and everybody can use them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from gehoor.core.alert import Alert, Carrier, Quote, write_alert
from gehoor.core.clock import StillClock
from gehoor.core.page import RawPage
from gehoor.core.reader import PostFilter, Reader
from tests.cast import CRITIC, FAN, HOPPER, LOYAL, NOON, SPAMMER
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

EVERY_PAGE = (
    "/",
    "/?period=week&brand=noordvlucht",
    "/posts",
    "/posts?words=koffer&sentiment=negative",
    "/posts?kind=spam",
    "/posts/dropped",
    "/alerts",
    "/needs?period=all",
    "/alerts/storm",
    "/sources",
    "/nowhere",
)
MINUTE_US = 60_000_000
STORM = Alert(
    id="storm", brand="noordvlucht", measure="complaint", level=3, began_at=NOON - 240 * MINUTE_US,
    detected_at=NOON - 236 * MINUTE_US, n=60, expected=4.6, probability=0.97,
    peak_per_minute=5.0, normal_per_minute=0.02, channels={"bluesky": 40, "mail": 20},
    first=Quote(seq=40, actor="a", actor_name="Gate D leeg", channel="bluesky", event_at=NOON, text="Gate D is leeg?"),
    quotes=[Quote(seq=41, actor="b", actor_name=None, channel="mail", event_at=NOON, text="مرحبا " * 30)],
    carriers=[Carrier(actor="a", actor_name="Gate D leeg", channel="bluesky", n=3)],
)  # fmt: skip
SOURCE = '[sources.everybody]\ntype = "file"\npath = "x.jsonl"\nkeep = "brands"\n'
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 12


def _warn(hearing: Hearing, alert: Alert) -> None:
    with hearing.projector.engine.begin() as tx:
        write_alert(tx, alert)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearing, Serving]]:
    hearing = Hearing(tmp_path_factory.mktemp("browser") / "workspace", BRANDS + SOURCE)
    hearing.hear_demo()
    hearing.hear([LOYAL.says(LONG), LOYAL.says("\u202e" + LONG, after_s=3), FAN.says("مرحبا، أين حقيبتي؟", after_s=4)])
    hearing.note_source("day", "file", "running", 37.0)
    hearing.note_source(
        "a-source-with-a-rather-long-name-that-goes-on", "file", "waiting", 0.0, "The site asks us to wait."
    )
    hearing.hear_page(
        RawPage(source="rest", decoder="plain", payload=b'{"id": 1, "text": ' + b"x" * 3_000, received=NOON)
    )
    hearing.hear([SPAMMER.says("Klik hier: gratis spins! Win een iPhone https://t.me/x", after_s=5)])
    hearing.hear([HOPPER.says("Lekker weer vandaag, wie gaat er mee naar zee?")], source="everybody")
    hearing.note_source("everybody", "file", "stopped", 0.0, "The server refuses our password.")
    _warn(hearing, STORM)
    with Serving(hearing, StillClock(NOON + 60_000_000), owner=Deciding(hearing)) as running:
        yield hearing, running
    hearing.close()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_every_page(
    browser: "Browser", serving: tuple[Hearing, Serving], width: int, scheme: str, language: str
) -> None:
    url = serving[1].url
    with opened(browser, url, width=width, scheme=scheme, language=language, quiet=False) as page:
        for path in EVERY_PAGE:
            page.goto(url + path)
            page.evaluate("document.fonts.ready")
            assert page.evaluate("document.documentElement.lang") == language
            look(page, path)


@pytest.mark.parametrize("path", EVERY_PAGE[:-1])
def test_no_page_makes_the_browser_complain(browser: "Browser", serving: tuple[Hearing, Serving], path: str) -> None:
    with opened(browser, serving[1].url + path) as page:  # fails in the end if the browser complained
        page.wait_for_selector(".live.on:visible")
        page.wait_for_timeout(300)
        assert page.is_visible(".live.on")


def test_today_fills_by_itself_and_nothing_that_is_open_closes(
    browser: "Browser", serving: tuple[Hearing, Serving]
) -> None:
    hearing, running = serving
    with opened(browser, running.url) as page:
        page.wait_for_selector(".live.on:visible")
        page.click("#curve-table summary")
        page.evaluate("window.stays = document.querySelector('#curve canvas')")
        before = page.inner_text(".lead")
        height = page.evaluate("document.querySelector('.grid').getBoundingClientRect().top")
        hearing.hear(FAN.says(f"Wat een fijne vlucht, bedankt {n}!", after_s=n - 60) for n in range(25))
        page.wait_for_function("before => document.querySelector('.lead').innerText !== before", arg=before)
        assert page.evaluate("document.getElementById('curve-table').open")
        assert page.evaluate("window.stays === document.querySelector('#curve canvas')"), "the curve was drawn anew"
        assert page.evaluate("document.querySelector('.grid').getBoundingClientRect().top") == height
        assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_the_curve_is_drawn_and_opens_its_posts(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    with opened(browser, serving[1].url) as page:
        page.wait_for_selector("#curve canvas")
        page.wait_for_function(
            "() => { const c = document.querySelector('#curve canvas');"
            " return new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size > 20 }"
        )
        box = page.locator("#curve").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.6)
        page.wait_for_url("**/posts?*since=*")


def test_new_posts_wait_above_the_list_and_nothing_jumps(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    hearing, running = serving
    with opened(browser, running.url + "/posts") as page:
        page.wait_for_selector(".live.on:visible")
        first = page.inner_text(".post >> nth=0")
        top = page.evaluate("document.querySelector('.post').getBoundingClientRect().top")
        hearing.hear([CRITIC.says("Dit is net gezegd.", after_s=1), CRITIC.says("En dit ook.", after_s=2)])
        page.wait_for_selector(".newer")
        assert page.inner_text(".newer") == "2 nieuwe"
        assert page.inner_text(".post >> nth=0") == first
        assert page.evaluate("document.querySelector('.post').getBoundingClientRect().top") == top
        page.click(".newer")
        page.wait_for_function("document.querySelector('.post').innerText.includes('En dit ook.')")


def test_keys_go_where_they_say(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    with opened(browser, serving[1].url) as page:
        page.keyboard.press("g")
        page.keyboard.press("p")
        page.wait_for_url("**/posts")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement === document.querySelectorAll('[data-post]')[1]")
        page.keyboard.press("/")
        page.keyboard.type("gkoffer?")
        assert page.input_value("#seek") == "gkoffer?"
        page.keyboard.press("Enter")
        page.wait_for_url("**words=gkoffer*")
        page.keyboard.press("?")
        assert page.is_visible("#keys")
        page.keyboard.press("Escape")
        assert not page.is_visible("#keys")


def test_light_and_dark_are_chosen_and_remembered(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    with opened(browser, serving[1].url) as page:
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("[data-theme-switch]:visible")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
        page.goto(serving[1].url + "/sources")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_lost_line_is_said_and_found_again(browser: "Browser", tmp_path: Path, clock: StillClock) -> None:
    hearing = Hearing(tmp_path / "workspace")
    with Serving(hearing, clock) as first:
        port = first.port
        with opened(browser, first.url, quiet=False) as page:
            page.wait_for_selector(".live.on:visible")
            first.stop()
            page.wait_for_selector(".live.off:visible")
            assert page.inner_text(".live:visible").startswith("niet live; laatste stand ")
            with Serving(hearing, clock, port):
                page.wait_for_selector(".live.on:visible")
    hearing.close()


def test_targets_on_a_phone_are_large_enough(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    small = """() => [...document.querySelectorAll(
            'nav a, button, select, input:not([type=hidden]), .needs a.open, .tonel a, summary')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1)
        .filter(node => node.getBoundingClientRect().height < 43.5).map(node => node.outerHTML.slice(0, 120))"""
    with opened(browser, serving[1].url, width=360) as page:
        for path in ("/", "/posts", "/posts/dropped", "/alerts", "/alerts/storm", "/sources"):
            page.goto(serving[1].url + path)
            assert page.evaluate(small) == [], path


def test_a_new_alert_appears_by_itself_and_only_one_shouts(
    browser: "Browser", tmp_path: Path, clock: StillClock
) -> None:
    hearing = Hearing(tmp_path / "workspace", BRANDS)
    hearing.hear([CRITIC.says("Mijn vlucht met Noordvlucht gaat niet, schandalig", after_s=-600)])
    with Serving(hearing, clock) as running, opened(browser, running.url) as page:
        page.wait_for_selector(".live.on:visible")
        assert page.query_selector(".alert") is None
        _warn(hearing, STORM)
        page.wait_for_selector(".alert.l3")
        page.wait_for_function("() => document.querySelector('.rail .count').innerText.includes('1')")
        _warn(hearing, msgspec.structs.replace(STORM, id="other", level=2))
        page.wait_for_function("() => document.querySelector('.alert .why').innerText.includes('nog 1 alarm')")
        assert page.locator(".alert").count() == 1
        page.wait_for_function("() => document.getElementById('said').textContent.includes('Alarm:')")
    hearing.close()


def test_a_judgement_is_corrected_and_put_back_by_keys_alone(
    browser: "Browser", serving: tuple[Hearing, Serving]
) -> None:
    hearing, running = serving
    hearing.hear([CRITIC.says("Waardeloos, mijn koffer is kwijt en ik ben boos", after_s=30)])
    seq = Reader(hearing.root).posts(PostFilter(words="waardeloos", actor=CRITIC.actor))[0].seq
    with opened(browser, f"{running.url}/posts?seq={seq}") as page:
        page.keyboard.press("j")
        page.keyboard.press("e")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-toast]")
        assert "toon is nu: neutraal" in page.inner_text("[data-toast]").lower()
        assert "neutraal" in page.inner_text(f"#p{seq} .tone")
        assert page.evaluate("document.activeElement.id") == f"p{seq}"
        page.keyboard.press("u")
        page.wait_for_function(f"() => document.querySelector('#p{seq} .tone').innerText.includes('negatief')")


def test_what_was_left_out_comes_back_with_one_click(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    with opened(browser, serving[1].url + "/posts/dropped") as page:
        page.click("[name=handle] + button")
        page.wait_for_selector("[data-toast]")
        assert "Teruggehaald" in page.inner_text("[data-toast]")


@pytest.mark.parametrize("path", ["/posts?kind=spam", "/alerts/storm", "/sources"])
def test_buttons_work_without_a_script(browser: "Browser", serving: tuple[Hearing, Serving], path: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="nl")
    page = context.new_page()
    page.goto(serving[1].url + path)
    page.click("main form[method=post] button >> nth=0")
    assert page.inner_text("[data-toast]").strip()
    assert page.url.startswith(serving[1].url + path.partition("?")[0])
    context.close()
