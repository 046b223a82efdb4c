"""Contracts: how probable it is that one ends in a period, by its age and what is known of it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, ndtri

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats
from gehoor.know.outlook import LEVEL

__all__ = ["Hazard", "Periods"]


@dataclass(frozen=True, slots=True)
class Periods:
    """Contracts as seen in one period each, a row; a contract that is seen in several has several rows.

    Attributes
    ----------
    age : float64, shape (n,)
        For how many periods the contract has run.
    traits : float64, shape (n, k)
        What is known of it: prices, and 0 or 1 for what it has or has not.
    ended : float64, shape (n,)
        1 where it ended in that period, else 0; not read by `predict`.
    """

    age: Floats
    traits: Floats
    ended: Floats


class Hazard:
    """Discrete hazard: logistic in the traits, the age and its root, with a slight ridge.

    Parameters
    ----------
    ahead : int
        Over how many periods to look.

    Attributes
    ----------
    params_, errors_ : float64, shape (3 + k,)
        Constant, age, root of the age, traits, all in deviations from their mean; their standard errors.
    covariance_ : float64, shape (3 + k, 3 + k)
        Of the parameters.
    enough : int
        How many must have ended, and as many stayed, to say more than the average.
    has_converged_, is_pooled_ : bool
        Whether the best answer was found; whether too few ended to say more than the average.

    References
    ----------
    .. [1] J. D. Singer, J. B. Willett, It's about time: using discrete-time survival analysis to study duration and the
           timing of events, Journal of Educational Statistics 18 (1993).
    """

    enough = 30
    _ridge, _rounds = 1.0, 50

    def __init__(self, ahead: int = 1) -> None:
        self.ahead = ahead
        self.has_converged_, self.is_pooled_ = False, False
        self.params_: Floats = np.zeros(0)
        self.errors_: Floats = np.zeros(0)
        self.covariance_: Floats = np.zeros((0, 0))
        self._centre: Floats = np.zeros(0)
        self._spread: Floats = np.ones(0)

    def fit(self, given: Periods) -> Self:
        """Learn from periods of contracts: Newton's method, to at most 50 rounds."""
        raw = _columns(given.age, given.traits)
        self._centre, spread = raw.mean(axis=0), raw.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1)
        rows = self._rows(given.age, given.traits)
        ended, n = given.ended, len(given.ended)
        self.is_pooled_ = min(ended.sum(), n - ended.sum()) < self.enough
        ridge = np.full(rows.shape[1], 1e3 if self.is_pooled_ else self._ridge)
        ridge[0] = 0
        params = np.zeros(rows.shape[1])
        rate = (ended.sum() + 0.5) / (n + 1)
        params[0] = np.log(rate / (1 - rate))
        self.has_converged_ = False
        for _ in range(self._rounds):
            p = expit(rows @ params)
            information = (rows.T * np.maximum(p * (1 - p), 1e-9)) @ rows + np.diag(ridge)
            factor = cho_factor(information)
            step = cho_solve(factor, rows.T @ (ended - p) - ridge * params)
            params = params + np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-8:
                self.has_converged_ = True
                break
        self.params_ = params
        self.covariance_ = cho_solve(factor, np.eye(len(params)))
        self.errors_ = np.sqrt(np.diag(self.covariance_))
        return self

    def predict(self, given: Periods) -> Floats:
        """Say how probable it is that each contract ends within the periods ahead, shape (n,)."""
        if not len(self.params_):
            raise ContractError("Hazard was not fitted: call fit before predict.")
        stays = np.zeros(len(given.age))
        for period in range(self.ahead):
            stays += np.log1p(-expit(self._rows(given.age + period, given.traits) @ self.params_))
        return np.asarray(-np.expm1(stays))

    def interval(self, given: Periods, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Say between which probabilities each lies, given how much there was to learn from; each of shape (n,).

        By the delta method on the logarithm of the cumulative hazard, so that it stays between 0 and 1.
        """
        total = -np.log1p(-self.predict(given))
        slope = np.zeros((len(given.age), len(self.params_)))
        for period in range(self.ahead):
            rows = self._rows(given.age + period, given.traits)
            slope += expit(rows @ self.params_)[:, None] * rows
        spread = np.sqrt(np.einsum("ij,jk,ik->i", slope, self.covariance_, slope))
        factor = np.exp(ndtri((1 + level) / 2) * spread / total)
        return np.asarray(-np.expm1(-total / factor)), np.asarray(-np.expm1(-total * factor))

    def _rows(self, age: Floats, traits: Floats) -> Floats:
        scaled = (_columns(age, traits) - self._centre) / self._spread
        return np.column_stack([np.ones(len(age)), scaled])


def _columns(age: Floats, traits: Floats) -> Floats:
    return np.column_stack([age, np.sqrt(np.maximum(age, 0)), traits])
