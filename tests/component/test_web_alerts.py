"""Alerts as people see them: one bar on Today, a list, a page each; every number opens its posts."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.alert import Alert, Carrier, Crisis, Earlier, Factor, Lead, Quote, SharedLink, write_alert
from gehoor.core.clock import StillClock
from gehoor.core.message import Message
from gehoor.core.outbox import emit, settle_entry
from gehoor.web.alerts import name_of
from gehoor.web.app import app_of
from tests.cast import CRITIC, FAN, LOYAL, NOON, STRANGER
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

MINUTE_US = 60_000_000
ORIGIN = {"Origin": "http://localhost"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"

Pages = TestClient[Litestar]

SERIOUS = Alert(
    id="noordvlucht/complaint/1", brand="noordvlucht", measure="complaint", level=2,
    began_at=NOON - 10 * MINUTE_US, detected_at=NOON - 6 * MINUTE_US, n=9, expected=0.7,
    peak_per_minute=3.0, normal_per_minute=0.07, probability=0.97,
    first=Quote(seq=1, actor="a", actor_name="Gate D leeg", channel="bluesky", event_at=NOON, text="Gate D is leeg"),
    carriers=[Carrier(actor=CRITIC.actor, actor_name="Vluchtpraat", channel="mastodon", n=4)],
    channels={"mastodon": 9}, reach=41_200,
)  # fmt: skip


def _alert(hearing: Hearing, **changes: Any) -> Alert:
    alert = msgspec.structs.replace(SERIOUS, **changes)
    with hearing.projector.engine.begin() as tx:
        write_alert(tx, alert)
    return alert


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    hearing = Hearing(tmp_path / "workspace", BRANDS)
    hearing.hear(
        CRITIC.says(f"Slechte service van Noordvlucht, ik wacht al {n + 2} uur. Schandalig", after_s=-500 + 20 * n)
        for n in range(9)
    )
    hearing.hear([FAN.says("Fijne vlucht met Noordvlucht gehad", after_s=-400), LOYAL.says("Hoi", after_s=-300)])
    yield hearing
    hearing.close()


@pytest.fixture
def pages(hearing: Hearing, clock: StillClock) -> Iterator[Pages]:
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def test_an_empty_workspace_has_no_alerts_and_says_what_will_come(pages: Pages) -> None:
    assert "Nothing special yet. We're listening." in _text(pages.get("/alerts").text)
    assert 'class="alert' not in pages.get("/").text


def test_today_shows_the_gravest_alert_that_goes_on_and_how_many_more(hearing: Hearing, pages: Pages) -> None:
    _alert(hearing)
    _alert(hearing, id="crisis", level=3, measure="negative")
    _alert(hearing, id="over", level=3, ended_at=NOON - MINUTE_US)
    html = pages.get("/").text
    assert html.count('class="alert l') == 1
    page = _text(html)
    assert "Crisis Many more negative posts about Noordvlucht than usual" in page
    assert "1 more alert" in page
    assert "13 times as many as normal" in page
    assert "97% sure" in page


def test_a_false_alarm_shouts_no_more(hearing: Hearing, pages: Pages) -> None:
    alert = _alert(hearing)
    told = _text(pages.post(f"/alerts/{name_of(alert.id)}/verdict", data={"value": "false"}, headers=ORIGIN).text)
    assert "Noted: a false alarm." in told
    html = pages.get("/").text
    assert 'class="alert' not in html
    assert "Alert 13:54" not in html
    assert name_of(alert.id) in pages.get("/alerts?state=false").text
    assert "No alert of this kind." in _text(pages.get("/alerts?state=open").text)
    undone = pages.post(f"/alerts/{name_of(alert.id)}/verdict", data={"value": "", "undo": "yes"}, headers=ORIGIN).text
    assert "Your verdict is gone." in _text(undone)
    assert 'class="alert' in pages.get("/").text


def test_the_curve_marks_when_the_alarm_was_raised(hearing: Hearing, pages: Pages) -> None:
    _alert(hearing)
    html = pages.get("/").text
    row = next(row for row in re.findall(r"(?s)<tr data-at.*?</tr>", html) if "Alert 13:54" in row)
    assert "13:50" in _text(row)
    assert "/alerts/noordvlucht~complaint~1" in row


def test_an_alert_of_another_brand_stays_off_a_brands_own_page(hearing: Hearing, pages: Pages) -> None:
    _alert(hearing, brand="")
    assert 'class="alert' not in pages.get("/?brand=noordvlucht").text
    assert 'class="alert' in pages.get("/").text


def test_the_page_of_an_alert_opens_exactly_the_posts_that_it_counts(hearing: Hearing, pages: Pages) -> None:
    alert = _alert(hearing)
    html = pages.get(f"/alerts/{name_of(alert.id)}").text
    links = re.findall(r'<a class="open" href="(/posts\?[^"]+)">(\d+)</a>', html)
    assert any(n == "9" for _, n in links)
    for href, n in links:
        assert pages.get(unescape(href)).text.count("data-post") == int(n)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("channel", "mastodon", "It stands out most on Mastodon."),
        ("motive", "price", "One subject stands out: price."),
        ("term", "gate", "One word stands out: gate."), ("link", HOSTILE, "One link stands out, shared by many"),
    ],
)  # fmt: skip
def test_the_page_of_an_alert_says_what_leads_it_and_which_links_go_round(
    hearing: Hearing, pages: Pages, kind: Any, value: str, said: str
) -> None:
    links = [SharedLink(url="https://news.example/a", n_people=4), SharedLink(url="javascript:alert(1)", n_people=3)]
    alert = _alert(hearing, lead=Lead(kind, value), links=links)
    html = pages.get(f"/alerts/{name_of(alert.id)}").text
    assert said in _text(html)
    assert 'href="https://news.example/a"' in html
    assert "4 people" in _text(html)
    assert 'href="javascript' not in html
    assert HOSTILE not in html


def test_the_page_of_an_alert_says_who_began_how_strong_and_how_sure(hearing: Hearing, pages: Pages) -> None:
    page = _text(pages.get(f"/alerts/{name_of(_alert(hearing).id)}").text)
    for said in (
        "Serious, going on",
        "The first voice was Gate D leeg, at 14:00 on bluesky.", "After 4 min we raised the alarm.",
        "As strong as this comes by chance once in 32 weeks.", "41,200", "normal: 0.7",
        "Nobody yet: it is not set who gets an alert.",
    ):  # fmt: skip
        assert said in page


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("posts", "Many more posts about Noordvlucht than usual"),
        ("authors", "Many more people than usual are talking about Noordvlucht"),
        ("help", "Many more calls for help about Noordvlucht than usual"),
        ("leaving", "Many more people than usual say about Noordvlucht that they want to leave"),
    ],
)
def test_each_measure_has_its_own_sentence(hearing: Hearing, pages: Pages, measure: str, said: str) -> None:
    _alert(hearing, measure=measure)
    assert said in _text(pages.get("/alerts").text)


def test_what_was_told_to_whom_is_shown_and_what_is_uncertain_can_be_sent_again(hearing: Hearing, pages: Pages) -> None:
    alert = _alert(hearing)
    payload = msgspec.json.encode(Message(type="alert.began", at=NOON - 5 * MINUTE_US, title="x", text="y"))
    with hearing.projector.engine.begin() as tx:
        for sender, state in (("mail", "sent"), ("hook", "unknown"), ("chat", "failed")):
            emit(tx, f"alert:{alert.id}:began:{sender}", sender, payload)
            settle_entry(tx, f"alert:{alert.id}:began:{sender}", state, f"receipt of {sender}")  # type: ignore[arg-type]  # states of the outbox
    html = pages.get(f"/alerts/{name_of(alert.id)}").text
    page = _text(html)
    assert "mail told receipt of mail" in page
    assert "hook we don't know: the line broke" in page
    assert html.count("/send") == 2
    key = f"alert:{alert.id}:began:hook"
    told = pages.post(f"/alerts/{name_of(alert.id)}/send", data={"key": key}, headers=ORIGIN).text
    assert "It is sent once more." in _text(told)
    assert "hook about to be told" in _text(told)


def test_words_that_are_gone_are_not_missed(hearing: Hearing, pages: Pages) -> None:
    gone = Quote(seq=1, actor=None, actor_name=None, channel="bluesky", event_at=NOON, text="")
    alert = _alert(hearing, first=gone, quotes=[gone], carriers=[], channels={}, reach=None)
    for path in ("/", "/alerts", f"/alerts/{name_of(alert.id)}"):
        assert pages.get(path).status_code == 200
    assert "The words are gone" in _text(pages.get(f"/alerts/{name_of(alert.id)}").text)


def test_hostile_words_in_an_alert_stay_words(hearing: Hearing, pages: Pages) -> None:
    quote = Quote(
        seq=1, actor=HOSTILE, actor_name=HOSTILE, channel=HOSTILE, event_at=NOON, text=HOSTILE, url="javascript:x"
    )
    carrier = Carrier(actor=HOSTILE, actor_name=HOSTILE, channel=HOSTILE, n=3)
    alert = _alert(hearing, first=quote, quotes=[quote], carriers=[carrier], channels={HOSTILE: 3}, brand="noordvlucht")
    for path in ("/", "/alerts", f"/alerts/{name_of(alert.id)}"):
        html = pages.get(path).text
        assert "<script>alert" not in html
        assert "<img" not in html


def test_an_alert_that_is_not_there_is_said_so(pages: Pages) -> None:
    assert pages.get("/alerts/nobody").status_code == 404
    assert "cannot be done any more" not in pages.get("/alerts").text


def test_the_rail_says_how_many_go_on(hearing: Hearing, pages: Pages) -> None:
    assert _text(pages.get("/alerts/count").text).strip() == ""
    _alert(hearing)
    assert _text(pages.get("/alerts/count").text).split() == [",", "1", "going", "on"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_label_of_an_alert_shows_its_bare_key(hearing: Hearing, pages: Pages, language: str) -> None:
    for level in (1, 2, 3):
        _alert(hearing, id=f"level-{level}", level=level, ended_at=NOON if level == 2 else None, expected=0.0)
    hearing.hear([STRANGER.says("Hallo")])
    for path in ("/", "/alerts", "/alerts/level-1", "/alerts/level-2", "/alerts?state=over&brand=noordvlucht"):
        page = _text(pages.get(path, headers={"Accept-Language": language}).text)
        assert re.findall(r"\b(?:alerts?|told|curve|drop|done|mend)\.[a-z_]+", page) == []


def test_who_looks_after_an_alert_stands_on_it_and_can_be_undone(hearing: Hearing, pages: Pages) -> None:
    path = f"/alerts/{name_of(_alert(hearing).id)}"
    told = _text(pages.post(f"{path}/seen", headers=ORIGIN).text)
    assert "Nobody else is woken for it." in told
    assert "Being looked after, since 14:00" in told
    assert "Being looked after" in _text(pages.get("/alerts").text)
    undone = _text(pages.post(f"{path}/seen", data={"undo": "yes"}, headers=ORIGIN).text)
    assert "Nobody looks after it now." in undone
    assert "Being looked after" not in undone


@pytest.mark.parametrize(("minutes", "until"), [("30", "14:30"), ("tomorrow", "15 Apr 08:00")])
def test_a_snoozed_alert_is_still_on_today_and_stands_in_the_list(
    hearing: Hearing, pages: Pages, minutes: str, until: str
) -> None:
    path = f"/alerts/{name_of(_alert(hearing).id)}"
    told = _text(pages.post(f"{path}/snooze", data={"minutes": minutes}, headers=ORIGIN).text)
    assert f"We are still about it until {until}" in told
    assert 'class="alert' not in pages.get("/").text
    assert f"still until {until}" in _text(pages.get("/alerts?state=open").text)
    assert _text(pages.get("/alerts/count").text).strip() == ""
    pages.post(f"{path}/snooze", data={"minutes": "0"}, headers=ORIGIN)
    assert 'class="alert' in pages.get("/").text


def test_who_somebody_is_takes_one_click_and_is_undone(hearing: Hearing, pages: Pages) -> None:
    path = f"/alerts/{name_of(_alert(hearing).id)}"
    who = {"channel": "mastodon", "actor": str(CRITIC.actor)}
    assert "Who is this?" in _text(pages.get(path).text)
    told = pages.post(f"{path}/role", data=who | {"role": "press"}, headers=ORIGIN).text
    assert "Noted: Press." in _text(told)
    assert "Who is this?" not in _text(told)
    undone = pages.post(f"{path}/role", data=who, headers=ORIGIN).text
    assert "Who is this?" in _text(undone)


@pytest.mark.parametrize(
    ("said", "shown"),
    [((1, 1, 1, 1, 1), []), ((40, 2, 2, 1, 1), ["Voice 0"]), ((9, 8, 1, 1, 1), ["Voice 0", "Voice 1"])],
)
def test_only_who_says_much_more_than_the_others_carries_an_alert(
    hearing: Hearing, pages: Pages, said: tuple[int, ...], shown: list[str]
) -> None:
    carriers = [Carrier(actor=f"v{i}", actor_name=f"Voice {i}", channel="mastodon", n=n) for i, n in enumerate(said)]
    alert = _alert(hearing, carriers=carriers, channels={"mastodon": sum(said) + 20}, n_people=25)
    html = pages.get(f"/alerts/{name_of(alert.id)}").text
    card = html[html.index('id="carriers"') :].partition("</section>")[0]
    listed, _, others = card.partition('<details class="small under">')
    assert re.findall(r"Voice \d", listed) == shown
    assert ("Nobody stands out" in listed) == (not shown)
    assert [f"Voice {i}" for i in range(5)] == shown + re.findall(r"Voice \d", others)
    assert others.count('name="actor"') == 5 - len(shown)  # who they are can still be said


def test_what_makes_it_grave_and_what_came_of_others_stand_on_the_page(hearing: Hearing, pages: Pages) -> None:
    factors = [Factor("burst", 0.9, 0.6), Factor("negativity", 0.8, 0.4), Factor("reach", None, 0.0)]
    before = Earlier(
        id="noordvlucht/help/0", began_at=NOON - 9_000 * MINUTE_US, ended_at=NOON - 8_910 * MINUTE_US, level=2,
        peak_per_minute=14.0,
    )  # fmt: skip
    alert = _alert(hearing, crisis=Crisis(0.7, factors), earlier=[before], roles={"press": 2, "customer": 5})
    page = _text(pages.get(f"/alerts/{name_of(alert.id)}").text)
    assert "How much more than usual60%" in page
    assert "How far it reachesunknown" in page
    assert "14 a minute at its highest, over after 2 h" in page
    assert "Press2" in page


def test_an_alarm_that_was_missed_is_noted_with_its_time_and_brand_and_undone(hearing: Hearing, pages: Pages) -> None:
    form = {"at": "2026-04-14T13:30", "brand": "noordvlucht"}
    told = pages.post("/alerts/missed", data=form, headers=ORIGIN).text
    assert "Noted: we missed that one." in _text(told)
    assert "Missed 1 as people marked them" in _text(told)
    assert "13:30 · Noordvlucht" in _text(told)
    undo = dict(re.findall(r'name="(undo|brand|micros)" value="([^"]+)"', told))
    undone = pages.post("/alerts/missed", data=undo, headers=ORIGIN).text
    assert "Missed 0" in _text(undone)


@pytest.mark.parametrize(
    "form", [{"at": "x"}, {"at": ""}, {"at": "2026-04-14T13:30", "brand": "nobody"}, {"at": "2199-01-01T00:00"}]
)
def test_a_moment_that_is_none_is_refused(pages: Pages, form: dict[str, str]) -> None:
    assert "cannot be done any more" in _text(pages.post("/alerts/missed", data=form, headers=ORIGIN).text)


def test_false_alarms_are_counted_over_the_weeks_with_their_range(hearing: Hearing, pages: Pages) -> None:
    assert "A week of listening is needed first." in _text(pages.get("/alerts").text)
    hearing.hear([FAN.says("Lang geleden al eens gevlogen", after_s=-21 * 86_400)])
    _alert(hearing)
    pages.post(f"/alerts/{name_of(SERIOUS.id)}/verdict", data={"value": "false"}, headers=ORIGIN)
    page = _text(pages.get("/alerts").text)
    assert "False alarms a week 0.3 between 0 and 1.9, if it goes on like this" in page
    assert "False: 1 of 1 alerts, 1 judged. You allow 1 a week." in page
