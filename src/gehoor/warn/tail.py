"""Extreme values: how often a deviation as strong as this one comes in a quiet week, per scale and series.

Peaks over a running 95 % quantile, their excess a generalised Pareto (Siffer and others, KDD 2017), fitted by running
moments; O(1) a step.
"""

import numpy as np
import numpy.typing as npt

from gehoor.warn.base import Floats

__all__ = ["Tail"]

Mask = npt.NDArray[np.bool_]

_WEEK_S = 604_800
_QUANTILE = 0.95
_HALF_LIFE_H = 200.0
_PRIOR_MEAN, _PRIOR_PEAKS = 0.6, 30.0
_SHAPE_LOW, _SHAPE_HIGH = 0.02, 0.5
_LAST_PEAKS, _CAP = 100.0, 4.0


class Tail:
    """What is usual among the unusual.

    Parameters
    ----------
    step_s : float
        Seconds a step.
    widths : int64, shape (k, 1)
        Steps of each scale.
    n : int
        Number of series.
    """

    FIELDS = ("quantile", "mean", "square", "peaks", "is_up", "peak", "clusters")

    def __init__(self, step_s: float, widths: npt.NDArray[np.int64], n: int) -> None:
        shape = (len(widths), n)
        self._step_s, self._widths = step_s, widths
        self._share = 1 - 0.5 ** (step_s / 3600 / _HALF_LIFE_H)
        self.quantile = np.full(shape, 1.64)
        self.mean = np.full(shape, _PRIOR_MEAN)
        self.square = np.full(shape, 2 * _PRIOR_MEAN**2)
        self.peaks = np.zeros(shape)
        self.is_up = np.zeros(shape, np.bool_)
        self.peak = np.zeros(shape)
        self.clusters = np.broadcast_to((1 - _QUANTILE) / widths, shape).copy()

    def score(self, deviation: Floats) -> Floats:
        """Return -log10 of how many clusters of peaks as high as this a quiet week brings, over all scales; (k, n)."""
        excess = deviation - self.quantile
        spread = np.maximum(self.square - self.mean**2, 1e-9)
        shape = np.clip(0.5 * (1 - self.mean**2 / spread), _SHAPE_LOW, _SHAPE_HIGH)
        scale = np.maximum(self.mean * (1 - shape), 0.05)
        a_week = np.log10(self.clusters * _WEEK_S / self._step_s * len(self._widths))
        rarer = np.log10(1 + shape * np.maximum(excess, 0) / scale) / shape
        return np.asarray(np.where(excess > 0, rarer - a_week, -np.maximum(a_week, 0)))

    def learn(self, deviation: Floats, age: Floats, is_full: Mask) -> None:
        """Take in the deviations of a step; `age` in steps, shape (n,); a window that is not full teaches nothing."""
        excess = deviation - self.quantile
        is_up = (excess > 0) & is_full
        share = np.maximum(self._share, 1 / (age + 200))
        self.quantile += np.where(is_full, 6 * share * ((excess > 0) - (1 - _QUANTILE)), 0)
        np.clip(self.quantile, 0.5, 6, out=self.quantile)
        begins, ends = is_up & ~self.is_up, self.is_up & ~is_up
        slow = np.maximum(self._share, 1 / (age + _PRIOR_PEAKS * self._widths / (1 - _QUANTILE)))
        self.clusters += slow * (begins - self.clusters)
        weight = np.where(ends, np.maximum(1 / _LAST_PEAKS, 1 / (self.peaks + _PRIOR_PEAKS)), 0)
        height = np.minimum(self.peak, _CAP * self.mean)
        self.mean += weight * (height - self.mean)
        self.square += weight * (height**2 - self.square)
        self.peaks += ends
        self.peak = np.where(is_up, np.maximum(self.peak, excess), 0)
        self.is_up = is_up
