"""The clocks of a conversation: what starts, pauses and ends them, and what they say on the way."""

from datetime import datetime
from itertools import pairwise
from time import process_time
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.answer.calendar import NEVER, Calendar
from gehoor.answer.hours import Stretch, micros
from gehoor.answer.sla import Event, Happens, clocks
from gehoor.answer.sla_clock import SlaClock, due_at
from gehoor.answer.sla_policy import Policy, Target, policy_for
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from tests.cast import NOON

MINUTE = 60 * SECOND_US
OFFICE = Calendar("Europe/Amsterdam", [[Stretch.parse("09:00-17:00")]] * 5 + [[], []], "nl")
POLICY = Policy("all", first_reply=60, next_reply=30, resolution=480)
EVENTS = st.lists(
    st.builds(Event, st.integers(0, 4_000).map(lambda m: NOON + m * MINUTE), st.sampled_from(get_args(Happens))),
    max_size=15,
)


def wall(day: int, hour: int, minute: int = 0) -> int:
    return micros(datetime(2026, 4, day, hour, minute, tzinfo=ZoneInfo("Europe/Amsterdam")))


def one(found: tuple[SlaClock, ...], target: Target) -> SlaClock:
    return next(clock for clock in found if clock.target == target)


def test_first_reply_is_owed_from_the_first_unanswered_message_in_working_time() -> None:
    found = clocks(POLICY, OFFICE, [Event(wall(14, 16, 30), "in"), Event(wall(14, 16, 45), "in")])
    assert [clock.target for clock in found] == ["first_reply", "resolution"]
    assert found[0].due_at(OFFICE) == wall(15, 9, 30)


def test_an_answer_ends_the_clock_and_their_next_message_starts_one_of_its_own() -> None:
    events = [Event(wall(14, 10), "in"), Event(wall(14, 10, 20), "out"), Event(wall(14, 11), "in")]
    found = clocks(POLICY, OFFICE, events)
    assert one(found, "first_reply").state(wall(14, 16), OFFICE) == "kept"
    assert one(found, "next_reply").due_at(OFFICE) == wall(14, 11, 30)


def test_a_late_reply_stops_the_clock_and_stays_late() -> None:
    first = clocks(POLICY, OFFICE, [Event(wall(14, 10), "in"), Event(wall(14, 11, 1), "out")])[0]
    assert (first.state(wall(14, 12), OFFICE), first.left_us(wall(14, 12), OFFICE)) == ("broken", -MINUTE)


def test_the_ring_goes_from_calm_to_late() -> None:
    first = clocks(POLICY, OFFICE, [Event(wall(14, 10), "in")])[0]
    minutes = (0, 29, 30, 47, 48, 56, 57, 59, 60)
    assert [first.state(wall(14, 10) + minute * MINUTE, OFFICE) for minute in minutes] == [
        "calm", "calm", "half", "half", "fifth", "fifth", "nearly", "nearly", "late",
    ]  # fmt: skip


def test_nothing_runs_while_we_wait_for_the_customer() -> None:
    events = [Event(wall(14, 10), "in"), Event(wall(14, 10, 10), "out"), Event(wall(14, 10, 10), "pending")]
    waiting = one(clocks(POLICY, OFFICE, events), "resolution")
    assert (waiting.state(wall(20, 10), OFFICE), waiting.due_at(OFFICE)) == ("paused", None)
    found = clocks(POLICY, OFFICE, [*events, Event(wall(16, 10), "in")])
    assert one(found, "resolution").due_at(OFFICE) == wall(17, 9, 50)


def test_resolving_early_wins_no_time_when_the_matter_comes_back() -> None:
    events = [Event(wall(14, 9), "in"), Event(wall(14, 12), "resolved"), Event(wall(16, 9), "in")]
    resolution = one(clocks(POLICY, OFFICE, events), "resolution")
    assert resolution.left_us(wall(16, 9), OFFICE) == 5 * 60 * MINUTE
    assert resolution.state(wall(16, 9), OFFICE) == "calm"


def test_what_is_resolved_without_an_answer_is_let_go_and_owed_again_when_we_open_it() -> None:
    events = [Event(wall(14, 10), "in"), Event(wall(14, 10, 30), "resolved")]
    assert clocks(POLICY, OFFICE, events)[0].state(wall(14, 11), OFFICE) == "let_go"
    reopened = clocks(POLICY, OFFICE, [*events, Event(wall(14, 11), "open")])
    assert reopened[0].due_at(OFFICE) == wall(14, 11, 30)


