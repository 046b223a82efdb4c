"""Contracts that end."""

import numpy as np
import pytest

from gehoor.core.errors import ContractError
from gehoor.know.hazard import Hazard, Periods


def _periods(n: int) -> Periods:
    rng = np.random.default_rng(9)
    age, traits = rng.integers(0, 60, n).astype(np.float64), rng.normal(size=(n, 2))
    p = 1 / (1 + np.exp(2 + 0.03 * age - traits[:, 0]))
    return Periods(age, traits, (rng.random(n) < p).astype(np.float64))


def test_chances_that_were_put_in_are_found() -> None:
    periods = _periods(20_000)
    model = Hazard().fit(periods)
    asked = Periods(np.array([0.0, 40.0]), np.array([[0.0, 0.0], [1.0, 5.0]]), np.zeros(2))
    assert model.has_converged_
    assert model.predict(asked) == pytest.approx(1 / (1 + np.exp([2.0, 2.2])), abs=0.02)


def test_more_periods_ahead_end_more_contracts() -> None:
    periods = _periods(2_000)
    one, twelve = (Hazard(ahead).fit(periods).predict(periods) for ahead in (1, 12))
    assert (twelve > one).all()
    assert (twelve < 1).all()


def test_too_few_that_ended_give_the_average_and_say_so() -> None:
    periods = _periods(200)
    ended = np.zeros(200)
    ended[:4] = 1
    model = Hazard().fit(Periods(periods.age, periods.traits, ended))
    assert model.is_pooled_
    assert np.abs(model.predict(periods) - 0.02).max() < 0.01


def test_it_refuses_to_predict_before_it_is_fitted() -> None:
    with pytest.raises(ContractError, match="fit before predict"):
        Hazard().predict(_periods(1))
