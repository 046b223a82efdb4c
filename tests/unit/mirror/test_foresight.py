"""An index is told to foretell only where it does."""

import numpy as np
import pytest

from gehoor.mirror.base import Floats
from gehoor.mirror.foresight import FEWEST, foresight


def _weeks(n: int, helps: float, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return retention as it was known, an index, and what came: moved by the index as far as `helps`."""
    rng = np.random.default_rng(seed)
    known, index = 0.4 + 0.03 * rng.normal(size=n), rng.normal(size=n)
    logits = np.log(known) - np.log1p(-known) + helps * index + 0.1 * rng.normal(size=n)
    return known, index, 1 / (1 + np.exp(-logits))


def test_index_that_tells_what_comes_is_found_to_help() -> None:
    found = foresight(*_weeks(60, 0.4, 1))
    assert found.gain.low > 0
    assert found.n_foretold == 60 - 12


def test_index_of_pure_chance_hardly_ever_passes_for_true() -> None:
    wrong = sum(foresight(*_weeks(52, 0.0, seed)).gain.low > 0 for seed in range(40))
    assert wrong <= 4


def test_few_weeks_say_nothing_at_all() -> None:
    found = foresight(*_weeks(12 + FEWEST - 1, 0.4, 1))
    assert np.isnan(found.gain.value)
    assert found.n_foretold == FEWEST - 1


def test_weeks_that_were_not_measured_are_left_out() -> None:
    known, index, outcome = _weeks(60, 0.4, 1)
    index[5] = np.nan
    assert foresight(known, index, outcome).n_foretold == 60 - 13


def test_forecast_of_a_week_knows_no_outcome_that_came_later() -> None:
    known, index, outcome = _weeks(40, 0.4, 1)
    changed = outcome.copy()
    changed[-1] = 0.9  # the last outcome is foretold, and teaches nobody
    one, other = (foresight(known[:39], index[:39], of[:39]) for of in (outcome, changed))
    assert one.gain.value == pytest.approx(other.gain.value)