@given(EVENTS)
def test_back_fill_starts_no_clock(events: list[Event]) -> None:
    past = [Event(event.at, event.happens, is_backfill=True) for event in events]
    assert clocks(POLICY, OFFICE, past) == ()


def test_after_an_answer_in_the_back_fill_their_message_waits_for_a_next_reply() -> None:
    past = [Event(wall(1, 10), "in", is_backfill=True), Event(wall(1, 11), "out", is_backfill=True)]
    found = clocks(POLICY, OFFICE, [*past, Event(wall(14, 10), "in")])
    assert [clock.target for clock in found] == ["next_reply", "resolution"]


@settings(deadline=None)
@given(EVENTS)
def test_at_most_one_clock_of_a_kind_runs_and_none_uses_more_than_the_time_there_was(events: list[Event]) -> None:
    found = clocks(POLICY, OFFICE, events)
    end = NOON + 5_000 * MINUTE
    running = [clock.target for clock in found if clock.ended_at is None]
    assert len(running) == len(set(running))
    for clock in found:
        assert 0 <= clock.used_at(end, OFFICE) <= OFFICE.open_us(clock.started_at, end)
        assert clock.ended_at is None or clock.running_since is None


@settings(deadline=None)
@given(EVENTS)
def test_a_clock_is_late_from_its_due_moment_and_not_before(events: list[Event]) -> None:
    for clock in clocks(POLICY, OFFICE, events):
        due = clock.due_at(OFFICE)
        if due is not None and due > (clock.running_since or 0):
            assert (clock.state(due, OFFICE), clock.state(due - 1, OFFICE)) == ("late", "nearly")


def test_warned_when_a_fifth_is_left_and_told_when_nothing_is_once_each() -> None:
    first = clocks(POLICY, OFFICE, [Event(wall(14, 10), "in")])[0]
    quarters = [wall(14, 10) + quarter * 15 * MINUTE for quarter in range(8)]
    told = [notice for a, b in pairwise(quarters) for notice in first.notices(a, b, OFFICE)]
    assert [(notice.kind, notice.at) for notice in told] == [("warning", wall(14, 10, 48)), ("breach", wall(14, 11))]


def test_an_answered_or_paused_clock_warns_nobody() -> None:
    answered = clocks(POLICY, OFFICE, [Event(wall(14, 10), "in"), Event(wall(14, 10, 20), "out")])[0]
    assert answered.notices(0, wall(20, 10), OFFICE) == []


def test_the_first_policy_that_holds_is_taken() -> None:
    loyal = Policy("loyal", first_reply=30, groups=frozenset({"loyal"}))
    mail = Policy("mail", first_reply=240, channels=frozenset({"mail"}))
    urgent = Policy("urgent", first_reply=15, urgencies=frozenset({"high", "critical"}))
    policies = [urgent, loyal, mail]
    assert policy_for(policies, "mail", "critical", {"loyal"}) == urgent
    assert policy_for(policies, "mail", "low", {"loyal", "new"}) == loyal
    assert policy_for(policies, "mail", "low") == mail
    assert policy_for(policies, "mastodon", "low") is None


def test_a_policy_that_makes_no_sense_is_refused_in_words() -> None:
    with pytest.raises(SettingError, match="first_reply is 0 minutes"):
        Policy("none", first_reply=0)
    with pytest.raises(SettingError, match="no urgency is called 'higgh'"):
        Policy("typo", first_reply=5, urgencies=frozenset({"higgh"}))


def test_where_nothing_is_promised_no_clock_runs() -> None:
    assert [clock.target for clock in clocks(Policy("reply", first_reply=5), OFFICE, [Event(NOON, "in")])] == [
        "first_reply"
    ]


def test_due_moments_of_two_hundred_thousand_conversations_take_less_than_a_second() -> None:
    found = [SlaClock("first_reply", 60 * MINUTE, NOON, 0, NOON + place * SECOND_US) for place in range(200_000)]
    found[7] = found[7].pause(NOON + MINUTE, OFFICE)
    begun = process_time()
    due = due_at(found, OFFICE)
    assert process_time() - begun < 1
    assert due[7] == NEVER
    assert due[:5].tolist() == [clock.due_at(OFFICE) for clock in found[:5]]
