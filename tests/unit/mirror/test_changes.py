"""What changed, and what moved it."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gehoor.core.errors import ContractError
from gehoor.mirror.adtributor import causes
from gehoor.mirror.base import Floats
from gehoor.mirror.drivers import Counts, drivers
from gehoor.mirror.false_discovery import discoveries
from gehoor.mirror.moments import lift
from gehoor.mirror.plausible import is_plausible
from gehoor.mirror.rate_mix import split_change
from gehoor.mirror.shifts import Shift, shifts

CELLS = st.lists(st.tuples(*[st.integers(0, 1_000)] * 4), min_size=1, max_size=12)
SERIES = st.lists(st.integers(-50, 50), min_size=14, max_size=24)


@given(CELLS)
def test_rate_and_mix_add_up_exactly(cells: list[tuple[int, int, int, int]]) -> None:
    table = np.array([[Fraction(min(k, n)) if way == 0 else Fraction(n) for k, n in ((a, b), (c, d)) for way in (0, 1)]
                      for a, b, c, d in cells])  # fmt: skip
    then, now = (table[:, 0], table[:, 1]), (table[:, 2], table[:, 3])
    assume(then[1].sum() and now[1].sum())
    found = split_change(then, now)
    change = now[0].sum() / now[1].sum() - then[0].sum() / then[1].sum()
    assert found.rate.sum() + found.mix.sum() == change
    as_floats = split_change(
        (then[0].astype(float), then[1].astype(float)), (now[0].astype(float), now[1].astype(float))
    )
    assert as_floats.rate.sum() + as_floats.mix.sum() == pytest.approx(float(change), abs=1e-12)


def test_a_change_of_mix_alone_is_mix_alone() -> None:
    found = split_change((np.array([9.0, 1.0]), np.array([10.0, 10.0])), (np.array([9.0, 3.0]), np.array([10.0, 30.0])))
    assert not found.rate.any()
    assert found.mix.sum() == pytest.approx(-0.2)


def test_a_ratio_of_nothing_is_refused() -> None:
    with pytest.raises(ContractError):
        split_change((np.zeros(2), np.zeros(2)), (np.ones(2), np.ones(2)))


def _cost(series: Floats, cuts: list[int], penalty: float) -> float:
    edges = [0, *cuts, len(series)]
    pieces = [series[a:b] for a, b in pairwise(edges)]
    return sum(float(((piece - piece.mean()) ** 2).sum()) for piece in pieces) + penalty * len(cuts)


@settings(max_examples=40)
@given(SERIES)
def test_no_other_cut_of_a_short_series_is_cheaper(values: list[int]) -> None:
    series = np.array(values, np.float64)
    noise = 1.4826 * float(np.median(np.abs(np.diff(series)))) / np.sqrt(2)
    assume(noise > 0)
    penalty = 4 * np.log(len(series)) * noise**2
    n = len(series)
    all_cuts = [[], *([a] for a in range(7, n - 6)), *([a, b] for a in range(7, n) for b in range(a + 7, n - 6))]
    best = min(_cost(series, cuts, penalty) for cuts in all_cuts)
    assert _cost(series, [shift.day for shift in shifts(series)], penalty) == pytest.approx(best)


def test_a_quiet_year_has_no_shift_and_a_step_has_its_day() -> None:
    rng = np.random.default_rng(5)
    quiet = rng.normal(size=365)
    assert shifts(quiet) == []
    found = shifts(quiet + 3 * (np.arange(365) >= 200))
    assert [abs(shift.day - 200) <= 2 for shift in found] == [True]
    assert shifts(np.ones(13)) == []
    assert shifts(np.array([0.0] * 10 + [1.0] * 10)) == [Shift(10, 0.0, 1.0)]


def test_nothing_is_told_when_nothing_changed() -> None:
    same = {"channel": np.array([3.0, 4.0])}
    assert causes(same, same) == []
    counts = Counts(np.array([100.0, 300.0]), np.array([50.0, 150.0]), 1_000, 500)
    assert drivers(counts, counts) == []


def test_a_change_spread_over_all_values_has_no_cause() -> None:
    assert causes({"region": np.full(20, 50.0)}, {"region": np.full(20, 100.0)}) == []


def test_a_fall_everywhere_is_no_driver_and_one_segment_s_is() -> None:
    n = np.full(5, 2_000.0)
    before = Counts(n, 0.6 * n, 10_000, 6_000)
    assert drivers(before, Counts(n, 0.5 * n, 10_000, 5_000)) == []
    k = 0.6 * n
    k[3] = 1_000
    (found,) = drivers(before, Counts(n, k, 10_000, float(k.sum())))[:1]
    assert found.segment == 3
    assert found.low < found.change < found.high < 0
    assert found.adds == pytest.approx(-0.02, abs=1e-4)


def test_segments_of_a_handful_are_not_told() -> None:
    few = Counts(np.array([6.0]), np.array([6.0]), 1_000, 500)
    assert drivers(few, Counts(np.array([6.0]), np.array([0.0]), 1_000, 500)) == []
    assert discoveries(np.array([]), 0.05).tolist() == []


def test_an_evening_that_doubles_is_about_twice_with_an_interval() -> None:
    rng = np.random.default_rng(6)
    series = rng.poisson(100, 70).astype(np.float64)
    series[60] = 200
    found = lift(series, 60, 61)
    assert 1 < found.low < found.value < found.high
    assert found.value == pytest.approx(2, abs=0.3)
    assert np.isnan(lift(series, 10, 11).value)


def test_weeks_of_other_moments_are_left_out() -> None:
    series = np.full(70, 100.0)
    series[53] = 900
    is_other = np.arange(70) == 53
    assert lift(series, 60, 61, is_other).value == 1.0
    assert lift(series, 60, 61).value < 1.0


def test_a_machine_that_talks_for_a_hundred_does_not_count() -> None:
    counts = is_plausible(np.array([3.0, 9.0, 0.0, 2_000.0]), np.array([2.0, 3.0, 0.0, 28.0]))
    assert counts.tolist() == [True, True, True, False]
    assert is_plausible(np.array([]), np.array([])).tolist() == []
