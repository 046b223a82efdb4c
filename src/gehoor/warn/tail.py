"""Extreme values: how often a surprise as strong as this one comes in a quiet week, per scale and series.

Peaks over a threshold, their excess a generalised Pareto (Siffer and others, KDD 2017), fitted by running moments; O(1)
a step. Peaks are taken of the root of a surprise: there the tail of real series is about exponential, and heavier than
that of a model which is right.
"""

import numpy as np
import numpy.typing as npt

from gehoor.warn.base import Floats

__all__ = ["Tail"]

Mask = npt.NDArray[np.bool_]

_WEEK_S = 604_800
_OVER = 2.2
_HALF_LIFE_H = 200.0
_PRIOR_MEAN, _PRIOR_PEAKS, _PRIOR_CLUSTERS = 0.45, 30.0, 0.04
_LEAST_MEAN = 0.35
_SHAPE_LOW, _SHAPE_HIGH = 0.02, 0.4
_LAST_PEAKS, _CAP = 200.0, 2.0


class Tail:
    """What is usual among the unusual.

    Parameters
    ----------
    step_s : float
        Seconds a step.
    widths : float64, shape (k, 1)
        Steps of each scale.
    n : int
        Number of series.
    """

    FIELDS = ("mean", "square", "peaks", "is_up", "peak", "clusters", "steps")

    def __init__(self, step_s: float, widths: Floats, n: int) -> None:
        shape = (len(widths), n)
        self._a_week = _WEEK_S / step_s * len(widths)
        self._share = 1 - 0.5 ** (step_s / 3600 / _HALF_LIFE_H)
        self._prior_steps = _PRIOR_PEAKS * widths / _PRIOR_CLUSTERS
        self.mean = np.full(shape, _PRIOR_MEAN)
        self.square = np.full(shape, 2 * _PRIOR_MEAN**2)
        self.peaks = np.zeros(shape)
        self.is_up = np.zeros(shape, np.bool_)
        self.peak = np.zeros(shape)
        self.clusters = np.broadcast_to(_PRIOR_CLUSTERS / widths, shape).copy()
        self.steps = np.zeros(shape)

    def score(self, surprise: Floats) -> Floats:
        """Return -log10 of how many clusters of peaks as high as this a quiet week brings, over all scales; (k, n)."""
        root = np.sqrt(2 * np.maximum(surprise, 0))
        scores = -np.maximum(np.log10(self.clusters * self._a_week), 0)
        over = np.nonzero(root > _OVER)
        mean = np.maximum(self.mean[over], _LEAST_MEAN)
        spread = np.maximum(self.square[over] - self.mean[over] ** 2, 1e-9)
        shape = np.clip(0.5 * (1 - self.mean[over] ** 2 / spread), _SHAPE_LOW, _SHAPE_HIGH)
        rarer = np.log10(1 + shape * (root[over] - _OVER) / (mean * (1 - shape))) / shape
        scores[over] = rarer - np.log10(self.clusters[over] * self._a_week)
        return np.asarray(scores)

    def learn(self, surprise: Floats, is_full: Mask) -> None:
        """Take in the surprises of a step; a window that is not full teaches nothing."""
        root = np.sqrt(2 * np.maximum(surprise, 0))
        is_up = (root > _OVER) & is_full
        self.steps += is_full
        share = np.maximum(self._share, 1 / (self.steps + self._prior_steps))
        self.clusters *= 1 - share
        changed = np.nonzero(is_up | self.is_up)
        was, now = self.is_up[changed], is_up[changed]
        self.clusters[changed] += share[changed] * (now & ~was)
        self._end(tuple(axis[was & ~now] for axis in changed))
        self.peak[changed] = np.where(now, np.maximum(self.peak[changed], root[changed] - _OVER), 0)
        self.is_up = is_up

    def _end(self, ended: tuple[npt.NDArray[np.int64], ...]) -> None:
        """Learn from the clusters that are over; one counts for at most twice the usual: a storm is no noise."""
        mean = self.mean[ended]
        weight = np.maximum(1 / _LAST_PEAKS, 1 / (self.peaks[ended] + _PRIOR_PEAKS))
        height = np.minimum(self.peak[ended], _CAP * np.maximum(mean, _LEAST_MEAN))
        self.mean[ended] = mean + weight * (height - mean)
        self.square[ended] += weight * (height**2 - self.square[ended])
        self.peaks[ended] += 1
