"""Loyal and overlooked: who gets far less of our attention than customers like them usually do."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats

__all__ = ["Attention", "Overlooked", "Seen"]

_Bools = np.typing.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Attention:
    """What customers are worth to us, and what they got of us, a row each.

    Attributes
    ----------
    value : float64, shape (n,)
        Expected to be spent from now on, >= 0.
    tenure : float64, shape (n,)
        Days since the first order.
    p_alive : float64, shape (n,)
        How probable it is that they are still customers.
    asked : float64, shape (n,)
        Messages of theirs.
    given : float64, shape (n,)
        How many times we turned to them: answers, contacts of our own accord, rewards. Whole numbers.
    """

    value: Floats
    tenure: Floats
    p_alive: Floats
    asked: Floats
    given: Floats


@dataclass(frozen=True, slots=True)
class Seen:
    """What a row is told.

    Attributes
    ----------
    usual : float64, shape (n,)
        How many times we usually turn to such a customer.
    p : float64, shape (n,)
        How probable it is that they are overlooked; 0 for whom we do not call loyal.
    is_loyal, is_overlooked : bool, shape (n,)
    """

    usual: Floats
    p: Floats
    is_loyal: _Bools
    is_overlooked: _Bools


class Overlooked:
    """Negative binomial in value, tenure and messages; among the loyal, some get only a share of what is usual.

    Who is loyal: the most valuable `top_share`, probably still customers, for longer than `least_days`. Of these, a
    part that is learned (`share_`) gets only `left_` of the usual attention; who belongs to it is told by Bayes' rule.
    Where nobody is treated unlike the others, that part is empty, and so is the list.

    Parameters
    ----------
    top_share : float
        Of all customers, by value.
    least_alive : float
        Probability of still being a customer.
    least_days : float
        Tenure.
    sure : float
        From which probability on somebody is put on the list.

    Attributes
    ----------
    params_ : float64, shape (7,)
        Of the logarithm of the usual attention: constant, then value, tenure, messages (log1p, standardised), squares.
    size_ : float
        Of the negative binomial: how alike people of the same kind are treated; the larger, the more.
    share_, left_ : float
        How many of the loyal are overlooked, and how much of the usual they get.
    has_converged_, is_pooled_ : bool
        Whether the best answer was found; whether there are too few loyal customers (100) to tell.
    """

    _enough, _rounds, _inner = 100, 4, 40

    def __init__(
        self, *, top_share: float = 0.3, least_alive: float = 0.7, least_days: float = 180.0, sure: float = 0.5
    ) -> None:
        self.top_share, self.least_alive, self.least_days, self.sure = top_share, least_alive, least_days, sure
        self.params_: Floats = np.zeros(0)
        self.size_, self.share_, self.left_ = 1.0, 0.0, 1.0
        self.has_converged_, self.is_pooled_ = False, False
        self._centre: Floats = np.zeros(0)
        self._spread: Floats = np.ones(0)
        self._least_value, self._most = 0.0, 0.0

    def fit(self, given: Attention) -> Self:
        """Learn what is usual, and whether some of the loyal get less."""
        raw = _traits(given)
        self.params_ = np.zeros(raw.shape[1] * 2 + 1)
        self._centre, self._spread, self._least_value = np.zeros(raw.shape[1]), np.ones(raw.shape[1]), 0.0
        self._most = float(given.given.max(initial=0))
        if len(raw):
            self._centre, spread = raw.mean(axis=0), raw.std(axis=0)
            self._spread = np.where(spread > 0, spread, 1)
            self._least_value = float(np.quantile(given.value, 1 - self.top_share))
            self.params_[0] = np.log(given.given.mean() + 1e-6)
        loyal = self._loyal(given)
        self.is_pooled_ = int(loyal.sum()) < self._enough
        self.size_, self.share_, self.left_ = 1.0, 0.0, 1.0
        # those who are overlooked do not teach what is usual
        weights = np.ones(len(loyal))
        for _ in range(self._rounds):
            self._fit_usual(given, weights)
            if self.is_pooled_:
                break
            self._fit_parts(given.given[loyal], self._usual(given)[loyal])
            weights[loyal] = 1 - self._p(given.given[loyal], self._usual(given)[loyal])
        return self

    def predict(self, given: Attention) -> Seen:
        """Say who of these is overlooked."""
        if not len(self.params_):
            raise ContractError("Overlooked was not fitted: call fit before predict.")
        # where next to nobody got anything, a formula would promise millions: nobody is due more than anybody ever got
        usual, loyal = np.minimum(self._usual(given), self._most), self._loyal(given)
        p = np.where(loyal, self._p(given.given, usual), 0.0)
        return Seen(usual, p, loyal, (p >= self.sure) & (given.given < usual))

    def _loyal(self, given: Attention) -> _Bools:
        is_worth = (given.value >= self._least_value) & (given.value > 0)
        return np.asarray(is_worth & (given.p_alive >= self.least_alive) & (given.tenure >= self.least_days))

    def _usual(self, given: Attention) -> Floats:
        return np.asarray(np.exp(np.clip(self._rows(given) @ self.params_, -20, 20)))

    def _rows(self, given: Attention) -> Floats:
        scaled = (_traits(given) - self._centre) / self._spread
        return np.column_stack([np.ones(len(scaled)), scaled, scaled**2])

    def _fit_usual(self, given: Attention, weights: Floats) -> None:
        """Fit the mean by weighted Newton steps, with a slight ridge, at the size that is known so far."""
        rows, ridge = self._rows(given), np.diag([0.0, *[1.0] * (len(self.params_) - 1)])
        for _ in range(self._inner):
            usual = self._usual(given)
            pull = weights * self.size_ / (self.size_ + usual)
            gradient = rows.T @ (pull * (given.given - usual)) - ridge @ self.params_
            step = np.linalg.solve((rows.T * (pull * usual)) @ rows + ridge + 1e-9 * np.eye(len(ridge)), gradient)
            self.params_ = self.params_ + np.clip(step, -1, 1)
            if np.abs(step).max() < 1e-7:
                break
        else:
            self.has_converged_ = False

    def _fit_parts(self, counts: Floats, usual: Floats) -> None:
        """Fit size, share and what is left, together, by likelihood; a prior keeps the share small."""

        def loss(params: Floats) -> float:
            size, share, left = np.exp(params[0]), expit(params[1]), expit(params[2])
            both = np.logaddexp(
                np.log1p(-share) + _log_nb(counts, usual, size), np.log(share) + _log_nb(counts, left * usual, size)
            )
            # about one in twenty, at about a third of the usual, as if that had been seen of a handful of people
            prior = 2 * np.log(share) + 38 * np.log1p(-share) + 3 * np.log(left) + 6 * np.log1p(-left)
            return -float(both.sum() + prior)

        found = minimize(
            loss, np.array([np.log(5.0), -3.0, -1.0]), method="L-BFGS-B", bounds=[(-3, 6), (-9, -0.5), (-5, 1)]
        )
        self.has_converged_ = bool(found.success)
        self.size_, self.share_, self.left_ = (
            float(np.exp(found.x[0])),
            float(expit(found.x[1])),
            float(expit(found.x[2])),
        )

    def _p(self, counts: Floats, usual: Floats) -> Floats:
        if not self.share_:
            return np.zeros(len(counts))
        less = np.log(self.share_) + _log_nb(counts, self.left_ * usual, self.size_)
        same = np.log1p(-self.share_) + _log_nb(counts, usual, self.size_)
        return np.asarray(expit(less - same))


def _traits(given: Attention) -> Floats:
    return np.log1p(np.column_stack([given.value, given.tenure, given.asked]))


def _log_nb(counts: Floats, mean: Floats, size: float) -> Floats:
    """Return the logarithm of the negative binomial's probability, without what is the same for all means."""
    return np.asarray(
        gammaln(counts + size)
        - gammaln(size)
        + size * np.log(size)
        + counts * np.log(mean + 1e-12)
        - (counts + size) * np.log(mean + size)
    )
