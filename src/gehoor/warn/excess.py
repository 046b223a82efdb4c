"""How often deviations as strong as this come in a week, for several views of one series: peaks over a threshold.

The threshold is a running quantile, the excess a generalised Pareto fitted by running moments (Siffer and others, KDD
2017); O(1) a step.
"""

import numpy as np
import numpy.typing as npt

from gehoor.warn.base import Floats

__all__ = ["Excess"]

Mask = npt.NDArray[np.bool_]

_WEEK_S = 604_800
_QUANTILE = 0.95
_HALF_LIFE_H = 200.0
_PRIOR_MEAN, _PRIOR_STEPS = 0.6, 200.0
_FIRST, _LEAST, _MOST = 1.64, 0.5, 6.0
_SHAPE_LOW, _SHAPE_HIGH = 0.02, 0.5
_LAST_PEAKS = 100.0


class Excess:
    """What is usual among the unusual.

    Parameters
    ----------
    step_s : float
        Seconds a step.
    widths : float64, shape (k,)
        Steps that each view looks back: so long lasts a cluster of peaks.
    prior_peaks : float
        Peaks that what is believed at first is worth: few, where kinds of series differ much.
    cap : float
        For how many times the usual a peak counts at most: a storm is no noise.
    """

    def __init__(self, step_s: float, widths: Floats, prior_peaks: float, cap: float) -> None:
        k = len(widths)
        self._prior_peaks, self._cap = prior_peaks, cap
        self._widths = widths
        self._a_week = _WEEK_S / step_s * k
        self._share = 1 - 0.5 ** (step_s / 3600 / _HALF_LIFE_H)
        self._quantile = np.full(k, _FIRST)
        self._mean, self._square = np.full(k, _PRIOR_MEAN), np.full(k, 2 * _PRIOR_MEAN**2)
        self._peaks, self._peak = np.zeros(k), np.zeros(k)
        self._is_up = np.zeros(k, np.bool_)
        self._clusters = (1 - _QUANTILE) / widths
        self._age = np.zeros(k)

    def score(self, deviation: Floats) -> Floats:
        """Return -log10 of how many clusters of peaks as high as this a week brings, over all views; shape (k,)."""
        excess = np.maximum(deviation - self._quantile, 0)
        spread = np.maximum(self._square - self._mean**2, 1e-9)
        shape = np.clip(0.5 * (1 - self._mean**2 / spread), _SHAPE_LOW, _SHAPE_HIGH)
        scale = np.maximum(self._mean * (1 - shape), 0.05)
        a_week = np.log10(self._clusters * self._a_week)
        return np.asarray(np.log10(1 + shape * excess / scale) / shape - np.where(excess > 0, a_week, abs(a_week)))

    def learn(self, deviation: Floats, is_known: Mask) -> None:
        """Take in the deviations of a step; a view that knows nothing yet teaches nothing."""
        excess = deviation - self._quantile
        is_up = (excess > 0) & is_known
        self._age += is_known
        share = np.maximum(self._share, 1 / (self._age + _PRIOR_STEPS))
        self._quantile += np.where(is_known, 6 * share * ((excess > 0) - (1 - _QUANTILE)), 0)
        np.clip(self._quantile, _LEAST, _MOST, out=self._quantile)
        begins, ends = is_up & ~self._is_up, self._is_up & ~is_up
        slow = np.maximum(self._share, 1 / (self._age + self._prior_peaks * self._widths / (1 - _QUANTILE)))
        self._clusters += slow * (begins - self._clusters)
        weight = np.where(ends, np.maximum(1 / _LAST_PEAKS, 1 / (self._peaks + self._prior_peaks)), 0)
        height = np.minimum(self._peak, self._cap * self._mean)
        self._mean += weight * (height - self._mean)
        self._square += weight * (height**2 - self._square)
        self._peaks += ends
        self._peak = np.where(is_up, np.maximum(self._peak, excess), 0)
        self._is_up = is_up
