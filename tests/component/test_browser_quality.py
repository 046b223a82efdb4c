"""Going through posts and *Quality* in a real browser: by keys alone, on a phone, for everybody."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.examples import Examples
from gehoor.core.promoted import model_folder, promote
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.refit import Figures, Refit, note_refit
from tests.cast import NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.serving import Serving
from tests.component.teaching import teach

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = ("/quality?task=intent", "/quality?task=need", "/quality/label", "/quality/label?only=random")
INTENTS = ("help", "complaint", "question", "praise", "improvement", "leaving", "other")
FAR = 100_000  # beyond what the demo says: these examples stand beside it


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearing, Serving]]:
    hearing = Hearing(tmp_path_factory.mktemp("quality") / "workspace", BRANDS)
    hearing.hear_demo()
    told = [(INTENTS[n % 7], INTENTS[(n + (n % 4 == 0)) % 7]) for n in range(120)]
    for n, pair in enumerate(told):
        facts = {"p": 0.35 + 0.6 * (n % 11) / 10, "language": ("nl", "en", "de")[n % 3]}
        teach(hearing, "intent", [pair], first=FAR + n, channel=("mastodon", "bluesky")[n % 2], **facts)
    teach(hearing, "need", [("app", "app"), ("refund", "invoice")] * 20, first=FAR)
    teach(hearing, "intent", [("help", "other")] * 9, first=2 * FAR, origin="correction")
    figures = Figures(n_examples=9, n_sample=310, n_right=250, n_right_before=241, n_gained=14, n_lost=5, p_worse=0.99)
    with hearing.projector.engine.begin() as tx:
        note_refit(tx, Refit(task="intent", version=1, at=NOON, outcome="promoted", figures=figures))
    model_folder(hearing.root, "intent", 1).mkdir(parents=True)
    promote(hearing.root, "intent", 1)
    with Serving(hearing, StillClock(NOON), owner=Deciding(hearing)) as running:
        yield hearing, running
    hearing.close()


def _said(hearing: Hearing) -> dict[tuple[int, str], str | None]:
    """Return what was said of posts of the demo."""
    said = Examples(Reader(hearing.root)).said()
    return {(example.seq, example.task): example.value for example in said if example.seq < FAR}


def _seq(page: "Page") -> int:
    return int(page.get_attribute("[data-ask] [name=seq]", "value") or 0)


def _next(page: "Page", key: str) -> int:
    """Press a key that ends with another post; return its number."""
    before = _seq(page)
    page.keyboard.press(key)
    page.wait_for_function(f"() => document.querySelector('[data-ask] [name=seq]').value !== '{before}'")
    page.wait_for_function("() => document.querySelector('.asked.here')")
    return _seq(page)


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_see_quality_and_go_through_posts(
    browser: "Browser", serving: tuple[Hearing, Serving], width: int, scheme: str, language: str
) -> None:
    with opened(browser, serving[1].url, width=width, scheme=scheme, language=language) as page:
        for path in PAGES:
            page.goto(serving[1].url + path)
            assert page.evaluate("document.documentElement.lang") == language
            look(page, path)


def test_what_is_measured_is_checked_by_keys_alone_and_taken_back(
    browser: "Browser", serving: tuple[Hearing, Serving]
) -> None:
    hearing, running = serving
    before = _said(hearing)
    with opened(browser, running.url + "/quality/label?only=random") as page:
        page.wait_for_selector(".asked.here")
        first = _seq(page)
        judged = Reader(hearing.root).posts(PostFilter(seq=first))[0]
        assert page.inner_text(".go span") == "Klopt"
        page.keyboard.press("ArrowDown")  # from spam to tone
        page.keyboard.press("ArrowRight")
        assert page.inner_text(".go span") == "Bewaar"
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("6")  # the sixth wish, and on to the next row
        second = _next(page, "Enter")
        said = {task: value for (seq, task), value in _said(hearing).items() if seq == first}
        assert (said["spam"], said["sentiment"], said["intent"]) == ("", judged.sentiment, "leaving")
        page.keyboard.press("u")
        page.wait_for_function(f"() => document.querySelector('[data-ask] [name=seq]').value === '{first}'")
        assert _said(hearing) == before
        page.wait_for_function("() => document.querySelector('.asked.here')")
        assert _next(page, "n") == second
        assert _said(hearing) == before


def test_one_key_says_that_a_head_is_right(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    hearing, running = serving
    n_before = len(_said(hearing))
    with opened(browser, running.url + "/quality/label?task=sentiment") as page:
        page.wait_for_selector(".asked.here")
        for _ in range(3):
            _next(page, "Enter")
        assert "3 vandaag" in page.inner_text(".progress")
    assert len(_said(hearing)) >= n_before + 3


def test_it_is_done_by_thumb_on_a_phone(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    small = """() => [...document.querySelectorAll('nav a, main button, summary, .answer, main .b, .helps .open')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1)
        .filter(node => node.getBoundingClientRect().height < 43.5).map(node => node.outerHTML.slice(0, 120))"""
    with opened(browser, serving[1].url, width=360) as page:
        for path in PAGES:
            page.goto(serving[1].url + path)
            assert page.evaluate(small) == [], path
        first = _seq(page)
        page.click(".answer >> nth=1")  # spam
        page.click(".go")
        page.wait_for_function(f"() => document.querySelector('[data-ask] [name=seq]').value !== '{first}'")
    assert _said(serving[0])[first, "spam"] == "person"


def test_a_post_is_corrected_in_every_judgement_by_keys_alone(
    browser: "Browser", serving: tuple[Hearing, Serving]
) -> None:
    hearing, running = serving
    seq = Reader(hearing.root).posts(PostFilter(kind="say"), 1)[0].seq
    with opened(browser, f"{running.url}/posts?seq={seq}") as page:
        page.keyboard.press("j")
        page.keyboard.press("e")
        page.click(f"#p{seq} form:has([value=urgency]) button[value=critical]")
        page.wait_for_selector("[data-toast]")
        assert "kan niet wachten" in page.inner_text(f"#p{seq} .judged .meta")
        page.keyboard.press("u")
        page.wait_for_function(f"() => !document.querySelector('#p{seq} .judged .meta').innerText.includes('wachten')")
