"""What the team does at the desk: decided, undone, searched, answered once and to the right person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.desk_query import ViewError
from gehoor.core.errors import SettingError
from gehoor.core.member import Member
from tests.cast import AGENT, HOPPER, NOON, STRANGER, WORRIED
from tests.component.desking import Desking
from tests.component.mastodon import ADA, GRACE, Fediverse

_MAIL = WORRIED.says("Beste Noordvlucht, mijn koffer met medicijnen is weg", id="m1")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desking]:
    """A mail, a reply on Mastodon to what we said, and somebody of whom nobody needs to answer."""
    desk = Desking(tmp_path / "workspace")
    desk.hear(
        _MAIL,
        AGENT.says("Wij vliegen weer", id="a1"),
        HOPPER.says("En mijn geld dan?", id="h1", to="a1", after_s=60),
        STRANGER.says("Mooie dag voor een wandeling", id="s1"),
    )
    yield desk
    desk.close()


def test_inbox_holds_what_waits_newest_first_and_pages_go_on_where_one_ended(desk: Desking) -> None:
    assert desk.inbox() == [3, 1]
    first = desk.desk.inbox("", _AGENT_OF_NO_TEAM, limit=1)
    assert [row.id for row in first.rows] == [3]
    second = desk.desk.inbox("", _AGENT_OF_NO_TEAM, limit=1, after=first.after)
    assert ([row.id for row in second.rows], second.after) == ([1], None)


_AGENT_OF_NO_TEAM = Member(id="jan", name="Jan", roles=("agent",))


def test_each_act_is_seen_has_a_line_and_says_what_undoes_it(desk: Desking) -> None:
    assert desk.do("take", conversation=1)["before"] == {"assignee": None}
    assert desk.do("team", conversation=1, team="baggage")["before"] == {"team": None, "assignee": "jan"}
    desk.do("label", conversation=1, add=["spoed", "a|b"])
    desk.do("priority", conversation=1, priority=1)
    desk.do("need", conversation=1, need="delivery")
    note = desk.do("note", conversation=1, text="Bel @Sam", mentions=["sam"])
    row, opened = desk.row(1), desk.open(1)
    assert (row.assignee, row.team, row.labels, row.said_priority, row.need) == (
        None, "baggage", ("spoed", "a b"), 1, "delivery",
    )  # fmt: skip
    assert [(one.id, one.mentions) for one in opened.notes] == [(note["id"], ("sam",))]
    assert [one.act for one in opened.events] == ["assign", "team", "label", "priority", "need", "note"]
    assert row.seen.version == 6
    assert desk.do("drop_note", conversation=1, id=note["id"])["before"] == {"text": "Bel @Sam"}
    with pytest.raises(SettingError, match="no note of yours"):
        desk.do("drop_note", "sam", conversation=1, id=note["id"])


def test_view_finds_what_it_asks_for_in_both_languages(desk: Desking) -> None:
    desk.do("assign", conversation=1, assignee="you")
    desk.do("label", conversation=1, add=["spoed"])
    for view, found in {
        "assignee:me": [1], "voor:niemand": [3], "-kanaal:mail": [3], 'label:spoed "mijn koffer"': [1], "geld": [3],
        "wacht:>1h": [], "is:direct": [1], "is:resolved": [], "brand:noordvlucht sort:waiting": [1],
        "is:unanswered sorteer:prioriteit": [3, 1], "is:failed": [], "story:4": [],
    }.items():  # fmt: skip
        assert desk.inbox(view) == found, view
    assert desk.desk.counts({"mine": "voor:mij", "all": "is:all"}, _AGENT_OF_NO_TEAM) == {"mine": 0, "all": 2}
    with pytest.raises(ViewError, match="no word here") as told:
        desk.inbox("koffer is:opne")
    assert told.value.position == len("koffer is:")


def test_agent_sees_no_conversation_of_another_team_unless_it_is_theirs(desk: Desking) -> None:
    desk.do("team", conversation=1, team="baggage")
    assert desk.inbox(member=_AGENT_OF_NO_TEAM) == [3]
    assert desk.desk.conversation(1, _AGENT_OF_NO_TEAM) is None
    desk.do("assign", conversation=1, assignee="jan")
    assert desk.inbox(member=_AGENT_OF_NO_TEAM) == [3, 1]


def test_resolved_opens_again_with_a_new_message_and_a_snooze_wakes_at_its_time(desk: Desking) -> None:
    undo = desk.do("status", conversation=3, status="resolved")
    assert undo["before"] == {"status": "open", "until": None}
    assert (desk.inbox(), desk.inbox("is:resolved")) == ([1], [3])
    desk.hear(HOPPER.says("Hallo?", id="h2", to="h1", after_s=90))
    assert (desk.inbox(), desk.row(3).status) == ([3, 1], "open")
    desk.do("status", conversation=1, status="snoozed", until=NOON + 60 * SECOND_US)
    assert (desk.inbox(), desk.inbox("is:snoozed")) == ([3], [1])
    desk.clock.advance(61)
    assert desk.inbox() == [3, 1]
    with pytest.raises(SettingError, match="still to come"):
        desk.do("status", conversation=1, status="snoozed", until=NOON)


def test_several_are_done_at_once_or_not_at_all(desk: Desking) -> None:
    with pytest.raises(SettingError, match="no conversation 99"):
        desk.ask("bulk", {"said_by": "jan", "conversations": [1, 99], "act": "take"})
    assert desk.row(1).assignee is None
    asked = {"said_by": "jan", "act": "assign", "arguments": {"assignee": "sam"}}
    done = desk.ask("bulk", {**asked, "conversations": [1, 3]})
    assert [one["before"] for one in done["done"]] == [{"assignee": None}] * 2
    assert desk.inbox("assignee:sam") == [3, 1]


def test_two_that_are_put_together_open_under_both_names_and_come_apart_again(desk: Desking) -> None:
    desk.do("take", conversation=3)
    assert desk.do("merge", conversation=3, other=1)["conversation"] == 1
    assert (desk.inbox(), desk.open(3).id, desk.row(1).assignee) == ([1], 1, "jan")
    assert [one.channel for one in desk.open(3).messages] == ["mail", "mastodon"]
    assert desk.do("split", conversation=1, other=1)["before"] == {"other": 1}
    assert desk.inbox() == [3, 1]


def test_talk_on_the_phone_is_a_message_of_the_conversation(desk: Desking) -> None:
    desk.do("talk", conversation=1, channel="phone", text="Belt morgen terug")
    assert [(one.channel, one.text) for one in desk.open(1).messages][-1] == ("phone", "Belt morgen terug")
    assert desk.inbox() == [3, 1]
    assert desk.inbox("morgen") == [1]


def test_who_was_talked_to_waits_for_no_answer_until_they_write_again(desk: Desking) -> None:
    assert 1 in desk.inbox("is:unanswered")
    desk.do("talk", conversation=1, channel="phone", text="Haar koffer is er")
    assert 1 not in desk.inbox("is:unanswered")
    assert desk.row(1).first_out_at == desk.clock.now()
    desk.hear(WORRIED.says("Toch niet", id="m2", to="m1", after_s=86_400))
    assert 1 in desk.inbox("is:unanswered")


def test_edit_and_deletion_are_marked_and_their_words_are_gone(desk: Desking) -> None:
    desk.hear(WORRIED.edits(_MAIL, "Mijn koffer is terug", after_s=30))
    messages = desk.open(1).messages
    assert [(one.was, one.text) for one in messages] == [("edited", None), ("", "Mijn koffer is terug")]
    desk.hear(WORRIED.deletes(_MAIL, after_s=90))
    assert [one.was for one in desk.open(1).messages] == ["edited", "deleted"]
    assert (desk.open(1).row, desk.inbox()) == (None, [3])


def test_search_looks_in_messages_notes_and_names_and_says_where(desk: Desking) -> None:
    desk.do("note", conversation=3, text="klant sinds jaren, coulance")
    desk.do("status", conversation=1, status="resolved")
    found = {word: [row.id for row in desk.desk.search(word, _AGENT_OF_NO_TEAM)] for word in (
        "medicijnen", "coulance", "bakker", "hopper", "wandeling", "")}  # fmt: skip
    assert found == {"medicijnen": [1], "coulance": [3], "bakker": [1], "hopper": [3], "wandeling": [], "": [3, 1]}
    [row] = desk.desk.search("medicijnen", _AGENT_OF_NO_TEAM)
    assert "medicijnen" in row.snippet


def test_live_pages_learn_what_changed(desk: Desking) -> None:
    before = desk.desk.version()
    assert desk.desk.changed_since(before) == []
    desk.do("take", conversation=1)
    assert desk.desk.changed_since(before) == [1]
    before = desk.desk.version()
    desk.hear(HOPPER.says("Hallo?", id="h2", to="h1", after_s=90))
    assert desk.desk.changed_since(before) == [3]


# -- answers ----------------------------------------------------------------------------------------------------------


def test_answer_crosses_no_message_and_no_colleague(desk: Desking) -> None:
    seen = desk.seen(3)
    desk.hear(HOPPER.says("Laat maar, is er al", id="h2", to="h1", after_s=90))
    refused = desk.answer(3, seen=seen)
    assert (refused["refused"], refused["new"]) == ("conversation_changed", [5])
    assert desk.answer(3, seen=refused["seen"])["state"] == "queued"
    again = desk.answer(3, said_by="sam", seen=refused["seen"])
    assert (again["refused"], again["last_act"]) == ("conversation_changed", {"said_by": "jan", "act": "reply"})
    assert desk.stored("SELECT count(*) FROM outbox") == [(1,)]


def test_answer_goes_to_a_message_that_is_there_and_fits(desk: Desking) -> None:
    with pytest.raises(SettingError, match="not of this conversation"):
        desk.answer(3, to_seq=1)
    with pytest.raises(SettingError, match="too long"):
        desk.answer(3, "x" * 5_000)
    with pytest.raises(SettingError, match="mail"):
        desk.answer(1)
    with pytest.raises(SettingError, match="words"):
        desk.answer(3, " ")
    assert desk.stored("SELECT count(*) FROM outbox") == [(0,)]


def test_answer_is_taken_back_before_it_leaves_and_another_may_go_then(desk: Desking) -> None:
    first = desk.answer(3, "Te snel")
    assert desk.do("take_back", conversation=3, key=first["key"])["text"] == "Te snel"
    assert desk.stored("SELECT count(*) FROM outbox") == [(0,)]
    second = desk.answer(3, "Beter")
    assert second["key"] != first["key"]
    assert [one.state for one in desk.open(3).replies] == ["taken_back", "queued"]
    with desk.place.projector.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE outbox SET state = 'sending', n_tries = 1")
    assert desk.do("take_back", conversation=3, key=second["key"])["refused"] == "on_its_way"


def test_where_four_eyes_are_asked_somebody_else_lets_it_leave(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace", "[desk]\napproves = true\n")
    desk.hear(AGENT.says("Wij vliegen weer", id="a1"), HOPPER.says("En mijn geld dan?", id="h1", to="a1"))
    asked = desk.answer(2)
    assert (asked["state"], desk.stored("SELECT count(*) FROM outbox")) == ("asked", [(0,)])
    with pytest.raises(SettingError, match="four eyes"):
        desk.do("approve", conversation=2, key=asked["key"])
    desk.hear(HOPPER.says("Hallo?", id="h2", to="h1", after_s=90))
    assert desk.do("approve", "sam", conversation=2, key=asked["key"])["new"] == [3]
    fresh = desk.answer(2)
    assert desk.do("approve", "sam", conversation=2, key=fresh["key"])["state"] == "queued"
    assert [one.approved_by for one in desk.open(2).replies] == [None, "sam"]
    desk.close()


def test_draft_is_kept_for_each_and_gone_once_it_is_sent(desk: Desking) -> None:
    for text in ("Be", "Beste"):
        desk.do("draft", conversation=3, text=text)
    desk.do("draft", "sam", conversation=3, text="Hoi")
    assert sorted(one.text for one in desk.open(3).replies) == ["Beste", "Hoi"]
    desk.answer(3)
    assert [one.state for one in desk.open(3).replies if one.said_by == "jan"] == ["queued"]


def test_answer_in_doubt_is_settled_by_who_looked(desk: Desking) -> None:
    key = desk.answer(3)["key"]
    with desk.place.projector.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE outbox SET state = 'unknown'")
        tx.exec_driver_sql("UPDATE desk_reply SET state = 'unknown'")
    assert desk.inbox("is:failed") == [3]
    desk.do("settle", conversation=3, key=key, arrived=False)
    desk.do("retry", conversation=3, key=key)
    assert desk.stored("SELECT state FROM outbox") == [("waiting",)]
    with pytest.raises(SettingError, match="it is queued"):
        desk.do("settle", conversation=3, key=key, arrived=True)


def test_answer_is_sent_once_and_heard_as_a_message_of_the_conversation(tmp_path: Path) -> None:
    with Fediverse() as fediverse:
        desk = Desking(tmp_path / "workspace", url=fediverse.url, token=ADA)
        number = fediverse.say("waar blijft mijn koffer", GRACE)
        name = f"127.0.0.1:{fediverse.port}/statuses/{number}"
        desk.hear(AGENT.says("Wij vliegen", id="a1"), HOPPER.says("waar blijft mijn koffer", id=name, to="a1"))
        desk.answer(2, "We zoeken hem.")
        desk.send()
        assert [one.state for one in desk.open(2).replies] == ["queued"]
        desk.clock.advance(11)
        for _ in range(3):
            desk.send()
        opened = desk.open(2)
        assert [one.state for one in opened.replies] == ["sent"]
        assert [(one.direction, one.text) for one in opened.messages][-1] == ("out", "We zoeken hem.")
        assert opened.replies[0].heard_as == opened.messages[-1].id
        assert (desk.row(2).waiting_since, desk.row(2).n_out) == (None, 1)
        found = fediverse.call("GET", f"statuses/{number}/context", ADA)["descendants"]
        assert len(found) == 1
        desk.close()


def test_views_and_canned_replies_are_kept_and_dropped(desk: Desking) -> None:
    kept = desk.do("view", name="Koffers", query="koffer is:open")
    desk.do("view", "sam", name="Mijn", query="voor:mij")
    assert [one.name for one in desk.desk.views(_AGENT_OF_NO_TEAM)] == ["Koffers"]
    desk.do("view", drop=kept["id"])
    assert desk.desk.views(_AGENT_OF_NO_TEAM) == []
    with pytest.raises(SettingError, match="There is no foo"):
        desk.do("view", name="x", query="foo:bar")
    for text in ("Dag", "Goedemiddag"):
        desk.do("snippet", name="groet", language="nl", text=text)
    [snippet] = desk.desk.snippets()
    assert snippet.text == "Goedemiddag"
    desk.do("snippet", drop=snippet.id)
    assert desk.desk.snippets() == []


def test_what_cannot_be_done_is_said(desk: Desking) -> None:
    for act, arguments, words in (
        ("dance", {"conversation": 1}, "knows no 'dance'"), ("take", {"conversation": 77}, "no conversation 77"),
        ("take", {"conversations": "x"}, "cannot read"), ("status", {"conversation": 1, "status": "x"}, "is open"),
        ("priority", {"conversation": 1, "priority": 9}, "earlier"),
        ("merge", {"conversation": 1, "other": 1}, "already"),
        ("split", {"conversation": 1, "other": 3}, "no message of"), ("approve", {"key": "x"}, "there is none"),
        ("talk", {"conversation": 1, "channel": "mail", "text": "x"}, "has words"),
        ("note", {"conversation": 1, "text": " "}, "has words"), ("view", {"query": "x"}, "has a name"),
        ("snippet", {"name": "x"}, "a language"), ("bulk", {"act": "reply", "conversations": [1]}, "at once"),
    ):  # fmt: skip
        with pytest.raises(SettingError, match=words):
            desk.ask(act, {"said_by": "jan", **arguments})


def test_take_of_what_changed_meanwhile_is_refused(desk: Desking) -> None:
    desk.do("take", conversation=1)
    refused = desk.do("take", "sam", conversation=1, version=0)
    assert (refused["refused"], refused["last_act"]["said_by"]) == ("conversation_changed", "jan")
    assert desk.row(1).assignee == "jan"
