"""Tomorrow's hours: inside the interval as often as it says, nearer than last week's, and honest with thin data."""

from time import process_time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.answer.erlang import Goal
from gehoor.answer.forecast import forecast, needed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def year(generator: np.random.Generator, a_day: float, n_days: int = 365) -> tuple[Floats, Ints]:
    """Simulate a year: weekdays and weekends, holidays, a level that moves, restless days and hours, some storms."""
    likes = np.where(generator.random(n_days) < 0.03, 6, np.arange(n_days) % 7)
    of_week = np.array([1.2, 1.1, 1.05, 1.0, 1.0, 0.5, 0.4])
    office, weekend = (np.exp(-(((np.arange(24) - peak) / width) ** 2)) + 0.05 for peak, width in ((14, 5), (16, 6)))
    level = np.exp(0.25 * np.sin(2 * np.pi * np.arange(n_days) / 365 + generator.uniform(0, 6)))
    level *= generator.gamma(60, 1 / 60, n_days)
    for storm in np.flatnonzero(generator.random(n_days) < 0.015):
        level[storm : storm + 3] *= np.array([5, 3, 1.5])[: n_days - storm]
    hours = np.where(likes[:, None] >= 5, weekend / weekend.sum(), office / office.sum())
    mean = a_day * (of_week[likes] * level)[:, None] * hours
    return generator.poisson(mean * generator.gamma(12, 1 / 12, mean.shape)).astype(np.float64), likes


@pytest.mark.parametrize("a_day", [2_000, 400, 150])
def test_four_hours_in_five_are_inside_and_nearer_than_last_week_was(a_day: float) -> None:
    counts, likes = year(np.random.default_rng(2026), a_day)
    inside, ours, last_week = [], 0.0, 0.0
    for day in range(100, 365, 4):
        found = forecast(counts[:day], likes[:day], int(likes[day]))
        assert found is not None
        busy = found.expected >= 5
        inside += ((counts[day] >= found.low) & (counts[day] <= found.high))[busy].tolist()
        ours += np.abs(counts[day] - found.expected).sum()
        last_week += np.abs(counts[day] - counts[np.flatnonzero(likes[:day] == likes[day])[-1]]).sum()
    assert 0.75 <= np.mean(inside) <= 0.85
    assert ours < 0.9 * last_week


def test_four_days_in_five_are_inside_in_all() -> None:
    counts, likes = year(np.random.default_rng(2027), 400)
    inside = []
    for day in range(90, 365, 3):
        found = forecast(counts[:day], likes[:day], int(likes[day]))
        assert found is not None
        inside.append(found.total_low <= counts[day].sum() <= found.total_high)
    assert 0.7 <= np.mean(inside) <= 0.9


def test_thin_data_say_so_and_hardly_any_say_nothing() -> None:
    counts, likes = year(np.random.default_rng(3), 400)
    assert forecast(counts[:13], likes[:13], 3) is None
    thin, sure = (forecast(counts[:days], likes[:days], int(likes[days])) for days in (20, 300))
    assert thin is not None
    assert sure is not None
    assert (thin.is_thin, sure.is_thin) == (True, False)
    assert thin.total_high / thin.total > sure.total_high / sure.total


def test_one_storm_is_not_expected_again() -> None:
    counts = np.full((70, 24), 10.0)
    counts[-8] = 200.0
    found = forecast(counts, np.arange(70) % 7, (70 - 8) % 7)
    assert found is not None
    assert found.total == pytest.approx(240, rel=0.02)


def test_a_level_that_moved_is_followed() -> None:
    counts = np.full((70, 24), 10.0)
    counts[-7:] = 20.0
    found = forecast(counts, np.arange(70) % 7, 0)
    assert found is not None
    assert 350 < found.total < 500


@settings(max_examples=30, deadline=None)
@given(st.integers(14, 60), st.sampled_from([0.0, 0.01, 1.0, 1_000.0]), st.integers(0, 6), st.integers(0, 99))
def test_whatever_the_counts_the_interval_holds_what_is_expected(n: int, mean: float, like: int, seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(mean, (n, 24)).astype(np.float64)
    found = forecast(counts, np.arange(n) % 5, like)
    assert found is not None
    assert np.isfinite(found.expected).all()
    assert (found.low <= found.expected + 1).all()
    assert (found.expected <= found.high + 1).all()
    assert (found.low >= 0).all()


def test_more_people_are_needed_when_more_comes_and_for_the_high_side() -> None:
    counts, likes = year(np.random.default_rng(3), 400)
    found = forecast(counts[:300], likes[:300], 0)
    assert found is not None
    people = needed(found, 6.0, Goal(0.8, 15))
    assert (people.expected <= people.high).all()
    assert people.expected.argmax() in range(10, 19)
    assert people.expected.max() >= found.expected.max() * 6 / 60


def test_a_forecast_of_a_year_takes_less_than_a_fifth_of_a_second() -> None:
    counts, likes = year(np.random.default_rng(3), 400)
    begun = process_time()
    found = forecast(counts, likes, 1)
    assert found is not None
    needed(found, 6.0, Goal())
    assert process_time() - begun < 0.2
