"""Working time: by the clock on the wall, in any night of the year."""

from datetime import UTC, date, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gehoor.answer.calendar import NEVER, Calendar
from gehoor.answer.hours import Stretch, micros
from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MINUTE_US, HOUR_US = 60 * SECOND_US, 3_600 * SECOND_US
OFFICE = [[Stretch.parse("09:00-17:00")]] * 5 + [[], []]
ALWAYS = [[Stretch.parse("00:00-24:00")]] * 7
ZONES = st.sampled_from(["Europe/Amsterdam", "Europe/London", "UTC", "America/Havana", "Australia/Lord_Howe"])
MOMENTS = st.integers(micros(datetime(2024, 1, 1, tzinfo=UTC)), micros(datetime(2028, 1, 1, tzinfo=UTC)))
STRETCHES = st.builds(
    lambda start, length: Stretch(start, start + length), st.integers(0, 1_439), st.integers(1, 1_440)
)
WEEKS = st.lists(st.lists(STRETCHES, max_size=3), min_size=7, max_size=7).filter(any)
CALENDARS = st.builds(Calendar, ZONES, WEEKS, st.sampled_from([None, "nl", "uk"]))


def wall(*moment: int) -> int:
    return micros(datetime(*moment, tzinfo=AMSTERDAM))  # type: ignore[arg-type, misc]  # mypy reads no starred ints


@settings(max_examples=60, deadline=None)
@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_working_time_of_two_parts_is_that_of_the_whole(calendar: Calendar, a: int, b: int, c: int) -> None:
    assert calendar.open_us(a, b) + calendar.open_us(b, c) == calendar.open_us(a, c)
    assert calendar.open_us(min(a, b), max(a, b)) >= 0


@settings(max_examples=60, deadline=None)
@given(CALENDARS, MOMENTS, st.integers(0, 60 * DAY_US))
def test_after_so_much_working_time_so_much_was_open_and_not_a_moment_before(
    calendar: Calendar, since: int, open_us: int
) -> None:
    due = calendar.after(since, open_us)
    assert calendar.open_us(since, due) == open_us
    assert open_us == 0 or calendar.is_open(due - 1)


@settings(max_examples=60, deadline=None)
@given(CALENDARS, MOMENTS, MOMENTS)
def test_what_is_due_after_the_time_that_passed_is_due_by_now(calendar: Calendar, a: int, b: int) -> None:
    since, until = min(a, b), max(a, b)
    assert calendar.after(since, calendar.open_us(since, until)) <= until


@settings(max_examples=30, deadline=None)
@given(ZONES, MOMENTS, MOMENTS)
def test_round_the_clock_working_time_is_time(zone: str, a: int, b: int) -> None:
    assert Calendar(zone, ALWAYS).open_us(a, b) == b - a


@settings(max_examples=40, deadline=None)
@given(CALENDARS, st.lists(st.tuples(MOMENTS, st.integers(0, 60 * DAY_US)), min_size=1, max_size=20))
def test_many_at_once_are_due_as_one_by_one(calendar: Calendar, asked: list[tuple[int, int]]) -> None:
    since, open_us = np.array(asked, np.int64).T
    assert calendar.after_all(since, open_us).tolist() == [calendar.after(*one) for one in asked]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["Europe/Amsterdam", "UTC", "Europe/London"]), WEEKS, MOMENTS)
@example("Europe/Amsterdam", ALWAYS, wall(2026, 3, 29, 3))
def test_it_is_open_when_the_wall_says_so(zone: str, week: list[list[Stretch]], at: int) -> None:
    clock = datetime.fromtimestamp(at // SECOND_US, ZoneInfo(zone))
    if clock.utcoffset() != (clock - timedelta(hours=3)).utcoffset() or clock.hour < 4:
        return  # the nights in which the clock is put are tested by hand
    minute = clock.hour * 60 + clock.minute
    today, yesterday = week[clock.weekday()], week[clock.weekday() - 1]
    said = any(one.start <= minute < one.end for one in today)
    said |= any(one.start <= minute + 1_440 < one.end for one in yesterday)
    assert Calendar(zone, week).is_open(at) == said


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 28), 7), ((2026, 10, 24), 9), ((2026, 6, 6), 8)])
def test_a_night_has_an_hour_less_or_more_when_the_clock_is_put(day: tuple[int, int, int], hours: int) -> None:
    nights = Calendar("Europe/Amsterdam", [[Stretch.parse("22:00-06:00")]] * 7)
    assert nights.open_us(wall(*day, 12), wall(*day, 12) + DAY_US) == hours * HOUR_US


def test_an_hour_that_the_clock_jumps_over_is_no_working_time() -> None:
    early = Calendar("Europe/Amsterdam", [[Stretch.parse("02:30-04:00")]] * 7)
    assert early.open_us(wall(2026, 3, 29, 0), wall(2026, 3, 29, 12)) == HOUR_US
    assert not early.is_open(wall(2026, 3, 29, 1, 59))
    assert early.is_open(wall(2026, 3, 29, 3))


def test_the_hour_that_comes_twice_is_open_twice() -> None:
    early = Calendar("Europe/Amsterdam", [[Stretch.parse("01:00-02:30"), Stretch.parse("02:30-04:00")]] * 7)
    assert early.open_us(wall(2026, 10, 25, 0), wall(2026, 10, 25, 12)) == 4 * HOUR_US


def test_a_holiday_is_closed_and_a_single_day_has_hours_of_its_own() -> None:
    half = Stretch.parse("09:00-13:00")
    calendar = Calendar("Europe/Amsterdam", OFFICE, "nl", {date(2026, 12, 24): [half], date(2026, 12, 28): []})
    assert calendar.after(wall(2026, 12, 24, 12), 2 * HOUR_US) == wall(2026, 12, 29, 10)
    kings_day = Calendar("Europe/Amsterdam", OFFICE, "nl", {date(2026, 4, 27): [half]})
    assert kings_day.open_us(wall(2026, 4, 27, 0), wall(2026, 4, 28, 0)) == 4 * HOUR_US


def test_what_ends_with_the_day_is_due_that_evening_not_next_morning() -> None:
    assert Calendar("Europe/Amsterdam", OFFICE).after(wall(2026, 4, 14, 16), HOUR_US) == wall(2026, 4, 14, 17)


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(SettingError, match="at least one day"):
        Calendar("Europe/Amsterdam", [[]] * 7)


def test_moments_outside_all_tables_are_closed_and_more_work_than_there_is_time_is_never_due() -> None:
    office = Calendar("Europe/Amsterdam", OFFICE)
    assert not office.is_open(-(2**62))
    assert not office.is_open(2**62)
    assert office.after(0, 2**60) == NEVER
    assert office.after_all(np.array([0]), np.array([2**60])).tolist() == [NEVER]


@pytest.mark.parametrize("text", ["9-17", "09:00-25:00", "09:00-24:30", "24:00-08:00", "", "09:00-17:00 "])
def test_other_text_is_no_stretch_of_the_day(text: str) -> None:
    with pytest.raises(SettingError, match="no stretch of the day"):
        Stretch.parse(text)


def test_deadlines_of_two_hundred_thousand_conversations_take_less_than_a_second() -> None:
    calendar = Calendar("Europe/Amsterdam", OFFICE, "nl")
    generator = np.random.default_rng(7)
    since = wall(2026, 1, 1) + generator.integers(0, 300 * DAY_US, 200_000)
    begun = process_time()
    calendar.after_all(since, generator.integers(0, 5 * DAY_US, 200_000))
    assert process_time() - begun < 1
