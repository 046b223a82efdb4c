"""Alerts in a real browser, as somebody on duty: look after it, put it off, no alarm and undone; on a phone as well."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gehoor.core.alert import Alert, Carrier, Crisis, Earlier, Factor, Lead, Quote, SharedLink, write_alert
from gehoor.core.clock import StillClock
from gehoor.core.reader import Reader
from gehoor.core.warned import Delay, note_delay
from tests.cast import NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MINUTE_US = 60_000_000
STORM = Alert(
    id="noordvlucht/complaint/1776160000", brand="noordvlucht", measure="complaint", level=3, n=612, expected=21.0,
    began_at=NOON - 240 * MINUTE_US, detected_at=NOON - 236 * MINUTE_US, probability=0.9999, n_people=214,
    peak_per_minute=31.0, normal_per_minute=0.4, channels={"bluesky": 400, "mail": 212}, reach=182_000,
    first=Quote(
        seq=40, actor="a", actor_name="Gate D leeg", channel="bluesky", event_at=NOON - 240 * MINUTE_US,
        text="Gate D is leeg, borden op “info volgt”. Weet iemand wat er aan de hand is?",
    ),
    quotes=[Quote(seq=41, actor="b", actor_name="Drie koffers", channel="mail", event_at=NOON, text="Waar slapen we?")],
    carriers=[
        Carrier(actor="a", actor_name="Gate D leeg", channel="bluesky", n=31),
        Carrier(actor="c", actor_name="De Stadskrant", channel="bluesky", n=12, role="press"),
    ],
    roles={"customer": 14, "press": 3, "official": 1},
    crisis=Crisis(
        0.97,
        [
            Factor("burst", 1.0, 0.3), Factor("negativity", 0.9, 0.36), Factor("spread", 0.66, 0.26),
            Factor("reach", None, 0.0), Factor("who", 0.4, 0.08),
        ],
    ),
    earlier=[
        Earlier(
            id="noordvlucht/help/1", began_at=NOON - 40_000 * MINUTE_US, ended_at=NOON - 39_400 * MINUTE_US, level=2,
            peak_per_minute=18.0,
        )
    ],
    lead=Lead("link", "https://nieuws.example/gate-d-leeg-en-niemand-weet-iets-van-de-vluchten-van-vandaag"),
    links=[SharedLink(url="https://nieuws.example/gate-d-leeg-en-niemand-weet-iets-van-de-vluchten", n_people=31)],
)  # fmt: skip
PAGE = "/alerts/noordvlucht~complaint~1776160000"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearing, Serving]]:
    hearing = Hearing(tmp_path_factory.mktemp("alerts") / "workspace", BRANDS)
    hearing.hear_demo()
    with hearing.projector.engine.begin() as tx:
        write_alert(tx, STORM)
        note_delay(tx, Delay(at=NOON, n=30, n_found=30, median_s=40, low_s=30, high_s=60, per_minute=12, days=2.5))
    with Serving(hearing, StillClock(NOON), owner=Deciding(hearing)) as running:
        yield hearing, running
    hearing.close()


def _alert(hearing: Hearing) -> Alert:
    found = Reader(hearing.root).alert(STORM.id)
    assert found is not None
    return found


def _undo(page: "Page") -> None:
    page.click(".toast button")
    page.wait_for_load_state()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_see_and_use_an_alert_and_how_well_alarms_do(
    browser: "Browser", serving: tuple[Hearing, Serving], width: int, scheme: str, language: str
) -> None:
    with opened(browser, serving[1].url, width=width, scheme=scheme, language=language) as page:
        for path in (PAGE, "/alerts"):
            page.goto(serving[1].url + path)
            assert page.evaluate("document.documentElement.lang") == language
            page.evaluate("document.fonts.ready")
            look(page, path)
            page.click("details.later summary, details.miss summary")
            look(page, f"{path} with what opens")


def test_somebody_on_duty_looks_after_it_puts_it_off_says_who_is_who_and_takes_all_back(
    browser: "Browser", serving: tuple[Hearing, Serving]
) -> None:
    hearing, running = serving
    with opened(browser, running.url + PAGE) as page:
        page.click("text=Ik kijk ernaar")
        page.wait_for_selector(".toast")
        assert _alert(hearing).acknowledged_at == NOON
        assert "Er kijkt iemand naar" in page.inner_text(".lvlchip")
        _undo(page)
        assert _alert(hearing).acknowledged_at is None
        page.click("text=Later")
        page.click("text=Over twee uur")
        page.wait_for_selector(".toast")
        assert _alert(hearing).snoozed_until == NOON + 120 * MINUTE_US
        page.goto(running.url)
        assert page.query_selector(".alert") is None
        page.goto(running.url + PAGE)
        page.click("text=Later")
        page.click("text=Toch niet later")
        page.wait_for_selector(".toast")
        assert _alert(hearing).snoozed_until is None
        page.click("text=Wie is dit?")
        page.click("#carriers button:has-text('Klant') >> visible=true")
        page.wait_for_selector(".toast")
        assert "Klant" in page.inner_text("#carriers")
        _undo(page)
        assert "Wie is dit?" in page.inner_text("#carriers")


def test_no_alarm_is_said_and_taken_back_on_a_phone(browser: "Browser", serving: tuple[Hearing, Serving]) -> None:
    hearing, running = serving
    with opened(browser, running.url + PAGE, width=360, language="en") as page:
        page.click("text=False alarm")
        page.wait_for_selector(".toast")
        assert _alert(hearing).verdict == "false"
        _undo(page)
        assert _alert(hearing).verdict is None
        page.goto(running.url + "/alerts")
        page.click("details.miss summary")
        page.fill("#missed-at", "2026-04-14T09:30")
        page.select_option("#missed-brand", "noordvlucht")
        page.click("text=Note it")
        page.wait_for_selector(".toast")
        assert "09:30" in page.inner_text("#proof")
        _undo(page)
        assert "09:30" not in page.inner_text("#proof")
