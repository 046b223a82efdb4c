"""One series of any numbers, seen in several ways: level, jump, restlessness, and whether it ever went like this."""

import numpy as np

from gehoor.warn.base import Floats
from gehoor.warn.excess import Excess
from gehoor.warn.seasonal import Seasonal

__all__ = ["Varied"]

_MEANS, _OF_DAYS = (1, 6, 24), (6, 24)
_LAG, _KEPT, _NEAREST = 12, 2_048, 3
_LONG = 500.0
_SHORT = 12.0
_CUT, _MOST = 4.0, 30.0
_PRIOR_PEAKS, _CAP = 10.0, 8.0
_OTHERS = len(_MEANS) + 4
_VIEWS = _OTHERS + len(_OF_DAYS)
_EITHER_WAY = [*range(len(_MEANS) + 1), len(_MEANS) + 2, *range(_OTHERS, _VIEWS)]
_FIRST = 60
_FLOOR = 1e-3


class Varied:
    """Scores numbers: unusual in either direction.

    Views: means of 1, 6 and 24 numbers against the usual level; the last six numbers against the eighteen before; the
    newest step against the usual step; how restless the last numbers are; how far the last twelve are from the most
    alike twelve of the last two thousand (nearest neighbours of lag windows: a rhythm is known after its first round);
    and, from the third day on, means of 6 and 24 numbers against the same time of other days. Each view is standardised
    by its own running mean and deviation and goes to a tail of extreme values; the rarest decides.

    Parameters
    ----------
    step_s : float
        Seconds from one number to the next.

    Notes
    -----
    Cost: bench/warn.json; 200 kB. Source of the neighbours: Burnaev and Ishimtsev, Conformalized density- and
    distance-based anomaly detection in time-series data, 2016.
    """

    def __init__(self, step_s: float) -> None:
        widths = np.array([*_MEANS, 12, 1, _SHORT, _LAG, *_OF_DAYS], np.float64)
        self._excess = Excess(step_s, widths, _PRIOR_PEAKS, _CAP)
        self._past = np.zeros(max(_MEANS))
        self._windows = np.zeros((_KEPT, _LAG))
        self._squares = np.zeros(_KEPT)
        self._n = 0
        self._mean, self._spread = np.zeros(_VIEWS), np.ones(_VIEWS)
        self._origin = self._scale = 0.0
        self._short = 0.0
        self._seasonal = Seasonal(step_s, _OF_DAYS)
        day = self._seasonal.n_slots
        self._begins = np.array([0] * _OTHERS + [day] * len(_OF_DAYS))
        self._known = np.array([_FIRST] * _OTHERS + [max(2 * day, _FIRST)] * len(_OF_DAYS))

    def update(self, number: float) -> float:
        """Take in a number; return -log10 of the false alarms a week at this strength or more."""
        if not self._n:
            self._origin = number
        number -= self._origin
        step = abs(number - self._past[-1])
        self._past[:-1] = self._past[1:]
        self._past[-1] = number
        self._n += 1
        seen = self._seen(step)
        deviation = self._deviation(seen)
        is_known = self._n > self._known
        score = float(self._excess.score(deviation).max(where=is_known, initial=-np.inf))
        self._excess.learn(deviation, is_known)
        return score

    def _seen(self, step: float) -> Floats:
        """Return what each view sees, shape (9,)."""
        self._scale += max(1 / self._n, 1 / _LONG) * (step - self._scale)
        self._short += (min(step, 20 * self._scale) - self._short) / _SHORT
        floor = _FLOOR * (self._scale + 1e-12)
        means = [self._past[-width:].mean() for width in _MEANS]
        restless = np.log((self._short + 30 * floor) / (self._scale + 30 * floor))
        turn = self._past[-6:].mean() - self._past[:-6].mean()
        jump, far = np.log1p(step / (self._scale + floor)), np.log(self._distance() + floor)
        off = self._seasonal.off(float(self._past[-1]), float(self._spread[_OTHERS]))
        return np.array([*means, turn, jump, restless, far, *off])

    def _distance(self) -> float:
        """Return how far the last numbers are from those most alike them, and keep them."""
        window = self._past[-_LAG:]
        square = float(window @ window)
        n_known = min(self._n - 1, _KEPT)
        place = (self._n - 1) % _KEPT
        far = self._squares[:n_known] + square - 2 * (self._windows[:n_known] @ window)
        recent = (place - 1 - np.arange(min(_LAG, n_known))) % _KEPT
        far[recent] = np.inf
        nearest = np.partition(far, _NEAREST)[:_NEAREST] if n_known > _LAG + _NEAREST else np.zeros(1)
        self._windows[place], self._squares[place] = window, square
        return float(np.sqrt(np.maximum(nearest, 0).mean() / _LAG))

    def _least(self) -> Floats:
        """Return the variance that each view has at least: a tenth of the usual step, and of logarithms a tenth."""
        numbers = (0.1 * self._scale + 1e-9 * (abs(self._origin) + 1)) ** 2
        return np.array([numbers] * (len(_MEANS) + 1) + [0.01] * 3 + [numbers] * len(_OF_DAYS))

    def _deviation(self, seen: Floats) -> Floats:
        """Return how unusual each is, in its own standard deviations, and learn from it; shape (9,)."""
        error = seen - self._mean
        deviation = np.clip(error / np.sqrt(self._spread + self._least()), -_MOST, _MOST)
        age = self._n - self._begins
        share = np.where(age > 0, np.maximum(1 / np.maximum(age, 1), 1 / _LONG), 0.0)
        bound = np.where(self._n > self._known, _CUT * np.sqrt(self._spread), np.inf)
        cut = np.clip(error, -bound, bound)
        self._mean += share * cut
        self._spread += share * (cut**2 - self._spread)
        deviation[_EITHER_WAY] = np.abs(deviation[_EITHER_WAY])
        return np.asarray(deviation)
