"""The inbox in a real browser: by keys alone, live, two people at once, and for everybody's eyes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.member import YOU
from gehoor.core.password import hash_password
from tests.cast import LOYAL, NOON, STRANGER
from tests.component.awaiting import ASKED, desk_of, said, told, waiting
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

Desk = tuple[Hearing, Deciding, Serving]
SMALL = """() => [...document.querySelectorAll('nav a, main button, summary, main .b, .it > a')]
    .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1)
    .filter(node => node.getBoundingClientRect().height < 39.5).map(node => node.outerHTML.slice(0, 120))"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with waiting(tmp_path) as (hearing, owner), Serving(hearing, StillClock(NOON), owner=owner) as running:
        yield hearing, owner, running


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_the_inbox(browser: "Browser", desk: Desk, width: int, scheme: str, language: str) -> None:
    _, owner, running = desk
    said(owner, "note", conversation=1, text="Koffer staat in hal 2.")
    said(owner, "label", conversation=1, add=["koffer"])
    with opened(browser, running.url, width=width, scheme=scheme, language=language) as page:
        for path in ("/inbox", "/inbox/1", "/inbox/1?at=person", "/inbox?view=resolved", "/inbox?q=niets"):
            page.goto(running.url + path)
            look(page, path)
            assert width > 400 or page.evaluate(SMALL) == [], path
        page.goto(f"{running.url}/inbox/1")
        for summary in (".why-now summary", ".acts > details:nth-of-type(1) > summary", ".acts .far > summary"):
            page.click(summary)
            look(page, summary)
            page.click(summary)
        if width > 400:
            page.keyboard.press("Escape")
            page.evaluate("document.activeElement.blur()")
            page.keyboard.press("?")
            look(page, "?")
            page.keyboard.press("Escape")
            page.keyboard.press("Control+k")
            look(page, "Ctrl K")


def test_a_day_by_keys_alone(browser: "Browser", desk: Desk) -> None:
    _, _, running = desk
    with opened(browser, f"{running.url}/inbox") as page:
        page.keyboard.press("j")
        page.wait_for_selector(".conv[data-conversation='1']")
        page.keyboard.press("a")
        page.wait_for_selector("[data-toast]:has-text('Het is van jou')")
        page.wait_for_selector("#c1 .has.me")
        page.keyboard.press("u")
        page.wait_for_selector("[data-toast]:has-text('Het staat weer')")
        page.keyboard.press("r")
        page.keyboard.type("We zoeken je koffer. ")
        page.wait_for_selector("[data-count]:has-text('21 van 300')")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("[data-toast]:has-text('10 tellen')")
        assert page.inner_text(".ours") == "We zoeken je koffer."
        page.keyboard.press("u")
        page.wait_for_selector("[data-toast]:has-text('Teruggehaald')")
        assert page.input_value("#text") == "We zoeken je koffer."


def test_notes_later_and_done_by_keys_alone(browser: "Browser", desk: Desk) -> None:
    hearing, _, running = desk
    with opened(browser, f"{running.url}/inbox/1") as page:
        page.keyboard.press("n")
        page.keyboard.type("Hal 2.")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".note:has-text('Hal 2.')")
        page.keyboard.press("z")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-toast]:has-text('Komt terug')")
        page.wait_for_selector("#c1.gone")
        page.keyboard.press("j")
        page.wait_for_selector(".conv[data-conversation='2']")
        page.keyboard.press("d")
        page.wait_for_selector("[data-toast]:has-text('Klaar')")
    statuses = {row.id: row.status for row in desk_of(hearing).inbox("is:all", YOU).rows}
    assert statuses == {1: "snoozed", 2: "resolved"}


def test_a_message_that_came_in_between_is_shown_and_the_words_stay(browser: "Browser", desk: Desk) -> None:
    hearing, _, running = desk
    with opened(browser, f"{running.url}/inbox/1") as page:
        page.fill("#text", "We zoeken je koffer.")
        hearing.hear([LOYAL.says("@noordvlucht Laat maar, help mij met mijn vlucht?", id="q3", to="q1")])
        page.press("#text", "Control+Enter")
        page.wait_for_selector(".changed:has-text('Er kwam net een bericht bij')")
        assert page.input_value("#text") == "We zoeken je koffer."
        assert "Laat maar" in page.inner_text(".msg.new")
        page.press("#text", "Control+Enter")
        page.wait_for_selector("[data-toast]:has-text('10 tellen')")


def test_what_comes_in_shows_within_a_moment_and_the_list_does_not_jump(browser: "Browser", desk: Desk) -> None:
    hearing, _, running = desk
    with opened(browser, f"{running.url}/inbox/1") as page:
        page.wait_for_selector(".conv[data-conversation='1']")
        page.wait_for_selector(".live.on", state="attached")
        hearing.hear([
            LOYAL.says("@noordvlucht En nu? Kan iemand mij helpen?", id="q3", to="q1"),
            STRANGER.says(ASKED.replace("koffer", "rolstoel"), id="q4"),
        ])  # fmt: skip
        page.wait_for_selector(".msg:has-text('En nu?')")
        page.wait_for_selector("#fresh a:has-text('1 nieuw gesprek')")
        assert page.locator("[data-row]").count() == 2
        page.click("#fresh a")
        page.wait_for_url("**/inbox")
        assert page.locator("[data-row]").count() == 3


