"""Rules of iCalendar give the days that dateutil gives, and hostile ones cost no more than others."""

from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from typing import Literal

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.answer.recurrence import Frequency, Rule, occurrences
from gehoor.core.errors import RejectedRecord

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)
FREQUENCIES: dict[Frequency, Literal[0, 1, 2, 3]] = {"YEARLY": 0, "MONTHLY": 1, "WEEKLY": 2, "DAILY": 3}
STARTS = st.integers(0, 2_900).map(lambda days: date(2019, 1, 1) + timedelta(days)).filter(lambda day: day.day < 29)


def _some(numbers: st.SearchStrategy[int], most: int = 3) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(numbers, max_size=most, unique=True).map(tuple)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequency = draw(st.sampled_from(sorted(FREQUENCIES)))
    # Rules that never hold (both at once, a month that is stepped over, 30 February) walk to the year 9999 in dateutil.
    by = draw(st.sampled_from(["neither", "month day", "day"]))
    # dateutil wants numbered and plain days of the week to hold both; the standard means either.
    is_numbered = frequency in ("MONTHLY", "YEARLY") and draw(st.booleans())
    nth = draw(_some(st.sampled_from([-2, -1, 1, 2, 4]))) if is_numbered else (0,)
    weekdays = draw(_some(st.integers(0, 6)))
    by_day = tuple((number, weekday) for number in nth for weekday in weekdays) if by == "day" else ()
    month_days = draw(_some(st.integers(-28, 28).filter(bool))) if by == "month day" else ()
    last = draw(st.none() | st.integers(0, 700).map(lambda days: date(2025, 1, 1) + timedelta(days)))
    return Rule(
        frequency,
        draw(st.integers(1, 5)),
        draw(st.none() | st.integers(1, 60)) if last is None else None,
        last,
        draw(_some(st.integers(1, 12))) if frequency != "MONTHLY" else (),
        month_days,
        by_day,
        draw(_some(st.sampled_from([1, -1]), 2)) if month_days or by_day else (),
        draw(st.sampled_from([0, 6])),
    )


@settings(max_examples=150, deadline=None)
@given(rules(), STARTS)
def test_days_are_those_of_dateutil(rule: Rule, start: date) -> None:
    theirs = rrule.rrule(
        FREQUENCIES[rule.frequency],
        dtstart=datetime.combine(start, time(9), UTC),
        interval=rule.interval,
        count=rule.count,
        until=datetime.combine(rule.last or date(2027, 1, 1), time(9), UTC) if rule.count is None else None,
        bymonth=rule.by_month or None,
        bymonthday=rule.by_month_day or None,
        byweekday=[rrule.weekday(day, nth or None) for nth, day in rule.by_day] or None,
        bysetpos=rule.by_set_pos or None,
        wkst=rule.week_start,
    )
    expected = [moment.date() for moment in theirs if SINCE <= moment.date() <= UNTIL]
    assert occurrences(rule, start, SINCE, UNTIL) == expected


def test_a_rule_without_end_or_without_days_costs_as_much_as_any() -> None:
    never = Rule("YEARLY", by_month=(2,), by_month_day=(30,))
    begun = process_time()
    for _ in range(100):
        assert occurrences(never, date(2000, 1, 1), SINCE, UNTIL) == []
        assert len(occurrences(Rule("DAILY"), date(1, 1, 1), SINCE, UNTIL)) == 365
    assert process_time() - begun < 1


def test_years_at_the_ends_of_time_are_no_trouble() -> None:
    with pytest.raises(RejectedRecord, match="counted from 1970"):
        occurrences(Rule("DAILY", count=3), date(1, 1, 1), SINCE, UNTIL)
    assert occurrences(Rule("WEEKLY"), date(9999, 12, 31), SINCE, UNTIL) == []
    late = occurrences(Rule("DAILY"), date(9998, 12, 1), date(9998, 12, 1), date(9998, 12, 5))
    assert late == [date(9998, 12, 1) + timedelta(days=day) for day in range(5)]


def test_the_last_day_is_part_of_a_rule() -> None:
    assert len(occurrences(Rule("DAILY", last=date(2026, 1, 3)), date(2026, 1, 1), SINCE, UNTIL)) == 3


@pytest.mark.parametrize(
    "parts", [{"FREQ": ["SECONDLY"]}, {"FREQ": ["DAILY"], "BYHOUR": [3]}, {"FREQ": ["WEEKLY"], "BYDAY": ["2MO"]}]
)
def test_what_a_roster_has_no_use_for_is_refused(parts: dict[str, list[object]]) -> None:
    with pytest.raises(RejectedRecord, match="It recurs"):
        Rule.of(parts, None)
