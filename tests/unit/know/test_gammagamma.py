"""What orders are worth: the model of amounts."""

import numpy as np
import pytest

from gehoor.core.errors import ContractError
from gehoor.know.gammagamma import GammaGamma, Spend


def _spend(n: int) -> Spend:
    rng = np.random.default_rng(2)
    scale = rng.gamma(4.0, 1 / 16.0, n)
    orders = rng.integers(1, 8, n).astype(np.float64)
    return Spend(orders, rng.gamma(6.0 * orders) / scale / orders)


def test_parameters_that_were_put_in_are_found() -> None:
    model = GammaGamma().fit(_spend(4_000))
    assert model.has_converged_
    assert not model.is_pooled_
    for name, true in (("p", 6.0), ("q", 4.0), ("v", 16.0)):
        assert model.params_[name] == pytest.approx(true, abs=3 * model.errors_[name])


def test_few_orders_are_drawn_to_the_average_and_many_are_not() -> None:
    model = GammaGamma().fit(_spend(2_000))
    usual = model.predict(Spend(np.array([1.0]), np.array([0.0])))[0][0]
    mean, variance = model.predict(Spend(np.array([1.0, 500.0]), np.array([200.0, 200.0])))
    assert usual < mean[0] < mean[1] < 201
    assert mean[1] == pytest.approx(200, rel=0.01)
    # a single order of who always spends 200 is gamma of shape p
    assert variance[1] == pytest.approx(200**2 / model.params_["p"], rel=0.05)


def test_nobody_with_an_amount_is_no_error() -> None:
    model = GammaGamma().fit(Spend(np.ones(3), np.zeros(3)))
    assert model.is_pooled_
    assert np.isfinite(model.predict(Spend(np.ones(1), np.zeros(1)))[0]).all()


def test_it_refuses_to_predict_before_it_is_fitted() -> None:
    with pytest.raises(ContractError, match="fit before predict"):
        GammaGamma().predict(Spend(np.ones(1), np.ones(1)))
