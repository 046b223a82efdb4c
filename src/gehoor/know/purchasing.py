"""What the models have in common that read frequency, recency and age: how they fit, and how sure they are."""

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats
from gehoor.know.likelihood import Fit, Prior, maximise
from gehoor.know.outlook import Outlook
from gehoor.know.rfm import Histories

__all__ = ["ENOUGH", "PurchaseModel"]

ENOUGH = 30
"""Customers with a second order from which on a model needs no prior."""

_COARSE = 10_000
_STEP = 1e-3


class PurchaseModel(ABC):
    """A model of when customers order, by maximum likelihood over rows that are put together.

    Parameters
    ----------
    weeks : float
        How far ahead to look.

    Attributes
    ----------
    params_, errors_ : dict of str to float
        What was found, by the names of the paper, in weeks; and its standard errors.
    log_likelihood_ : float
        Of the customers it was fitted to.
    has_converged_ : bool
        False: no best answer was found, and the prior had to help.
    is_pooled_ : bool
        It leans on what is usual elsewhere: too few came back, or there was no best answer.
    """

    names: ClassVar[tuple[str, ...]]
    prior: ClassVar[Prior]
    most: ClassVar[int] = 10**9
    """Of more customers than this every k-th is taken to fit: their sum would be hardly sharper, and much slower."""

    def __init__(self, weeks: float = 52.0) -> None:
        self.weeks = weeks
        self.log_likelihood_, self.has_converged_, self.is_pooled_ = float("nan"), False, False
        self.params_: dict[str, float] = {}
        self.errors_: dict[str, float] = {}
        self._fit: Fit | None = None

    def fit(self, given: Histories) -> Self:
        """Learn from customers; their order does not matter."""
        histories = self._rows(given.thinned(self.most))
        self.is_pooled_ = float(histories.n @ (histories.frequency > 0)) < ENOUGH
        best = self._best(histories, self.prior if self.is_pooled_ else None)
        self.has_converged_ = best.has_converged
        if not (best.has_converged or self.is_pooled_):
            self.is_pooled_ = True
            best = self._best(histories, self.prior)
        self._fit = best
        self.log_likelihood_ = best.log_likelihood
        self.params_ = dict(zip(self.names, best.params.tolist(), strict=True))
        self.errors_ = dict(zip(self.names, best.errors.tolist(), strict=True))
        return self

    def predict(self, given: Histories) -> Outlook:
        """Say what to expect of each customer in the weeks ahead."""
        if self._fit is None:
            raise ContractError(f"{type(self).__name__} was not fitted: call fit before predict.")
        histories, place = given.grouped()
        return self._outlook(self._fit, histories).of(place)

    def _rows(self, histories: Histories) -> Histories:
        return histories.grouped()[0]

    def _best(self, histories: Histories, prior: Prior | None) -> Fit:
        """Fit; many rows begin where some of them end."""
        start: tuple[float, ...] | Floats = self.prior.median
        if len(histories.n) > 2 * _COARSE:
            some = histories.thinned(_COARSE)
            start = maximise(lambda params: self._scores(params, some), some.n, start, prior or self.prior).params
        return maximise(lambda params: self._scores(params, histories), histories.n, start, prior)

    def _outlook(self, fit: Fit, histories: Histories) -> Outlook:
        """Return the outlook; the number given alive is taken to be negative binomial, of shape r + frequency."""
        alive = self._alive(fit.params, histories)
        mean = alive * self._expected(fit.params, histories)
        shape = fit.params[0] + histories.frequency
        given_alive = mean / np.maximum(alive, 1e-12)
        pairs = mean * given_alive * (1 + 1 / shape)
        p_again = alive * -np.expm1(-shape * np.log1p(given_alive / shape))
        return Outlook(alive, self._alive_variance(fit, histories), p_again, mean, pairs + mean - mean**2)

    def _alive_variance(self, fit: Fit, histories: Histories) -> Floats:
        """Return what the standard errors of the parameters do to p_alive: the delta method."""
        slopes = []
        for step in np.eye(len(fit.params)) * _STEP:
            up, down = (self._alive(fit.params * np.exp(way * step), histories) for way in (1, -1))
            slopes.append((up - down) / (2 * _STEP))
        slope = np.array(slopes)
        return np.asarray(np.einsum("in,ij,jn->n", slope, fit.covariance, slope))

    @abstractmethod
    def _scores(self, params: Floats, histories: Histories) -> tuple[Floats, Floats]:
        """Return the log-likelihood of each row, and its derivatives by the logarithms of the parameters."""

    @abstractmethod
    def _alive(self, params: Floats, histories: Histories) -> Floats:
        """Return how probable it is that each is still a customer."""

    @abstractmethod
    def _expected(self, params: Floats, histories: Histories) -> Floats:
        """Return the expected order days ahead of each who is."""
