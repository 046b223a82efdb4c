"""A night in the life of a desk: one complaint by two ways, one answer that four eyes saw, and a satisfied customer.

Dovecot, an SMTP server and a Mastodon-like server are real; so is the browser, in which two of the team log in.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.component.browsing import opened, started
from tests.component.whole import wait_for
from tests.journey.night_shift import PASSWORD, NightShift

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.alone]

GRACE, ORDER = "grace@elders.example", "NV-318"
_MAIL = "Beste Noordvlucht, waar blijft mijn koffer? Ik wacht al drie dagen op antwoord."
_POST = "@ada Noordvlucht, mijn koffer is er nog steeds niet. Wie helpt mij?"
_CANNED = "Dag {name}, wat vervelend. We zoeken je koffer en bellen je vandaag."
_DAY_S = 86_400


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with started() as browser:
        yield browser


@contextmanager
def _logged_in(browser: "Browser", night: NightShift, mail: str) -> Iterator["Page"]:
    with opened(browser, f"{night.url}/login") as page:
        page.fill("[name=mail]", mail)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector("nav [data-room]")
        page.set_default_timeout(8_000)
        yield page


def test_a_night_in_the_life(browser: "Browser", tmp_path: Path) -> None:
    with NightShift(tmp_path / "workspace") as night:
        night.joins("Noor Ortiz", "admin", "noor@noordvlucht.example")
        night.joins("Sanne Kok", "agent", "sanne@noordvlucht.example")
        with (
            _logged_in(browser, night, "noor@noordvlucht.example") as lead,
            _logged_in(browser, night, "sanne@noordvlucht.example") as agent,
        ):
            _keeps_a_canned_reply(lead, night)
            number = _complains_twice(night, agent)
            _sees_one_conversation_beside_the_order(night, agent)
            _is_sent_once(night, number, agent, lead)
            _is_satisfied(browser, night, agent)
            _is_in_the_log(night, lead)
        _is_in_the_figures_of_tomorrow(browser, night)


def _keeps_a_canned_reply(lead: "Page", night: NightShift) -> None:
    lead.goto(f"{night.url}/snippets")
    lead.fill("[name=name]", "koffer")
    lead.select_option("[name=language]", "nl")
    lead.select_option("[name=need]", "delivery")
    lead.fill("[name=text]", _CANNED)
    lead.click("main .acts button")
    lead.wait_for_selector("[data-toast]")


def _complains_twice(night: NightShift, agent: "Page") -> str:
    """Let one person mail and post, while the inbox of who is on duty stands open."""
    night.orders(GRACE, ORDER)
    agent.goto(f"{night.url}/inbox")
    night.mails(GRACE, "Koffer weg", _MAIL)
    agent.wait_for_selector("#fresh a:has-text('1 nieuw gesprek')")
    agent.click("#fresh a")
    agent.wait_for_selector("[data-row] .has.me")  # it was given to her: she is on duty, and the lead is not
    agent.click("[data-row] > a")
    agent.wait_for_selector(".msg:has-text('waar blijft mijn koffer')")
    number = night.fedi.say(_POST)
    agent.wait_for_selector(".msg:has-text('nog steeds niet')")
    return number


def _sees_one_conversation_beside_the_order(night: NightShift, agent: "Page") -> None:
    agent.reload()
    agent.wait_for_selector(f".side .ord:has-text('{ORDER}')")
    assert agent.locator("[data-row]").count() == 1
    said = agent.inner_text("#thread")
    assert "waar blijft mijn koffer" in said and "nog steeds niet" in said and ORDER in said


def _is_sent_once(night: NightShift, number: str, agent: "Page", lead: "Page") -> None:
    agent.wait_for_selector("[data-offer]:has-text('We zoeken je koffer')")
    agent.click("[data-use]")
    _asks_for_a_second_look(agent, "Dag Grace, wat naar. We zoeken je koffer en bellen je vandaag.")
    lead.goto(f"{night.url}/inbox")
    lead.click("[data-row] > a")
    _approves(lead)
    agent.click("#thread form[action$=take_back] button")
    agent.wait_for_selector("[data-toast]:has-text('Teruggehaald')")
    assert agent.input_value("#text").startswith("Dag Grace, wat naar.")
    _asks_for_a_second_look(agent, "Dag Grace, wat naar. We zoeken je koffer en bellen je voor tien uur.")
    _approves(lead)
    night.clock.forward(11)
    wait_for("the answer is there", lambda: night.answers_to(number))
    night.clock.forward(60)
    agent.wait_for_selector(".ours:not(.waits):has-text('voor tien uur')")
    (said,) = night.answers_to(number)
    assert "voor tien uur" in said


def _asks_for_a_second_look(agent: "Page", text: str) -> None:
    agent.fill("#text", text)
    agent.press("#text", "Control+Enter")
    agent.wait_for_selector("[data-toast]:has-text('collega kijkt')")


def _approves(lead: "Page") -> None:
    lead.wait_for_selector("form[action$=approve] button")
    lead.click("form[action$=approve] button")
    lead.wait_for_selector("[data-toast]:has-text('10 tellen')")


def _is_satisfied(browser: "Browser", night: NightShift, agent: "Page") -> None:
    """Let it be resolved, and the customer say by the link in her mail how she was helped."""
    agent.evaluate("document.activeElement.blur()")
    agent.keyboard.press("d")
    agent.wait_for_selector("[data-toast]:has-text('Klaar')")
    night.clock.forward(1_000)
    # once a minute it is looked who is to be asked: an answer that was not counted yet the first time is the next
    wait_for("she is asked", lambda: night.postbox.letters, within_s=150.0)
    (letter,) = night.postbox.letters
    body = letter.get_body()
    assert body is not None and GRACE in letter["To"]
    link = re.search(r"(/s/[\w-]+)\?score=5", body.get_content())
    assert link is not None
    with opened(browser, night.url + link[1] + "?score=5") as page:
        page.fill("textarea", "Snel geholpen, dank.")
        page.click("main button")
        page.wait_for_selector("text=Dank je wel")


def _is_in_the_log(night: NightShift, lead: "Page") -> None:
    """Find all that was done beside the conversation, and who looked at whom in the audit log."""
    lead.reload()
    lead.click(".past summary")
    told = lead.inner_text(".past")
    for line in (
        "gehoor gaf het aan wie op dienst is: Sanne Kok", "Sanne Kok vroeg om meekijken",
        "Noor Ortiz keurde een antwoord goed", "Sanne Kok haalde een antwoord terug", "Sanne Kok zette het op: klaar",
        "gehoor vroeg of het geholpen heeft", "de klant zei hoe goed het hielp, van 1 tot 5: 5",
    ):  # fmt: skip
        assert line in told, line
    lead.goto(f"{night.url}/audit")
    assert lead.locator("tr:has-text('Sanne Kok'):has-text('bekeek iemand')").count()


def _is_in_the_figures_of_tomorrow(browser: "Browser", night: NightShift) -> None:
    night.clock.forward(_DAY_S)
    with _logged_in(browser, night, "noor@noordvlucht.example") as lead:
        lead.goto(f"{night.url}/desk/report")
        told = lead.inner_text("main")
    assert "Niemand wacht op jullie." in told
    assert "1 van de 1 mensen die op antwoord wachtten kregen het" in told
    assert "1 van de 1 die het zeiden gaven een 4 of 5" in told
    assert "Snel geholpen, dank." in told
