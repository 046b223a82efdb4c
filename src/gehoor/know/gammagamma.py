"""Gamma-Gamma: what an order of a customer is worth, when some showed it often and others once."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import gammaln, psi

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats, Ints
from gehoor.know.likelihood import Fit, Prior, maximise

__all__ = ["GammaGamma", "Spend"]


@dataclass(frozen=True, slots=True)
class Spend:
    """How many orders of each customer are known, and what they are worth on average; each shape (n,)."""

    n: Floats
    monetary_value: Floats

    def rows(self, places: Ints) -> Self:
        """Return some of the rows."""
        return type(self)(self.n[places], self.monetary_value[places])


class GammaGamma:
    """Amounts of a customer are gamma (p, own scale), scales are gamma (q, v) over customers.

    Independent of how often they order: see whether that holds for you. Customers without a positive amount are left
    out of the fit, and get what is usual.

    Attributes
    ----------
    params_, errors_ : dict of str to float
        p, q, v; their standard errors.
    log_likelihood_ : float
        Of the averages, over customers.
    has_converged_, is_pooled_ : bool
        As in every model of this room; with less than 30 customers a prior weighs.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, K. L. Lee, RFM and CLV: using iso-value curves for customer base analysis,
           Journal of Marketing Research 42 (2005).
    """

    names = ("p", "q", "v")
    _enough = 30

    def __init__(self) -> None:
        self.log_likelihood_, self.has_converged_, self.is_pooled_ = float("nan"), False, False
        self.params_: dict[str, float] = {}
        self.errors_: dict[str, float] = {}
        self._fit: Fit | None = None

    def fit(self, given: Spend) -> Self:
        """Learn from customers; their order does not matter."""
        known = (given.n > 0) & (given.monetary_value > 0)
        n, value = given.n[known], given.monetary_value[known]
        usual = float(np.median(value)) if len(value) else 1.0
        # a scale of its own for every currency: v is amounts, p and q are shapes
        prior = Prior((4.0, 4.0, 3 * usual), (0.7, 0.5, 0.7))
        weight = np.ones(len(n))
        self.is_pooled_ = len(n) < self._enough

        def scores(params: Floats) -> tuple[Floats, Floats]:
            return _scores(params, n, value)

        best = maximise(scores, weight, prior.median, prior if self.is_pooled_ else None)
        self.has_converged_ = best.has_converged
        if not (best.has_converged or self.is_pooled_):
            self.is_pooled_ = True
            best = maximise(scores, weight, prior.median, prior)
        self._fit, self.log_likelihood_ = best, best.log_likelihood
        self.params_ = dict(zip(self.names, best.params.tolist(), strict=True))
        self.errors_ = dict(zip(self.names, best.errors.tolist(), strict=True))
        return self

    def predict(self, given: Spend) -> tuple[Floats, Floats]:
        """Say what an order of each customer is worth: its mean and its variance."""
        if self._fit is None:
            raise ContractError("GammaGamma was not fitted: call fit before predict.")
        p, q, v = self._fit.params
        n = np.where(given.monetary_value > 0, given.n, 0)
        shape, scale = p * n + q, v + n * given.monetary_value
        # amounts are gamma (p, w), w is gamma (shape, scale): the mean of 1 / w is scale / (shape - 1)
        mean = p * scale / np.maximum(shape - 1, 0.1)
        square = p * (p + 1) * scale**2 / np.maximum((shape - 1) * (shape - 2), 0.1)
        return mean, np.maximum(square - mean**2, 0)


def _scores(params: Floats, n: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Return the log-likelihood of each average, and its derivatives by the logarithms of the parameters."""
    p, q, v = params
    whole, longer = p * n, np.log(v + n * value)
    each = gammaln(whole + q) - gammaln(whole) - gammaln(q) + q * np.log(v)
    each += (whole - 1) * np.log(value) + whole * np.log(n) - (whole + q) * longer
    by_p = n * (psi(whole + q) - psi(whole) + np.log(value) + np.log(n) - longer)
    by_q = psi(whole + q) - psi(q) + np.log(v) - longer
    by_v = q / v - (whole + q) / (v + n * value)
    return each, np.stack([by_p * p, by_q * q, by_v * v])
