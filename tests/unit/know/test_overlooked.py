"""Who is overlooked: told one by one, with too little said, and not before it was fitted."""

import numpy as np
import pytest

from gehoor.core.errors import ContractError
from gehoor.know.overlooked import Attention, Overlooked


def _of(given: list[float], value: float = 500.0) -> Attention:
    n = len(given)
    return Attention(np.full(n, value), np.full(n, 2_000.0), np.full(n, 0.9), np.full(n, 2.0), np.array(given))


def test_before_it_is_fitted_it_says_so() -> None:
    with pytest.raises(ContractError, match="fit before predict"):
        Overlooked().predict(_of([1.0]))


@pytest.mark.parametrize("n", [0, 1, 40])
def test_of_too_few_nobody_is_named_and_it_is_said(n: int) -> None:
    given = _of([5.0] * n)
    model = Overlooked().fit(given)
    assert model.is_pooled_ and not model.predict(given).is_overlooked.any()


def test_a_customer_is_judged_alone_and_who_is_worth_little_is_not_on_the_list(rng: np.random.Generator) -> None:
    counts = rng.poisson(rng.gamma(8.0, 20 / 8.0, 2_000)).astype(float)
    counts[:60] = 0.0
    value = rng.lognormal(4, 1, 2_000)
    given = Attention(value, np.full(2_000, 2_000.0), np.full(2_000, 0.9), np.full(2_000, 2.0), counts)
    model = Overlooked().fit(given)
    seen = model.predict(given)
    assert seen.is_overlooked[:60][value[:60] >= np.quantile(value, 0.72)].all()
    assert not seen.is_overlooked[~seen.is_loyal].any() and (seen.p[~seen.is_loyal] == 0).all()
    one = Attention(value[5:6], given.tenure[5:6], given.p_alive[5:6], given.asked[5:6], counts[5:6])
    assert model.predict(one).p[0] == pytest.approx(seen.p[5])


def test_where_next_to_nobody_got_an_answer_nobody_is_due_more_than_anybody_got() -> None:
    rng = np.random.default_rng(3)
    asked = np.zeros(160)
    asked[7] = 2.0
    given = Attention(rng.lognormal(4, 1, 160), rng.uniform(10, 110, 160), np.ones(160) * 0.9, asked, asked / 2)
    assert Overlooked(least_days=30).fit(given).predict(given).usual.max() <= 1
