"""Pareto/NBD: customers order at random, each at a rate of their own, and leave at a moment that nobody sees."""

from typing import ClassVar

import numpy as np
from scipy.special import expit, gammaln, psi

from gehoor.know.base import Floats
from gehoor.know.likelihood import Prior
from gehoor.know.purchasing import PurchaseModel
from gehoor.know.rfm import Histories

__all__ = ["ParetoNBD"]

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(24)


class ParetoNBD(PurchaseModel):
    """Rates of ordering are gamma (r, alpha), rates of leaving are gamma (s, beta).

    The integral over the moment of leaving is taken by quadrature, not by the hypergeometric function of the paper:
    that has no gradient in closed form, and overflows.

    Notes
    -----
    Fitted to at most 50,000 customers, taken at even distances: 1 s.

    References
    ----------
    .. [1] D. C. Schmittlein, D. G. Morrison, R. Colombo, Counting your customers: who are they and what will they do
           next?, Management Science 33 (1987).
    """

    names: ClassVar = ("r", "alpha", "s", "beta")
    prior: ClassVar = Prior((0.6, 10.0, 0.8, 13.0), (0.5, 0.9, 0.5, 0.9))
    most: ClassVar = 50_000

    def _scores(self, params: Floats, histories: Histories) -> tuple[Floats, Floats]:
        r, alpha, s, beta = params
        x, T = histories.frequency, histories.T  # noqa: N806  # the field's own name for the age of a customer
        dead, share, at = _dead(params, histories, r + x, s + 1)
        dead = dead + np.log(s)
        lives = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
        gone = expit(dead - lives)
        each = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(lives, dead)
        by_r = psi(r + x) - psi(r) + np.log(alpha)
        by_r -= (1 - gone) * np.log(alpha + T) + gone * (share * np.log(alpha + at)).sum(axis=0)
        by_alpha = r / alpha - (r + x) * ((1 - gone) / (alpha + T) + gone * (share / (alpha + at)).sum(axis=0))
        by_s = np.log(beta) + gone / s - (1 - gone) * np.log(beta + T) - gone * (share * np.log(beta + at)).sum(axis=0)
        by_beta = s / beta - (1 - gone) * s / (beta + T) - gone * (s + 1) * (share / (beta + at)).sum(axis=0)
        return each, np.stack([by_r * r, by_alpha * alpha, by_s * s, by_beta * beta])

    def _alive(self, params: Floats, histories: Histories) -> Floats:
        r, alpha, s, beta = params
        dead = _dead(params, histories, r + histories.frequency, s + 1)[0] + np.log(s)
        lives = -(r + histories.frequency) * np.log(alpha + histories.T) - s * np.log(beta + histories.T)
        return np.asarray(expit(lives - dead))

    def _expected(self, params: Floats, histories: Histories) -> Floats:
        r, alpha, s, beta = params
        rate = (r + histories.frequency) / (alpha + histories.T)
        age = beta + histories.T
        stays = np.log1p(self.weeks / age)
        # (1 - exp(-(s - 1) stays)) / (s - 1), also where s is 1
        power = (s - 1) * stays
        near = np.abs(power) < 1e-8
        factor = np.where(near, stays, -np.expm1(-power) / np.where(near, 1, s - 1))
        return np.asarray(rate * age * factor)


def _dead(params: Floats, histories: Histories, x: Floats, s: float) -> tuple[Floats, Floats, Floats]:
    """Integrate (alpha + t)^-x (beta + t)^-s over t from the last order to now.

    Returns its logarithm, what share of it each point has, and where the points lie; shapes (n,), (24, n), (24, n).
    """
    _, alpha, _, beta = params
    low, high = np.log(beta + histories.recency), np.log(beta + histories.T)
    width = np.maximum(high - low, 1e-300) / 2
    place = low + width * (_POINTS[:, None] + 1)
    at = np.exp(place) - beta
    height = np.log(_WEIGHTS)[:, None] - x * np.log(alpha + at) - (s - 1) * place
    top = height.max(axis=0)
    share = np.exp(height - top)
    total = share.sum(axis=0)
    return top + np.log(total) + np.log(width), share / total, at
