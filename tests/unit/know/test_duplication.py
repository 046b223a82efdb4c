"""Double jeopardy, duplication and flows: what size explains is no news, what it does not is."""

import numpy as np
import pytest

from gehoor.core.errors import ContractError
from gehoor.know.base import Ints
from gehoor.know.duplication import NEWS_Z, double_jeopardy, duplication, flows
from gehoor.know.wallet import ShareOfWallet

SHARES = np.array([0.45, 0.3, 0.15, 0.1])


def market(people: int = 3_000, seed: int = 7) -> Ints:
    """Return what people buy in a market where brands differ in size alone."""
    rng = np.random.default_rng(seed)
    tastes = rng.dirichlet(1.5 * SHARES, people)
    return np.array([rng.multinomial(1 + rng.poisson(4), taste) for taste in tastes])


def test_market_where_size_alone_decides_has_no_news() -> None:
    bought = market()
    assert (np.abs(double_jeopardy(bought)["z"]) < NEWS_Z).all()


def test_small_brand_with_buyers_of_its_own_is_news() -> None:
    bought = market()
    own = bought.argmax(axis=1) == 3
    bought[own] = np.where(np.arange(4) == 3, bought[own].sum(axis=1, keepdims=True), 0)
    bought[~own, 3] = 0
    bought = bought[bought.sum(axis=1) > 0]
    assert double_jeopardy(bought)["z"][3] > NEWS_Z


def test_two_brands_of_one_crowd_share_more_buyers_than_size_explains() -> None:
    rng = np.random.default_rng(7)
    crowd = rng.random(2_000) < 0.5
    one, other = rng.poisson([2, 2, 0.3, 0.3], (2_000, 4)), rng.poisson([0.3, 0.3, 2, 2], (2_000, 4))
    bought = np.where(crowd[:, None], one, other)
    bought = bought[bought.sum(axis=1) > 0]
    _, table = duplication(bought)
    assert table["z"][0, 1] > NEWS_Z
    assert table["z"][0, 2] < -NEWS_Z
    assert (np.diag(table["share"]) == 1).all()


def test_as_many_come_as_go_where_habits_do_not_move() -> None:
    rng = np.random.default_rng(7)
    who = np.repeat(np.arange(500), 6)
    what = np.concatenate([rng.choice(4, 6, p=taste) for taste in rng.dirichlet(SHARES, 500)])
    still = flows(who, what, 4)
    assert np.abs(still["z"]).max() < NEWS_Z
    assert still["n"].sum() == 500 * 5
    moved = flows(who, np.where((np.arange(len(who)) % 6 > 2) & (what == 0), 1, what), 4)
    assert moved["z"][0, 1] > NEWS_Z
    assert np.array_equal(moved["net"], -moved["net"].T)


def test_flows_are_those_of_each_customer_in_any_mixture() -> None:
    who, what = np.array([0, 1, 0, 1]), np.array([0, 2, 1, 2])
    assert np.argwhere(flows(who, what, 3)["n"]).tolist() == [[0, 1], [2, 2]]


def test_strength_of_a_simulated_market_lies_within_three_standard_errors() -> None:
    model = ShareOfWallet().fit(market())
    assert abs(model.params_["S"] - 1.5) < 3 * model.errors_["S"]
    assert model.has_converged_
    assert np.allclose(model.predict(market(10)).sum(axis=1), 1)


def test_slope_of_the_likelihood_is_that_of_a_small_step() -> None:
    bought = market(50)
    model = ShareOfWallet().fit(bought)
    best = model.params_["S"]
    assert model._slope(best) == pytest.approx(0, abs=1e-4)
    assert model.errors_["S"] == pytest.approx(
        float(np.sqrt(-2e-4 / (model._slope(best + 1e-4) - model._slope(best - 1e-4)))), rel=1e-4
    )


def test_too_few_people_are_said_to_be_too_few() -> None:
    model = ShareOfWallet().fit(np.array([[3, 0], [0, 2]]))
    assert model.is_pooled_
    assert model.params_["S"] == 1.0


def test_everybody_with_one_brand_is_no_error() -> None:
    model = ShareOfWallet().fit(np.tile([[4, 0], [0, 3]], (50, 1)))
    assert not model.has_converged_
    assert model.predict(np.array([[2, 0]]))[0, 0] > 0.99
    assert np.isfinite(double_jeopardy(np.tile([[4, 0], [0, 3]], (50, 1)))["z"]).all()


def test_share_is_not_predicted_before_it_is_fitted() -> None:
    with pytest.raises(ContractError, match="before it is fitted"):
        ShareOfWallet().predict(np.array([[1, 0]]))
