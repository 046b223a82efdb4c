"""Which stretch of time a page speaks of, and its curve."""

from zoneinfo import ZoneInfo

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.reader import Cell
from gehoor.web.curve import ENOUGH_DAYS, curve_of, expected_of
from gehoor.web.period import Heard, period_of
from tests.cast import NOON

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MINUTE_US = 60 * SECOND_US
HOUR_US = 3600 * SECOND_US
MIDNIGHT = NOON - 14 * HOUR_US
SPRING = 1_774_738_800 * SECOND_US  # 29 March 2026, 00:00 in Amsterdam: the clock goes forward that night


def _cells(day: int, n: int) -> list[Cell]:
    return [Cell(at=day + hour * HOUR_US, n=n, n_copies=0) for hour in range(24)]


def test_today_runs_from_midnight_to_midnight_where_the_workspace_is() -> None:
    period = period_of("today", Heard(NOON, NOON), NOON, AMSTERDAM)
    assert (period.since, period.until, period.is_past) == (MIDNIGHT, MIDNIGHT + DAY_US, False)


def test_the_last_day_with_posts_stands_in_when_nothing_was_heard_today() -> None:
    period = period_of("today", Heard(NOON - 900 * DAY_US, NOON - 800 * DAY_US), NOON, AMSTERDAM)
    assert period.is_past
    assert period.since <= NOON - 800 * DAY_US < period.until


def test_a_day_on_which_the_clock_changes_has_23_hours() -> None:
    period = period_of("today", None, SPRING + 12 * HOUR_US, AMSTERDAM)
    assert period.until - period.since == 23 * HOUR_US


def test_the_last_hour_has_sixty_minutes_up_to_now() -> None:
    period = period_of("hour", Heard(NOON, NOON), NOON + 30 * SECOND_US, AMSTERDAM)
    assert period.until - period.since == HOUR_US
    assert period.since <= NOON < period.until


def test_everything_is_drawn_by_day_when_it_is_long() -> None:
    heard = Heard(NOON - 1_000 * DAY_US, NOON)
    period = period_of("all", heard, NOON, AMSTERDAM)
    points = curve_of([Cell(at=NOON, n=3, n_copies=0)], period, NOON, AMSTERDAM)
    assert period.step_s == 86_400
    assert sum(point.n for point in points) == 3
    assert len(points) == 1_001


def test_the_curve_counts_every_cell_once_and_draws_nothing_that_is_yet_to_come() -> None:
    period = period_of("today", Heard(NOON, NOON), NOON, AMSTERDAM)
    cells = [Cell(at=MIDNIGHT + minute * MINUTE_US, n=1, n_copies=0) for minute in range(14 * 60)]
    points = curve_of(cells, period, NOON, AMSTERDAM)
    assert [point.n for point in points] == [10] * 84
    assert points[-1].until == NOON


def test_the_step_that_still_runs_is_no_fall() -> None:
    period = period_of("today", Heard(NOON, NOON), NOON, AMSTERDAM)
    cells = [Cell(at=MIDNIGHT + minute * MINUTE_US, n=1, n_copies=0) for minute in range(14 * 60 + 3)]
    points = curve_of(cells, period, NOON + 3 * MINUTE_US, AMSTERDAM)
    assert [(point.n, point.is_running) for point in points[-3:]] == [(10, False), (3, True), (10, False)]
    assert sum(point.n for point in points[:-1]) == len(cells)


def test_days_of_a_year_with_two_clock_changes_all_begin_at_midnight() -> None:
    period = period_of("all", Heard(NOON - 365 * DAY_US, NOON), NOON, AMSTERDAM)
    points = curve_of([], period, NOON, AMSTERDAM)
    lengths = {(point.until - point.at) // HOUR_US for point in points}
    assert lengths == {23, 24, 25}


def test_nothing_is_expected_of_too_little_past() -> None:
    cells = [cell for age in range(1, ENOUGH_DAYS) for cell in _cells(MIDNIGHT - age * DAY_US, 10)]
    assert expected_of(cells, MIDNIGHT, NOON, AMSTERDAM) is None


def test_a_steady_past_is_expected_to_go_on() -> None:
    cells = [cell for age in range(1, 15) for cell in _cells(MIDNIGHT - age * DAY_US, 60)]
    expected = expected_of(cells, MIDNIGHT, MIDNIGHT + 90 * 60 * SECOND_US, AMSTERDAM)
    assert expected is not None
    assert (expected.n_days, expected.so_far, expected.within(3, 600)) == (14, (90.0, 90.0), (10.0, 10.0))
