"""One series of numbers: counts judged upwards, other numbers in both directions, one alarm a burst."""

import numpy as np
import pytest

from gehoor.warn.base import Floats
from gehoor.warn.refractory import Refractory

_MONDAY, _STEP_S = 1_775_433_600.0, 300.0


def _alarms(numbers: Floats, step_s: float = _STEP_S) -> list[int]:
    judge = Refractory(step_s)
    ends = _MONDAY + step_s * np.arange(1, len(numbers) + 1)
    return [place for place, (number, at) in enumerate(zip(numbers.tolist(), ends.tolist(), strict=True))
            if judge.update(number, at)[1]]  # fmt: skip


def _counts(rng: np.random.Generator) -> Floats:
    return rng.poisson(20 * np.exp(0.5 * np.sin(np.arange(1_500) / 288 * 2 * np.pi))).astype(np.float64)


def test_burst_of_counts_rings_at_once_and_once(rng: np.random.Generator) -> None:
    counts = _counts(rng)
    counts[1_200:1_224] *= 8
    alarms = _alarms(counts)
    assert alarms[0] == 1_200
    assert len(alarms) <= 2


def test_quiet_counts_of_any_level_do_not_ring(rng: np.random.Generator) -> None:
    assert not _alarms(_counts(rng))
    assert not _alarms(rng.poisson(0.3, 1_500).astype(np.float64))


def test_crowd_is_heard_in_minutes_after_half_a_day_of_history(rng: np.random.Generator) -> None:
    counts = rng.poisson(0.5, 800).astype(np.float64)
    counts[720:] += rng.poisson(4.5, 80)
    alarms = _alarms(counts, 60.0)
    assert 720 <= alarms[0] <= 730


@pytest.mark.parametrize("change", [-15.0, 15.0])
def test_level_that_falls_or_rises_rings(rng: np.random.Generator, change: float) -> None:
    numbers = rng.normal(80.5, 1.0, 1_500)
    numbers[1_200:] += change
    alarms = _alarms(numbers)
    assert 1_200 <= alarms[0] <= 1_205
    assert len(alarms) <= 6  # each while it still grows


def test_rhythm_that_stops_rings_and_a_rhythm_does_not() -> None:
    numbers = 50.5 + 20 * np.sin(np.arange(2_000) / 144 * 2 * np.pi)
    numbers[1_700:] = 50.5
    alarms = _alarms(numbers)
    assert not [place for place in alarms if 300 < place < 1_700]
    assert any(1_700 <= place < 1_750 for place in alarms)


@pytest.mark.parametrize("numbers", [[0.0] * 600, [45.0] * 600, [0.1, 1e12, 0.0, 1e-9] * 150, [1e300, -1e300] * 300])
def test_any_numbers_give_a_finite_score(numbers: list[float]) -> None:
    judge = Refractory(60.0)
    scores = [judge.update(number, _MONDAY + 60 * place)[0] for place, number in enumerate(numbers)]
    assert np.isfinite(scores).all()
    assert all(0 <= score <= 1 for score in scores)
