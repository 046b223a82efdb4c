"""The formulas of the purchase models, against numbers found in another way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad
from scipy.sparse import csr_array
from scipy.special import gammaln, hyp2f1

from gehoor.know import returning
from gehoor.know.base import Floats
from gehoor.know.bgnbd import BGNBD
from gehoor.know.checks import some_orders
from gehoor.know.mbgnbd import MBGNBD
from gehoor.know.paretonbd import ParetoNBD
from gehoor.know.pausing import ahead, silence
from gehoor.know.purchasing import PurchaseModel
from gehoor.know.returning import Returning
from gehoor.know.rfm import Histories

PARAMS = {
    BGNBD: (0.243, 4.414, 0.793, 2.426),
    MBGNBD: (0.525, 6.183, 0.891, 1.614),
    ParetoNBD: (0.553, 10.578, 0.606, 11.669),
}


def _histories(n: int = 400) -> Histories:
    return Histories.of(*some_orders(n), 300)


@pytest.mark.parametrize("kind", PARAMS, ids=lambda kind: kind.__name__)
def test_gradient_is_that_of_the_likelihood(kind: type[PurchaseModel]) -> None:
    histories, model, params = _histories().grouped()[0], kind(), np.array(PARAMS[kind])
    _, slopes = model._scores(params, histories)
    for place, step in enumerate(np.eye(4) * 1e-5):
        up, down = (model._scores(params * np.exp(way * step), histories)[0] for way in (1, -1))
        assert np.allclose((up - down) / 2e-5, slopes[place], rtol=1e-6, atol=1e-7)


def test_gradient_of_returning_is_that_of_its_likelihood() -> None:
    histories, params = _histories(100).alike()[0], np.array([0.5, 9.0, 1.2, 14.0, 0.03])
    _, slopes = returning._scores(params, histories)
    for place, step in enumerate(np.eye(5) * 1e-5):
        up, down = (returning._scores(params * np.exp(way * step), histories)[0] for way in (1, -1))
        assert np.allclose((up - down) / 2e-5, slopes[place], rtol=1e-4, atol=1e-5)


def _one(x: float, recency: float, age: float) -> Histories:
    return Histories(np.array([x]), np.array([recency]), np.array([age]), np.ones(1), csr_array((1, 1)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 12), st.floats(0.2, 1.0), st.floats(5, 60))
def test_pareto_nbd_equals_the_hypergeometric_form_of_the_paper(x: int, share: float, age: float) -> None:
    r, alpha, s, beta = PARAMS[ParetoNBD]
    recency = share * age if x else 0.0
    each, _ = ParetoNBD()._scores(np.array([r, alpha, s, beta]), _one(x, recency, age))

    # Fader and Hardie (2005), "A note on deriving the Pareto/NBD model", for alpha <= beta
    def part(t: float) -> float:
        return float(hyp2f1(r + s + x, r + x, r + s + x + 1, (beta - alpha) / (beta + t)) / (beta + t) ** (r + s + x))

    lives = (alpha + age) ** -(r + x) * (beta + age) ** -s
    dead = quad(lambda t: s * (alpha + t) ** -(r + x) * (beta + t) ** -(s + 1), recency, age)[0]
    closed = s / (r + s + x) * (part(recency) - part(age))
    assert closed == pytest.approx(dead, rel=1e-7, abs=1e-14)
    whole = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(lives + dead)
    assert each[0] == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize(("kind", "first"), [(BGNBD, 0), (MBGNBD, 1)])
@pytest.mark.parametrize("x", [0, 1, 5])
def test_expected_purchases_equal_the_integral_over_rates_and_leaving(kind: type[BGNBD], first: int, x: int) -> None:
    r, alpha, a, b = PARAMS[kind]
    weeks, age = 39.0, 30.0

    # given alive: the rate is gamma (r + x, alpha + age), the chance to leave is beta (a, b + x + first)
    def term(u: float, q: float) -> float:
        p = q**4  # so that the pole at 0 goes
        weight = p ** (a - 1) * (1 - p) ** (b + x + first - 1) * 4 * q**3
        rate = (r + x) * (alpha + age) ** (r + x) / (alpha + age + p * u) ** (r + x + 1)
        return float(weight * rate)

    log_beta = gammaln(a) + gammaln(b + x + first) - gammaln(a + b + x + first)
    found = dblquad(term, 0, 1, 0, weeks, epsabs=1e-9)[0] / np.exp(log_beta)
    expected = kind(weeks)._expected(np.array([r, alpha, a, b]), _one(x, age / 2 if x else 0, age))
    assert expected[0] == pytest.approx(found, rel=2e-4)


def _simulated(rate: float, pauses: float, back: float, weeks: float, n: int) -> Floats:
    """Count the orders of n customers who are active at first, in small steps."""
    rng, step = np.random.default_rng(3), 0.01
    is_active, counts = np.ones(n, np.bool_), np.zeros(n)
    for _ in range(int(weeks / step)):
        chance = rng.random(n)
        counts += is_active & (chance < rate * step)
        turns = rng.random(n)
        is_active = np.where(is_active, turns >= pauses * step, turns < back * step)
    return counts


def test_pauses_give_the_counts_of_a_simulation() -> None:
    rate, pauses, back, weeks = 0.8, 0.3, 0.1, 10.0
    counts = _simulated(rate, pauses, back, weeks, 20_000)
    future = ahead(np.array([rate]), np.array([pauses]), back, weeks)
    variance = future.pairs[0][0] + future.mean[0][0] - future.mean[0][0] ** 2
    assert future.mean[0][0] == pytest.approx(counts.mean(), rel=0.03)
    assert variance == pytest.approx(counts.var(), rel=0.05)
    assert future.none[0][0] == pytest.approx((counts == 0).mean(), rel=0.05)


def test_density_of_gaps_adds_up_to_one() -> None:
    rate, pauses, back = np.array([0.8]), np.array([0.3]), 0.1
    whole = quad(lambda t: float((rate * silence(rate, pauses, back, t).active)[0]), 0, 400)[0]
    assert whole == pytest.approx(1, abs=1e-6)


def test_who_never_comes_back_makes_the_pareto_nbd() -> None:
    histories = _histories(400)
    params = np.array([0.6, 8.0, 0.9, 12.0])
    pareto = ParetoNBD()._scores(params, histories)[0]
    # off by the little of both gammas that lies outside the grid
    each = returning._scores(np.append(params, 1e-9), histories)[0]
    assert np.abs(each - pareto).max() < 0.1
    assert abs((each - pareto).mean()) < 0.01


def test_returning_finds_the_pauses_that_were_put_in() -> None:
    rng, n, until, step = np.random.default_rng(11), 1_500, 520, 1.0
    rate, pauses = rng.gamma(1.0, 0.06, n), rng.gamma(1.5, 0.02, n)
    is_active = np.ones(n, np.bool_)
    customers, days = [np.arange(n)], [np.zeros(n, np.int64)]
    for day in range(1, until + 1):
        orders = np.flatnonzero(is_active & (rng.random(n) < rate * step))
        customers.append(orders)
        days.append(np.full(len(orders), day))
        turns = rng.random(n)
        is_active = np.where(is_active, turns >= pauses * step, turns < 0.01)
    model = Returning(26).fit(Histories.of(np.concatenate(customers), np.concatenate(days), until))
    assert model.has_converged_
    assert model.params_["back"] == pytest.approx(0.07, rel=0.25)
    assert model.params_["r"] == pytest.approx(1.0, rel=0.2)


def test_ridge_without_a_sharp_answer_is_said_and_what_is_usual_helps() -> None:
    # they leave at any moment, not after an order, so that a and b could both be anything
    model = MBGNBD(26).fit(_histories(300))
    assert not model.has_converged_
    assert model.is_pooled_
    assert model.params_["a"] < 10
