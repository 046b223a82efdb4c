"""Which part of their purchases each person gives to each brand, as far as what they bought so far tells."""

from typing import Self

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats, Ints

__all__ = ["ShareOfWallet"]

_LEAST, _MOST = 1e-3, 1e3
_ENOUGH = 30


class ShareOfWallet:
    """Dirichlet over brands, its mean the shares of the market: `S` alone is learned, by maximum likelihood.

    It knows only purchases that you know: what is bought elsewhere and never told to you is missing.

    Attributes
    ----------
    params_, errors_ : dict
        `S`, and its standard error: small where everybody has a brand of their own.
    shares_ : ndarray, shape (n_brands,)
        Which part of all purchases each brand had.
    has_converged_, is_pooled_ : bool
        Whether S lies inside what can be told; whether too few people bought twice, so that S = 1 is taken.

    Notes
    -----
    Cost: rows with the same count are one; 0.2 s for a million people and ten brands.
    Source: Goodhardt, Ehrenberg and Chatfield (1984); Minka (2000), Estimating a Dirichlet distribution.

    Examples
    --------
    >>> bought = np.array([[3, 0], [0, 2], [4, 1], [1, 0]] * 20)
    >>> ShareOfWallet().fit(bought).predict(np.array([[0, 0], [5, 0]])).round(2)
    array([[0.73, 0.27],
           [0.93, 0.07]])
    """

    def fit(self, given: Ints) -> Self:
        """Find S.

        Parameters
        ----------
        given : ndarray, shape (n_people, n_brands)
            How often each person bought each brand; each brand was bought.
        """
        total = given.sum(axis=1)
        self.shares_ = given.sum(axis=0) / max(1, given.sum())
        self.is_pooled_ = bool((total > 1).sum() < _ENOUGH or (self.shares_ > 0).sum() < 2)
        self._tables = [_grouped(total), *(_grouped(column) for column in given.T)]
        low, high = (self._slope(edge) for edge in (_LEAST, _MOST))
        self.has_converged_ = not self.is_pooled_ and low > 0 > high
        strength = 1.0
        if self.has_converged_:
            from scipy.optimize import brentq  # 0.2 s, and every start of gehoor loads this module

            strength = float(np.exp(brentq(lambda log: self._slope(np.exp(log)), np.log(_LEAST), np.log(_MOST))))
        elif not self.is_pooled_:
            strength = _LEAST if low <= 0 else _MOST
        self.params_ = {"S": strength}
        self.errors_ = {"S": self._error(strength)}
        return self

    def predict(self, given: Ints) -> Floats:
        """Return the shares to expect of each person, shape (n_people, n_brands); rows add up to 1.

        Raises
        ------
        ContractError
            It was not fitted.
        """
        strength = self._strength()
        return np.asarray((given + strength * self.shares_) / (given.sum(axis=1, keepdims=True) + strength))

    def buyers(self, totals: Ints) -> tuple[Floats, Floats]:
        """Return how many of these people buy each brand at all, and nothing else, if size alone decides.

        Parameters
        ----------
        totals : ndarray, shape (n_people,)
            How often each of them buys anything.

        Returns
        -------
        ndarray, shape (n_brands, 2)
            Buyers to expect: mean and variance.
        ndarray, shape (n_brands,)
            How many of them buy only that brand.

        Raises
        ------
        ContractError
            It was not fitted.
        """
        strength = self._strength()
        n, people = _grouped(totals)
        alpha = strength * self.shares_[:, None]
        bought = 1 - _all(strength - alpha, strength, n)
        spread = bought * (1 - bought)
        return np.column_stack([bought @ people, spread @ people]), np.asarray(_all(alpha, strength, n) @ people)

    def _strength(self) -> float:
        if not hasattr(self, "params_"):
            raise ContractError("ShareOfWallet predicts before it is fitted.")
        return self.params_["S"]

    def _slope(self, strength: float) -> float:
        """Return the slope of the log-likelihood at S."""
        (n, people), *brands = self._tables
        slope = (people * (digamma(strength) - digamma(strength + n))).sum()
        for share, (n, people) in zip(self.shares_, brands, strict=True):
            if share > 0:
                slope += share * (people * (digamma(share * strength + n) - digamma(share * strength))).sum()
        return float(slope)

    def _error(self, strength: float) -> float:
        """Return the standard error of S, from how the slope bends."""
        (n, people), *brands = self._tables
        bend = (people * (polygamma(1, strength) - polygamma(1, strength + n))).sum()
        for share, (n, people) in zip(self.shares_, brands, strict=True):
            if share > 0:
                alpha = share * strength
                bend += share**2 * (people * (polygamma(1, alpha + n) - polygamma(1, alpha))).sum()
        return float(1 / np.sqrt(-bend)) if bend < 0 else float("inf")


def _grouped(counts: Ints) -> tuple[Floats, Floats]:
    """Return each count above 0 that occurs, and how many have it."""
    values, people = np.unique(counts[counts > 0], return_counts=True)
    return values.astype(np.float64), people.astype(np.float64)


def _all(alpha: Floats, strength: float, n: Floats) -> Floats:
    """Return how probable it is that all of n purchases are of brands that weigh alpha of S together."""
    with np.errstate(invalid="ignore"):
        log = gammaln(alpha + n) - gammaln(alpha) + gammaln(strength) - gammaln(strength + n)
    return np.where(alpha > 0, np.exp(log), 0.0)
