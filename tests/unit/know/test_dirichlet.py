"""The NBD-Dirichlet: as published, as a sum over all counts says, and as a simulated market goes."""

import numpy as np
import pytest
from scipy.special import betaln
from scipy.stats import nbinom

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats
from gehoor.know.dirichlet import Market, NbdDirichlet

SHARES: Floats = np.array([0.25, 0.19, 0.1, 0.1, 0.09, 0.08, 0.03, 0.02])
BOUGHT: Floats = np.array([0.2, 0.17, 0.09, 0.08, 0.08, 0.07, 0.03, 0.02])
TOOTHPASTE = Market(0.56, 2.6, SHARES, BOUGHT)


def test_toothpaste_of_1973_is_as_published() -> None:
    params = NbdDirichlet().fit(TOOTHPASTE).params_
    assert {name: round(value, 2) for name, value in params.items()} == {"M": 1.46, "K": 0.78, "S": 1.3}


def test_figures_are_those_of_a_sum_over_all_counts() -> None:
    model = NbdDirichlet().fit(TOOTHPASTE)
    mean, shape, strength = model.params_.values()
    n = np.arange(400)
    chance = nbinom.pmf(n, shape, shape / (shape + mean))
    told = model.predict(SHARES)
    for brand, share in enumerate(SHARES):
        alpha, rest = strength * share, strength * (1 - share)
        none = np.exp(betaln(alpha, rest + n) - betaln(alpha, rest))
        only = np.exp(betaln(alpha + n, rest) - betaln(alpha, rest))
        bought = 1 - (chance * none).sum()
        assert told["penetration"][brand] == pytest.approx(bought)
        assert told["buying_rate"][brand] == pytest.approx(mean * share / bought)
        assert told["category_rate"][brand] == pytest.approx((chance * n * (1 - none)).sum() / bought)
        assert told["sole_buyers"][brand] == pytest.approx((chance * only)[1:].sum() / bought)


def test_simulated_market_is_found_again() -> None:
    rng = np.random.default_rng(7)
    people, shares = 40_000, np.array([0.5, 0.3, 0.15, 0.05])
    counts = np.array(
        [rng.multinomial(n, taste) for n, taste in zip(rng.poisson(rng.gamma(0.8, 4, people)), rng.dirichlet(
            1.6 * shares, people), strict=True)]
    )  # fmt: skip
    bought = (counts.sum(axis=1) > 0).mean()
    market = Market(
        float(bought), float(counts.sum() / people / bought), counts.sum(axis=0) / counts.sum(), (counts > 0).mean(0)
    )
    model = NbdDirichlet().fit(market)
    assert model.params_["M"] == pytest.approx(3.2, rel=0.03)
    assert model.params_["K"] == pytest.approx(0.8, rel=0.05)
    assert model.params_["S"] == pytest.approx(1.6, rel=0.1)
    shared = ((counts > 0).T.astype(float) @ (counts > 0)) / (counts > 0).sum(axis=0)[:, None]
    assert np.abs(model.duplication(market.shares) - shared).max() < 0.02


def test_small_brands_are_bought_by_fewer_and_less_often() -> None:
    told = NbdDirichlet().fit(TOOTHPASTE).predict(np.array([0.3, 0.1, 0.02]))
    for name in ("penetration", "buying_rate", "share_of_requirements", "repeat", "sole_buyers"):
        assert (np.diff(told[name]) < 0).all()


def test_more_time_brings_more_buyers() -> None:
    model = NbdDirichlet().fit(TOOTHPASTE)
    short, long = (model.predict(SHARES, periods)["penetration"] for periods in (1.0, 4.0))
    assert (long > short).all()
    assert (long < 1).all()


@pytest.mark.parametrize(
    "market",
    [
        Market(1.0, 2.6, SHARES, BOUGHT),
        Market(0.56, 1.0, SHARES, BOUGHT),
        Market(0.56, 2.6, SHARES * 2, BOUGHT),
        Market(0.56, 2.6, SHARES, BOUGHT * 3),
    ],
)
def test_figures_of_no_market_are_refused(market: Market) -> None:
    with pytest.raises(ContractError):
        NbdDirichlet().fit(market)


def test_nothing_is_predicted_before_it_is_fitted() -> None:
    with pytest.raises(ContractError, match="before it is fitted"):
        NbdDirichlet().predict(SHARES)
