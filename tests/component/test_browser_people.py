"""*People* and *Person* in a real browser: from a post to its person, to who they are not, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.person_reader import PersonReader, name_of_person
from gehoor.core.person_value import note_fit, write_worth
from gehoor.core.reader import Reader
from gehoor.core.record import Activity, digest
from gehoor.run.people_fit import fit_people
from tests.cast import NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.customers import DID, HER, activities
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SMALL = """() => [...document.querySelectorAll('nav a, main button, summary, main .b, .people .nm')]
    .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1)
    .filter(node => node.getBoundingClientRect().height < 43.5).map(node => node.outerHTML.slice(0, 120))"""


_MAIL = Activity(
    id="mail-1", published=NOON, received=NOON, channel="mail", visibility="direct", actor="mail:saar@werk.example",
    actor_name="S. de Vries", text="Waar is mijn koffer? Ik bestelde als klant7@mail.example, @saar@toot.example.",
)  # fmt: skip


def _serving(folder: Path) -> Iterator[tuple[Hearing, Serving]]:
    hearing = Hearing(folder / "workspace", BRANDS)
    hearing.hear([*activities(), _MAIL])
    hearing.ledger.write_index()
    rows, fit = fit_people(hearing.root, NOON, lambda _: None)
    with hearing.projector.engine.begin() as tx:
        write_worth(tx, rows.to_pylist())
        note_fit(tx, fit)
    with Serving(hearing, StillClock(NOON), owner=Deciding(hearing)) as running:
        yield hearing, running
    hearing.close()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearing, Serving]]:
    yield from _serving(tmp_path_factory.mktemp("people"))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Hearing, Serving]]:
    """A shop of its own, for a test that changes who there is."""
    yield from _serving(tmp_path)


def _her(hearing: Hearing) -> str:
    return name_of_person(PersonReader(Reader(hearing.root)).accounts_of(digest("shop", HER))[0].person)


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_see_people_and_one_person(
    browser: "Browser", serving: tuple[Hearing, Serving], width: int, scheme: str, language: str
) -> None:
    hearing, running = serving
    her = f"/people/{_her(hearing)}"
    with opened(browser, running.url, width=width, scheme=scheme, language=language) as page:
        for path in ("/people", "/people?list=leaving", "/people?q=Saar", her, f"{her}/rights", "/people/proposed"):
            page.goto(running.url + path)
            assert page.evaluate("document.documentElement.lang") == language
            look(page, path)
            assert width > 400 or page.evaluate(SMALL) == [], path


def test_each_part_of_a_person_is_one_touch_away_on_a_phone(
    browser: "Browser", serving: tuple[Hearing, Serving]
) -> None:
    hearing, running = serving
    with opened(browser, f"{running.url}/people/{_her(hearing)}", width=360) as page:
        jumps = page.locator(".jumps a")
        for place in range(jumps.count()):
            jumps.nth(place).click()
            part = page.locator(str(jumps.nth(place).get_attribute("href")))
            assert 0 <= part.evaluate("node => node.getBoundingClientRect().top") < 600
            assert page.locator(".jumps").evaluate("node => node.getBoundingClientRect().top") >= 0
        assert jumps.count() == 6


def test_from_a_post_to_its_person_to_not_the_same_and_back(browser: "Browser", alone: tuple[Hearing, Serving]) -> None:
    hearing, running = alone
    whose = PersonReader(Reader(hearing.root)).accounts_of
    with opened(browser, f"{running.url}/posts?channel=bluesky") as page:
        page.click("text=saar >> nth=0")
        page.wait_for_url("**/people/*")
        assert page.inner_text("h1") == "Saar de Vries"
        assert "2 keer iets" in page.inner_text(".sum")
        assert page.locator(".chart.wide .ours").count() == 2
        assert page.locator(".chart.wide .ring").count() == 1
        page.click(".as-list summary")
        assert "bestelde" in page.inner_text(".as-list ol")
        page.click("#who .ev:has-text('saar') button >> nth=0")
        page.wait_for_selector("[data-toast]")
        assert "is iemand anders" in page.inner_text("[data-toast]")
        assert len(whose(digest("shop", HER))) == 1
        page.keyboard.press("u")
        page.wait_for_selector("[data-toast]:has-text('Teruggehaald')")
        assert {one.actor for one in whose(digest("shop", HER))} == {HER, DID}
        page.click("text=Alle berichten")
        page.wait_for_url("**/posts?*")


def _press(page: "Page", selector: str) -> None:
    """Walk to something with Tab, as who has no mouse does, and press it."""
    for _ in range(120):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return page.keyboard.press("Enter")
        page.keyboard.press("Tab")
    pytest.fail(f"no Tab reaches {selector}")


@pytest.mark.parametrize(
    ("language", "says"),
    [("nl", ("bestelde", "is iemand anders", "Teruggehaald")), ("en", ("ordered", "is somebody else", "Taken back"))],
)
def test_the_walk_from_a_post_to_the_orders_to_not_the_same_and_back_needs_no_mouse(
    browser: "Browser", alone: tuple[Hearing, Serving], language: str, says: tuple[str, str, str]
) -> None:
    (hearing, running), (ordered, apart, back) = alone, says
    whose = PersonReader(Reader(hearing.root)).accounts_of
    with opened(browser, f"{running.url}/posts?channel=bluesky", language=language) as page:
        _press(page, "a[href^='/people/']")
        page.wait_for_url("**/people/*")
        _press(page, ".as-list summary")
        assert ordered in page.inner_text(".as-list ol")
        _press(page, "#who .ev:first-child button")
        page.wait_for_selector(f"[data-toast]:has-text('{apart}')")
        assert len(whose(digest("shop", HER))) == 1
        page.keyboard.press("u")
        page.wait_for_selector(f"[data-toast]:has-text('{back}')")
        assert {one.actor for one in whose(digest("shop", HER))} == {HER, DID}
        _press(page, ".ph .b.go")
        page.wait_for_url("**/posts?*")


def test_what_the_law_gives_is_asked_for_twice_and_an_objection_is_taken_back(
    browser: "Browser", alone: tuple[Hearing, Serving]
) -> None:
    hearing, running = alone
    people = PersonReader(Reader(hearing.root))
    her = f"{running.url}/people/{_her(hearing)}"
    with opened(browser, f"{her}/rights") as page:
        with page.expect_download() as download:
            page.click("#export button")
        assert '"what":"activity"' in Path(download.value.path()).read_text(encoding="utf-8")
        assert list((hearing.root / "run").glob("export-*")) == []
        page.click("#forget button")
        page.wait_for_url("**sure=no*")
        assert "vinkje" in page.inner_text("[role=alert]")
        page.check("#object input")
        page.click("#object button")
        page.wait_for_url("**/people")
        assert people.accounts_of(digest("shop", HER)) == []
        page.keyboard.press("u")
        page.wait_for_selector("h1:has-text('Saar')")
        assert len(people.accounts_of(digest("shop", HER))) == 2
        page.goto(f"{running.url}/people/{_her(hearing)}/rights")
        page.check("#forget input")
        page.click("#forget button")
        page.wait_for_selector("[data-toast]:has-text('gewist')")
        assert people.accounts_of(digest("shop", HER)) == []
        assert "Saar" not in page.inner_text("main")
    acts = [one.act for one in people.looks()]
    assert acts.count("forget") == 1
    assert acts.count("export") == 1


def test_where_profiles_are_off_or_nobody_is_known_it_says_what_to_do(browser: "Browser", tmp_path: Path) -> None:
    for name, settings, said in (("off", "[know]\nprofiles = false\n", "uit"), ("none", "", "Nog niemand")):
        hearing = Hearing(tmp_path / name, BRANDS + settings)
        with (
            Serving(hearing, StillClock(NOON), owner=Deciding(hearing)) as running,
            opened(browser, f"{running.url}/people") as page,
        ):
            assert said in page.inner_text(".empty h2"), name
        hearing.close()


def test_counting_is_asked_for_shows_how_far_it_is_and_fills_the_lists(browser: "Browser", tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "workspace", BRANDS)
    hearing.hear(activities())
    with (
        Serving(hearing, StillClock(NOON), owner=Deciding(hearing)) as running,
        opened(browser, f"{running.url}/people", language="en") as page,
    ):
        page.click("text=Count now")
        page.wait_for_selector("#how .progress")
        page.wait_for_selector("text=Most valuable", timeout=90_000)
        assert "Counted on" in page.inner_text("#how")
        assert page.locator(".people .worth").count() > 10
    hearing.close()
