"""The calendar: the same hour on the wall all year, and a holiday is a Sunday."""

from datetime import UTC, datetime

import pytest

from gehoor.core.public_holidays import COUNTRIES
from gehoor.warn.ordinary import Calendar


def _seconds(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]  # year to minute


def test_nine_in_the_morning_is_the_same_hour_in_summer_and_winter() -> None:
    calendar = Calendar("Europe/Amsterdam")
    winter, summer = calendar.ordinary(_seconds(2026, 3, 23, 8)), calendar.ordinary(_seconds(2026, 3, 30, 7))
    assert (summer - winter) % 604_800 == 0


@pytest.mark.parametrize("country", COUNTRIES)
def test_christmas_is_a_sunday(country: str) -> None:
    moment = Calendar("UTC", country).ordinary(_seconds(2026, 12, 25, 10))
    assert datetime.fromtimestamp(moment, UTC).weekday() == 6


@pytest.mark.parametrize("year", [1970, 2099])
def test_posts_of_any_year_have_an_ordinary_moment(year: int) -> None:
    assert abs(Calendar("Europe/Amsterdam", "nl").ordinary(_seconds(year, 1, 1)) - _seconds(year, 1, 1)) < 7 * 86_400


def test_every_bucket_of_a_night_on_which_the_clock_changes_keeps_its_ten_seconds() -> None:
    calendar, begin = Calendar("Europe/Amsterdam"), _seconds(2026, 10, 25, 0)
    assert all(calendar.ordinary(begin + 10 * n) % 10 == 0 for n in range(1_000))
