"""What comes first: more of any factor never comes later, and everybody is reached."""

import heapq
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gehoor.answer.leaning import Leaning
from gehoor.answer.priority import LONGEST_AHEAD_US, Facts, priority
from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.judgement import JUDGEMENTS

HOUR_US, MINUTE_US = 3_600 * SECOND_US, 60 * SECOND_US
FACTS = st.builds(
    Facts,
    urgency=st.integers(0, 3),
    need=st.sampled_from([*JUDGEMENTS["need"], None]),
    reach=st.integers(0, 10**9),
    worth_fifth=st.integers(0, 5),
    years=st.integers(0, 60),
    n_messages=st.integers(1, 1_000),
    waited_us=st.integers(0, 400 * DAY_US),
    left_us=st.integers(-400 * DAY_US, 30 * DAY_US),
    target_us=st.sampled_from([0, HOUR_US, DAY_US]),
    said=st.integers(-1, 1),
    learned=st.floats(-1, 1),
)
VOTES = st.lists(st.tuples(st.sampled_from([-1, 1]), st.integers(0, 900 * DAY_US)), max_size=12)


@pytest.mark.parametrize(
    "factor", ["urgency", "reach", "worth_fifth", "years", "n_messages", "waited_us", "said", "learned"]
)
@given(FACTS, FACTS)
def test_more_of_a_factor_never_comes_later(factor: str, facts: Facts, other: Facts) -> None:
    low, high = sorted([getattr(facts, factor), getattr(other, factor)])
    less, more = (priority(replace(facts, **{factor: value})).score for value in (low, high))
    assert less <= more


@given(FACTS, st.integers(-400 * DAY_US, 30 * DAY_US))
def test_less_time_left_never_comes_later(facts: Facts, left_us: int) -> None:
    assume(facts.target_us > 0)
    less, more = sorted([facts.left_us, left_us])
    assert priority(replace(facts, left_us=more)).score <= priority(replace(facts, left_us=less)).score


@given(FACTS, FACTS)
def test_who_waited_three_days_longer_comes_first_whatever_else_there_is(facts: Facts, other: Facts) -> None:
    longer = replace(facts, waited_us=other.waited_us + LONGEST_AHEAD_US + MINUTE_US)
    assert priority(longer).score >= priority(other).score


@settings(max_examples=20, deadline=None)
@given(st.lists(FACTS, min_size=1, max_size=10), FACTS)
def test_with_new_messages_for_ever_everybody_is_reached(loud: list[Facts], quiet: Facts) -> None:
    # One comes and one is answered each hour; the first of all is as unimportant as can be.
    step = HOUR_US
    waiting = [(0, quiet), *((0, facts) for facts in loud)]
    latest = LONGEST_AHEAD_US // step + len(waiting) + 1
    for hour in range(1, latest + 1):
        waiting.append((hour, loud[hour % len(loud)]))
        score = [priority(replace(facts, waited_us=(hour - since) * step)).score for since, facts in waiting]
        first = max(range(len(waiting)), key=lambda place: score[place])
        if waiting.pop(first)[1] is quiet:
            break
    assert all(facts is not quiet for _, facts in waiting), f"not reached in {latest} hours"


@given(FACTS)
def test_at_most_three_reasons_are_shown_the_heaviest_first_and_each_once(facts: Facts) -> None:
    why = priority(facts).why
    assert len(why) <= 3
    assert len({one.kind for one in why}) == len(why)


def test_a_loyal_customer_with_little_time_left_is_told_as_such() -> None:
    facts = Facts(years=9, n_messages=3, left_us=40 * MINUTE_US, target_us=8 * HOUR_US, waited_us=7 * HOUR_US)
    assert [(why.kind, why.value) for why in priority(facts).why] == [
        ("left", 40 * MINUTE_US), ("years", 9), ("messages", 3),
    ]  # fmt: skip


def test_an_ordinary_new_message_has_no_reasons() -> None:
    assert priority(Facts()).why == ()


def test_danger_and_harm_come_before_convenience() -> None:
    order = [Facts(urgency=3, need="safety"), Facts(urgency=2, need="outage"), Facts(need="refund"), Facts(urgency=0)]
    assert heapq.nlargest(4, reversed(order), key=lambda facts: priority(facts).score) == order


def test_what_a_person_said_outweighs_what_was_learned() -> None:
    assert priority(Facts(said=-1, learned=1.0)).score < priority(Facts()).score
    assert [why.kind for why in priority(Facts(said=-1)).why] == ["said"]


@given(VOTES.flatmap(lambda votes: st.tuples(st.just(votes), st.permutations(votes))))
def test_votes_lean_alike_in_any_order_and_never_beyond_one(both: tuple[list[tuple[int, int]], ...]) -> None:
    one, other = Leaning(), Leaning()
    for vote, mixed in zip(*both, strict=True):
        one, other = one.told(*vote), other.told(*mixed)
    assert abs(one.offset(900 * DAY_US)) < 1
    assert one.offset(900 * DAY_US) == pytest.approx(other.offset(900 * DAY_US), abs=1e-9)


def test_one_slip_of_the_hand_moves_little_and_is_forgotten() -> None:
    slip = Leaning().told(1, 0)
    assert slip.offset(0) == 0.25
    assert slip.offset(900 * DAY_US) < 0.001


def test_a_thousand_conversations_are_weighed_in_a_tenth_of_a_second() -> None:
    facts = Facts(urgency=2, need="refund", reach=900, worth_fifth=4, years=3, waited_us=HOUR_US)
    begun = process_time()
    for _ in range(1_000):
        priority(facts)
    assert process_time() - begun < 0.1
