"""The small parts of the mirror's edition: shares, lifts, calendars, days."""

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.mirror_reader import Moment, RenewalRow, day_number
from gehoor.mirror.base import Reading
from gehoor.run.mirror.counts import Counts, count_drivers, p_of, shifted
from gehoor.run.mirror.heard import local_days, midnight
from gehoor.run.mirror.moments import came_of, lifts
from gehoor.run.mirror.moments_file import moment_of, moments_of_file
from gehoor.run.mirror.share import share
from gehoor.run.mirror.year import YEAR, period_days

ZONE = ZoneInfo("Europe/Amsterdam")
LAST = day_number("2026-04-13")


@given(st.integers(0, 50), st.integers(0, 50))
def test_share_lies_within_its_interval_and_nobody_has_none(k: int, more: int) -> None:
    found = share(k, k + more)
    if not k + more:
        assert found.value is None
        return
    assert found.value is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.value <= found.high + 1e-9 <= 1 + 2e-9


@given(st.integers(10_000, 25_000))
def test_midnight_begins_its_day_also_when_clocks_change(day: int) -> None:
    start = midnight(day, ZONE)
    assert local_days(np.array([start - 1, start, midnight(day + 1, ZONE) - 1]), ZONE).tolist() == [day - 1, day, day]


def test_periods_end_on_their_last_day_and_do_not_overlap() -> None:
    for period, days in (("day", 1), ("week", 7), ("month", 28), ("year", 364)):
        now, before = (period_days(period, end) for end in (LAST, LAST - days))  # type: ignore[arg-type]  # one of them
        assert now[-1] == LAST
        assert before[-1] < now[0]


def _series(seed: int = 1, a_day: float = 20.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).poisson(a_day, YEAR).astype(np.float64)


def _never(one: Moment) -> Reading:
    raise AssertionError(one)


def test_broadcast_is_a_moment_beyond_chance_and_an_ordinary_day_is_none() -> None:
    posts = _series()
    posts[300] *= 5

    def moment(id_: int, place: int) -> Moment:
        since = midnight(LAST - YEAR + 1 + place, ZONE)
        return Moment(id=id_, name="x", kind="broadcast", brand="", since=since, until=since + DAY_US, source="", at=0,
                      said_by="")  # fmt: skip

    told = lifts([moment(1, 300), moment(2, 200)], posts, (LAST, ZONE), midnight(LAST, ZONE), _never)
    assert [one.is_real for one in told] == [True, False]
    assert told[0].lift.value == pytest.approx(5, rel=0.4)


def test_renewal_is_told_after_four_weeks_and_not_before() -> None:
    def renewal(id_: int, back: int) -> RenewalRow:
        return RenewalRow(id=id_, day=LAST - back, kind="offer", name="x", note="", brand="", at=0, said_by="")

    old, new = came_of([renewal(1, 60), renewal(2, 10)], _series(), LAST)
    assert old.lift is not None and old.lift.value == pytest.approx(1, rel=0.2)
    assert new.lift is None


def test_doubled_complaints_of_one_channel_are_a_driver_and_quiet_weeks_have_none() -> None:
    series = {("posts", "channel", "mail"): _series(1, 30), ("posts", "channel", "mastodon"): _series(2, 30)}
    series[("posts", "", "")] = series[("posts", "channel", "mail")] + series[("posts", "channel", "mastodon")]
    assert count_drivers(Counts(LAST, series), "week") == ([], [])
    loud = {key: one.copy() for key, one in series.items()}
    for key in (("posts", "channel", "mail"), ("posts", "", "")):
        loud[key][-7:] += 30
    drivers, explained = count_drivers(Counts(LAST, loud), "week")
    assert [(one.measure, one.dimension, one.value) for one in drivers] == [("posts", "channel", "mail")]
    assert explained[0].dimension == "channel" and "mail" in explained[0].values


def test_level_that_doubled_is_dated_and_a_weekly_pattern_is_none() -> None:
    week = np.array([30.0, 20, 20, 20, 20, 20, 10])
    posts = np.tile(week, 52) + np.random.default_rng(1).normal(0, 1, YEAR)
    assert shifted("posts", posts, LAST) == []
    posts[-100:] *= 2
    (found,) = shifted("posts", posts, LAST)
    assert abs(day_number(found.day) - (LAST - 99)) <= 7
    assert found.after == pytest.approx(2 * found.before, rel=0.1)


def test_lift_of_nothing_proves_nothing() -> None:
    nothing = Reading(float("nan"), float("nan"), float("nan"), "times", "neither")
    assert p_of(nothing) == 1.0
    assert p_of(Reading(2.0, 1.5, 2.7, "times", "neither")) < 0.01


def test_calendar_gives_moments_with_days_times_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "year.ics"
    path.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260427\r\nSUMMARY:Koningsdag\r\nCATEGORIES:Holiday\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260413T183000Z\r\nDURATION:PT45M\r\nSUMMARY:Interview\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n",
        encoding="utf-8",
    )
    holiday, interview = moments_of_file(path, ZONE)
    assert (holiday.name, holiday.kind, holiday.until - holiday.since) == ("Koningsdag", "holiday", DAY_US)
    assert holiday.since == midnight(day_number("2026-04-27"), ZONE)
    assert (interview.until - interview.since) // SECOND_US == 45 * 60


def test_table_gives_moments_and_says_which_line_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "moments.csv"
    path.write_text("name,since,until,kind\nActie,2026-04-01,2026-04-07,campaign\nStoring,gisteren,,outage\n", "utf-8")
    with pytest.raises(SettingError, match="line 3: 'gisteren' is no day or time"):
        moments_of_file(path, ZONE)
    with pytest.raises(SettingError, match="cannot be read"):
        moments_of_file(tmp_path / "none.ics", ZONE)
    (tmp_path / "bad.ics").write_text("no calendar", "utf-8")
    with pytest.raises(SettingError, match="is no iCalendar file"):
        moments_of_file(tmp_path / "bad.ics", ZONE)


def test_day_without_an_end_is_whole_and_a_time_is_an_hour() -> None:
    assert (one := moment_of("x", ("2026-04-13", None), ZONE)).until - one.since == DAY_US
    assert (one := moment_of("x", ("2026-04-13T20:30", None), ZONE)).until - one.since == 3_600 * SECOND_US