def test_several_are_picked_with_keys_and_put_back(browser: "Browser", desk: Desk) -> None:
    hearing, _, running = desk
    with opened(browser, f"{running.url}/inbox/1") as page:
        page.keyboard.press("x")
        page.keyboard.press("j")
        page.wait_for_selector(".conv[data-conversation='2']")
        page.keyboard.press("x")
        assert page.inner_text("[data-picked]") == "2 gekozen"
        page.click("#bulk [value=resolve]")
        page.wait_for_selector(".calm:has-text('Iedereen heeft antwoord')")
        page.wait_for_load_state()
        page.keyboard.press("u")
        page.wait_for_selector("#c2")
    assert desk_of(hearing).counts({"open": "is:open"}, YOU) == {"open": 2}


def test_what_is_picked_while_the_list_is_renewed_stays_picked(browser: "Browser", desk: Desk) -> None:
    _, _, running = desk
    with opened(browser, f"{running.url}/inbox/1") as page:
        held: list[Route] = []
        page.route("**/inbox/rows*", lambda route: held.append(route))  # noqa: PLW0108  # a builtin is not taken
        with page.expect_request("**/inbox/rows*"):
            page.evaluate("document.body.dispatchEvent(new Event('desk'))")
        page.keyboard.press("x")
        with page.expect_response("**/inbox/rows*") as renewed:
            held[0].continue_()
        renewed.value.finished()
        page.wait_for_timeout(50)  # its lines are put in place
        assert page.inner_text("[data-picked]") == "1 gekozen"
        assert page.is_checked("#c1 .pick")


def test_keys_are_ones_own_and_everything_is_found_by_name(browser: "Browser", desk: Desk) -> None:
    _, owner, running = desk
    said(owner, "snippet", name="excuus", language="nl", text="Wat vervelend, {naam}.")
    with opened(browser, f"{running.url}/inbox/1") as page:
        page.keyboard.press("?")
        page.click("[data-remap=take]")
        page.keyboard.press("y")
        page.keyboard.press("Escape")
        page.reload()
        page.keyboard.press("y")
        page.wait_for_selector("[data-toast]:has-text('Het is van jou')")
        page.keyboard.press("Control+k")
        page.keyboard.type("wacht op de")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-toast]:has-text('Wacht nu op de klant')")
        page.keyboard.press("r")
        page.keyboard.type(";exc")
        page.keyboard.press("Enter")
        assert page.input_value("#text") == "Wat vervelend, M. de Vries."


def test_text_that_was_not_sent_is_there_after_a_reload(browser: "Browser", desk: Desk) -> None:
    _, _, running = desk
    with opened(browser, f"{running.url}/inbox/1") as page:
        page.fill("#text", "Half een zin")
        page.reload()
        assert page.input_value("#text") == "Half een zin"


def test_a_phone_shows_the_list_then_the_conversation_then_the_person(browser: "Browser", desk: Desk) -> None:
    _, _, running = desk
    with opened(browser, f"{running.url}/inbox", width=360) as page:
        page.click("#c1 > a")
        page.wait_for_selector(".conv h1:visible")
        assert not page.is_visible("#rows")
        page.click(".to-person")
        page.wait_for_selector(".side .nm:visible")
        assert not page.is_visible(".conv h1")
        page.click(".side .back")
        page.wait_for_selector(".conv h1:visible")
        page.click(".conv .back")
        page.wait_for_selector("#rows:visible")


def _writes(page: "Page", text: str) -> None:
    page.focus("#text")
    page.keyboard.type(text)


def test_two_who_write_are_both_told(browser: "Browser", desk: Desk) -> None:
    _, owner, running = desk
    for name, mail in (("Sanne Kok", "sanne@example.org"), ("Noor Ortiz", "noor@example.org")):
        _add(owner, name, mail)
    with (
        opened(browser, f"{running.url}/login") as hers,
        opened(browser, f"{running.url}/login") as theirs,
    ):
        for page, mail in ((hers, "sanne@example.org"), (theirs, "noor@example.org")):
            page.fill("[name=mail]", mail)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_selector("nav [data-room]")
            page.goto(f"{running.url}/inbox/1")
        theirs.wait_for_selector(".both:has-text('Sanne Kok kijkt hier ook')")
        _writes(hers, "Hallo")
        theirs.wait_for_selector(".both:not(.seen)")
        assert theirs.inner_text(".both") == "Jij en Sanne Kok schrijven allebei."


PASSWORD = "een lange zin zonder regels"


def _add(owner: Deciding, name: str, mail: str) -> None:
    who = {"name": name, "mail": mail, "roles": ["admin"], "password": hash_password(PASSWORD)}
    told(owner, "team", "add", who)
