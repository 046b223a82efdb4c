"""The inbox without a script: who waits, what is decided and undone, what leaves and what does not."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.desk import Conversation, InboxRow
from gehoor.core.member import YOU
from gehoor.web.app import app_of
from tests.cast import HOPPER, LOYAL, NOON
from tests.component.awaiting import DESK, desk_of, said, waiting
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

ORIGIN = {"Origin": "http://localhost"}
PART = {**ORIGIN, "HX-Request": "true"}
LOYALS = 1

Pages = TestClient[Litestar]
Desk = tuple[Hearing, Deciding, Pages]


@pytest.fixture
def desk(tmp_path: Path, clock: StillClock) -> Iterator[Desk]:
    with (
        waiting(tmp_path) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as client,
    ):
        client.headers["Accept-Language"] = "en"
        yield hearing, owner, client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def _found(hearing: Hearing, id_: int = LOYALS) -> Conversation:
    found = desk_of(hearing).conversation(id_, YOU)
    assert found is not None
    return found


def _seen(hearing: Hearing, id_: int = LOYALS) -> str:
    row = _found(hearing, id_).row
    assert row is not None
    return f"{row.seen.last_seq}.{row.seen.version}"


def _send(desk: Desk, text: str, seen: str | None = None, **more: str) -> str:
    hearing, _, pages = desk
    form = {"text": text, "to": str(LOYALS), "seen": seen or _seen(hearing), **more}
    return pages.post(f"/inbox/{LOYALS}/reply", data=form, headers=ORIGIN).text


def test_who_waits_is_listed_with_the_reason_the_need_and_the_clock(desk: Desk) -> None:
    _, _, pages = desk
    html = pages.get("/inbox").text
    assert html.count('class="it') == 2
    text = _text(html)
    assert "M. de Vries" in text
    assert "“ Waar blijft mijn koffer?" in text
    assert "30 min" in text
    assert "2 open" in text


def test_a_conversation_shows_what_was_said_why_now_and_where_an_answer_goes(desk: Desk) -> None:
    _, _, pages = desk
    text = _text(pages.get(f"/inbox/{LOYALS}").text)
    assert "Why now: " in text
    assert "30 min to answer" in text
    assert "Bluesky, public, to M. de Vries" in text
    assert "Send" in text


def test_what_is_decided_shows_and_is_undone(desk: Desk) -> None:
    hearing, _, pages = desk
    cases: list[tuple[str, dict[str, str], str, Callable[[InboxRow], bool]]] = [
        ("take", {}, "It is yours.", lambda row: row.assignee == "you"),
        ("label", {"add": "koffer"}, "Label koffer is on it.", lambda row: row.labels == ("koffer",)),
        ("priority", {"value": "1"}, "Noted.", lambda row: row.said_priority == 1),
        ("need", {"value": "delivery"}, "About", lambda row: row.need == "delivery"),
        ("status", {"status": "pending"}, "Now waits", lambda row: row.status == "pending"),
        ("status", {"status": "snoozed", "until": "tomorrow"}, "Comes back", lambda row: row.status == "snoozed"),
        ("status", {"status": "resolved"}, "Done.", lambda row: row.status == "resolved"),
    ]
    for act, form, words, holds in cases:
        before = _found(hearing).row
        html = pages.post(f"/inbox/{LOYALS}/{act}", data=form, headers=ORIGIN).text
        assert words in _text(html), act
        now = _found(hearing).row
        assert now is not None
        assert holds(now), act
        way = re.search(r'data-toast>.*?action="(/inbox/\d+/\w+)">(.*?)<button', html, re.DOTALL)
        assert way is not None, act
        undo = dict(re.findall(r'name="(\w+)" value="([^"]*)"', way[2]))
        pages.post(way[1], data=undo, headers=ORIGIN)
        after = _found(hearing).row
        assert before is not None
        assert after is not None
        assert (after.status, after.assignee, after.labels, after.said_priority) == (
            before.status, before.assignee, before.labels, before.said_priority,
        ), act  # fmt: skip


def test_an_answer_is_queued_and_taken_back_with_its_words(desk: Desk) -> None:
    hearing, _, pages = desk
    html = _send(desk, "We zoeken je koffer nu.")
    assert "You have 10 seconds to undo." in _text(html)
    reply = _found(hearing).replies[0]
    assert (reply.state, reply.text, reply.not_before) == ("queued", "We zoeken je koffer nu.", NOON + 10 * SECOND_US)
    html = pages.post(f"/inbox/{LOYALS}/take_back", data={"key": reply.key}, headers=ORIGIN).text
    assert "Taken back." in _text(html)
    assert ">We zoeken je koffer nu.</textarea>" in html
    assert _found(hearing).replies[0].state == "taken_back"


def test_a_message_that_was_not_read_keeps_an_answer_from_leaving_and_the_words_stay(desk: Desk) -> None:
    hearing, _, _ = desk
    seen = _seen(hearing)
    hearing.hear([LOYAL.says("@noordvlucht Laat maar, hij is er. Help mij nu met mijn vlucht?", id="q3", to="q1")])
    html = _send(desk, "We zoeken je koffer nu.", seen)
    assert "A message just came in. Read it first." in _text(html)
    assert ">We zoeken je koffer nu.</textarea>" in html
    assert 'class="msg new"' in html
    assert _found(hearing).replies == []


def test_a_colleague_who_was_first_is_told_and_nothing_leaves_twice(desk: Desk) -> None:
    hearing, _, _ = desk
    seen = _seen(hearing)
    _send(desk, "Een.", seen)
    assert "A colleague just did something here." in _text(_send(desk, "Twee.", seen))
    assert [reply.text for reply in _found(hearing).replies] == ["Een."]


def test_an_answer_that_is_too_long_is_not_sent_and_not_lost(desk: Desk) -> None:
    hearing, _, pages = desk
    html = _send(desk, "a" * 301)
    assert "This cannot be sent like this" in _text(html)
    assert "a" * 301 in html
    counted = pages.post(f"/inbox/{LOYALS}/length", data={"text": "hé 👩‍👩‍👧"}, headers=ORIGIN).json()
    assert counted == {"n": 4, "most": 300}
    assert _found(hearing).replies == []


def test_with_four_eyes_an_answer_waits_for_a_colleague(tmp_path: Path, clock: StillClock) -> None:
    toml = DESK.replace('takes = "answerable"', "approves = true")
    with (
        waiting(tmp_path, toml) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as pages,
    ):
        html = _send((hearing, owner, pages), "Zo goed?")
        assert "Een collega kijkt het na." in _text(html)
        assert _found(hearing).replies[0].state == "asked"
        assert 'action="/inbox/1/approve"' not in html, "who wrote it does not approve it"


def test_notes_are_for_the_team_and_talks_are_noted_as_messages(desk: Desk) -> None:
    hearing, _, pages = desk
    html = pages.post(f"/inbox/{LOYALS}/note", data={"text": "Koffer staat in hal 2."}, headers=ORIGIN).text
    assert "Koffer staat in hal 2." in html
    html = pages.post(f"/inbox/{LOYALS}/talk", data={"text": "Ze belt.", "channel": "phone"}, headers=ORIGIN).text
    assert "Ze belt." in html
    assert "Bluesky, public" in _text(html), "the answer goes where she wrote"
    assert [message.channel for message in _found(hearing).messages] == ["bluesky", "phone"]


def test_several_at_once_are_done_and_put_back(desk: Desk) -> None:
    hearing, _, pages = desk
    html = pages.post("/inbox/bulk", data={"ids": ["1", "2"], "act": "resolve"}, headers=ORIGIN).text
    assert "Done with 2 conversations." in _text(html)
    assert "Everybody has an answer" in html
    undo = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html.partition("data-toast>")[2].partition("<button")[0]))
    pages.post("/inbox/bulk", data={name: unescape(value) for name, value in undo.items()}, headers=ORIGIN)
    assert desk_of(hearing).counts({"open": "is:open"}, YOU) == {"open": 2}


def test_conversations_are_put_together_and_apart(desk: Desk) -> None:
    hearing, _, pages = desk
    pages.post(f"/inbox/{LOYALS}/merge", data={"other": "2"}, headers=ORIGIN)
    assert len(_found(hearing).messages) == 2
    html = pages.get(f"/inbox/{LOYALS}").text
    assert "Put together" in html
    pages.post(f"/inbox/{LOYALS}/split", data={"other": "2"}, headers=ORIGIN)
    assert len(_found(hearing).messages) == 1


def test_a_search_finds_and_a_view_is_kept_and_dropped(desk: Desk) -> None:
    _, _, pages = desk
    assert pages.get("/inbox", params={"q": "koffer"}).text.count('class="it') == 1
    html = pages.post("/inbox/views", data={"name": "Mail", "query": "channel:mail"}, headers=ORIGIN).text
    assert "View Mail kept." in _text(html)
    assert html.count('class="it') == 1
    assert "There is no colour: here." in pages.get("/inbox", params={"q": "colour:red"}).text
    html = pages.post("/inbox/views", data={"drop": "1"}, headers=ORIGIN).text
    assert "The view is gone." in _text(html)


def test_what_is_new_waits_behind_a_line_and_what_changed_shows_in_place(desk: Desk) -> None:
    hearing, owner, pages = desk
    version = desk_of(hearing).version()
    ask = {"version": version, "known": "1-2"}
    assert pages.get("/inbox/fresh", params=ask, headers=PART).text.strip() == ""
    hearing.hear([LOYAL.says("@zuiderwind x", id="z")])
    said(owner, "take", conversation=2)
    assert pages.get("/inbox/fresh", params=ask, headers=PART).text.strip() == ""
    assert "1 new conversation" in pages.get("/inbox/fresh", params={**ask, "known": "1"}, headers=PART).text
    rows = pages.get("/inbox/rows", params={"ids": "1-2", "shown": "2"}, headers=PART).text
    assert re.findall(r'id="c(\d)"', rows) == ["1", "2"]
    assert "With you" in rows


def test_an_open_conversation_asks_for_little_while_nothing_happens(desk: Desk) -> None:
    hearing, _, pages = desk
    ask = {"seen": _seen(hearing)}
    assert pages.get(f"/inbox/{LOYALS}/thread", params=ask, headers=PART).status_code == 204
    hearing.hear([LOYAL.says("@noordvlucht En nu? Kan iemand mij helpen?", id="q3", to="q1")])
    html = pages.get(f"/inbox/{LOYALS}/thread", params=ask, headers=PART).text
    assert "En nu?" in _text(html)
    assert html.count('class="msg new"') == 1


def test_where_nothing_answers_the_box_says_what_is_missing_and_takes_notes(tmp_path: Path, clock: StillClock) -> None:
    with (
        waiting(tmp_path, BRANDS) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, clock)), base_url="http://localhost") as pages,
    ):
        html = pages.get(f"/inbox/{LOYALS}", headers={"Accept-Language": "en"}).text
        assert "Replying is not possible yet." in html
        assert f'formaction="/inbox/{LOYALS}/note"' in html


def test_what_strangers_write_stays_text(desk: Desk) -> None:
    hearing, _, pages = desk
    hostile = '@noordvlucht <script>alert(1)</script>"><img src=x onerror=alert(1)> kan iemand mij helpen?'
    hearing.hear([LOYAL.says(hostile, id="q9", after_s=-60)])
    pages.post(f"/inbox/{LOYALS}/note", data={"text": hostile}, headers=ORIGIN)
    pages.post(f"/inbox/{LOYALS}/label", data={"add": hostile}, headers=ORIGIN)
    for path in ("/inbox", f"/inbox/{LOYALS}", f"/inbox/{LOYALS}/person", "/inbox?q=" + hostile[:80]):
        html = pages.get(path).text
        assert "<script>alert" not in html, path
        assert "<img src=x" not in html, path


def _of_two_channels(hearing: Hearing, owner: Deciding) -> int:
    """Let the loyal turn out to write on Mastodon as well; return the message there."""
    hearing.hear([HOPPER.says("@noordvlucht Kan iemand mij helpen met mijn koffer?", id="q3", after_s=-60)])
    said(owner, "merge", conversation=3, other=LOYALS)
    return 3


def test_where_an_answer_goes_is_chosen_where_one_conversation_holds_two_channels(desk: Desk) -> None:
    hearing, owner, pages = desk
    there = _of_two_channels(hearing, owner)
    html = pages.get(f"/inbox/{LOYALS}").text
    options = dict(re.findall(r'<option value="(\d+)"[^>]*?( selected)?>', html.partition('name="to"')[2]))
    assert options == {str(there): " selected", "1": ""}, "the newest, until somebody chooses another"
    _send(desk, "We zoeken je koffer nu.")
    reply = _found(hearing).replies[0]
    assert (reply.to_seq, reply.channel, reply.state) == (1, LOYAL.channel, "queued")


def test_an_answer_goes_to_no_message_of_another_conversation_and_its_choice_stays(desk: Desk) -> None:
    hearing, owner, pages = desk
    _send(desk, "We zoeken je koffer nu.", to="2")
    assert _found(hearing).replies == []
    there = _of_two_channels(hearing, owner)
    html = _send(desk, "x" * 400)
    assert re.search(r'<option value="1"[^>]* selected>', html)
    assert _found(hearing).replies == []
    fits = [pages.post(f"/inbox/{LOYALS}/length", data={"text": "x", "to": str(to)}, headers=ORIGIN).json()["most"]
            for to in (1, there)]  # fmt: skip
    assert fits[0] == 300 < fits[1], "each takes what its channel takes"
