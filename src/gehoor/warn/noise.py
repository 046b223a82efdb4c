"""How restless a series is beyond chance, per scale: the dispersion of a negative binomial, and its surprise."""

import numpy as np
from scipy.special import xlogy

from gehoor.warn.base import Floats

__all__ = ["Noise", "surprise"]

_HALF_LIFE_H = 96.0
_PRIOR_WEIGHT = 20.0
_PRIOR_LOW, _PRIOR_HIGH, _PRIOR_SPAN_S = 0.04, 0.15, 3_600.0
_LEAST = 0.002
_CUT = 2.0


def surprise(found: Floats, expected: Floats, dispersion: Floats) -> Floats:
    """Return -ln of Chernoff's bound on the tail of a negative binomial from `found` on, away from `expected`.

    Parameters
    ----------
    found, expected : float64
        Counts; expected above 0.
    dispersion : float64
        Variance is expected + dispersion expected²; above 0.

    Examples
    --------
    >>> np.round(surprise(np.array([5.0, 25.0, 0.0]), np.full(3, 5.0), np.full(3, 1e-6)), 1)
    array([ 0. , 20.2,  5. ])
    """
    size = 1 / dispersion
    return np.asarray(
        xlogy(found, found / expected) - (found + size) * np.log1p((found - expected) / (expected + size))
    )


class Noise:
    """Learns the dispersion from squares of what was off, cut at two standard deviations, half-life four days.

    Until it is known, a series is taken for somewhat restless: .04 at seconds, .15 at an hour, worth twenty windows of
    one count.

    Parameters
    ----------
    step_s : float
        Seconds a bucket.
    widths : float64, shape (k, 1)
        Buckets of each scale.
    n : int
        Number of series.
    """

    FIELDS = ("beyond", "square")

    def __init__(self, step_s: float, widths: Floats, n: int) -> None:
        self._keep = 0.5 ** (step_s / 3600 / _HALF_LIFE_H)
        self._weight = 1 / widths
        span = np.clip(np.sqrt(widths * step_s / _PRIOR_SPAN_S), 0, 1)
        self._prior = _PRIOR_LOW + (_PRIOR_HIGH - _PRIOR_LOW) * span
        self.beyond, self.square = np.zeros((len(widths), n)), np.zeros((len(widths), n))

    def dispersion(self) -> Floats:
        """Return it, shape (k, n)."""
        found = (self.beyond + _PRIOR_WEIGHT * self._prior) / (self.square + _PRIOR_WEIGHT)
        return np.asarray(np.maximum(found, _LEAST))

    def learn(self, found: Floats, expected: Floats, variance: Floats) -> None:
        """Take in the windows of a step: counts, what was expected, its variance; shape (k, n)."""
        off = np.minimum((found - expected) ** 2, _CUT**2 * variance)
        self.beyond *= self._keep
        self.beyond += self._weight * (off - expected)
        self.square *= self._keep
        self.square += self._weight * expected**2
