"""One series of counts, seen at several scales: by how much more there is than its own past explains."""

import numpy as np
import numpy.typing as npt

from gehoor.warn.base import Floats
from gehoor.warn.excess import Excess
from gehoor.warn.profile import Profile

__all__ = ["Counted"]

_WINDOWS_S = (10, 60, 300, 1200, 3600)
_LEVEL_H, _LEVEL_WINDOWS, _SPREAD_H = 0.25, 6.0, 48.0
_CUT = 4.0
_PRIOR_PEAKS, _CAP = 30.0, 4.0
_SPREAD, _KNOWN_WINDOWS, _RESTLESS = 1.3, 20.0, 0.15
_YOUNG = 5


class Counted:
    """Scores counts: more than usual, never less.

    Counts of moving windows (10 s to an hour) are stabilised (2 sqrt(x + 3/8), so that their noise is alike at any
    level) and compared with the profile of the week plus a residual level, whose half-life is a quarter of an hour and
    six windows: seconds are judged by the last minutes, an hour by the last hours. Deviations, in running standard
    deviations, go to a tail of extreme values; the rarest scale decides. What teaches is cut at four standard
    deviations: a storm does not become normal at once.

    Parameters
    ----------
    step_s : float
        Seconds a bucket.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        widths = sorted({max(1, round(window / step_s)) for window in _WINDOWS_S if window >= step_s} or {1})
        self._n_steps, self._widths = widths, np.array(widths, np.float64)
        self._level_share = self._share(_LEVEL_H + _LEVEL_WINDOWS * self._widths * step_s / 3600)
        self._spread_share = self._share(np.array(_SPREAD_H))
        self._profile, self._excess = Profile(1), Excess(step_s, self._widths, _PRIOR_PEAKS, _CAP)
        self._ring = np.zeros(widths[-1])
        self._sums, self._residual = np.zeros(len(widths)), np.zeros(len(widths))
        self._spread = np.full(len(widths), _SPREAD)
        self._age = 0
        self._hour, self._hour_count, self._hour_buckets = -1, 0.0, 0

    def _share(self, hours: Floats) -> Floats:
        return np.asarray(1 - 0.5 ** (self._step_s / 3600 / hours))

    def update(self, count: float, at: float) -> float:
        """Take in the count of the bucket that ended at `at` (seconds since 1970); return its score.

        Returns
        -------
        score : float
            -log10 of the false alarms a week at this strength or more.
        """
        self._keep_hour(count, int((at - self._step_s) // 3600))
        self._slide(count)
        is_full = self._age >= self._widths
        usual = self._usual(at) + self._residual
        error = 2 * np.sqrt(self._sums + 0.375) - usual
        doubt = (_RESTLESS * usual / 2) ** 2 / (1 + self._age / self._widths / _KNOWN_WINDOWS) ** 2
        deviation = error / np.sqrt(self._spread + doubt)
        score = float(self._excess.score(deviation).max(where=is_full, initial=-np.inf))
        self._learn(error, is_full)
        self._excess.learn(deviation, is_full)
        return score

    def _slide(self, count: float) -> None:
        size = len(self._ring)
        for k, width in enumerate(self._n_steps):
            self._sums[k] += count - self._ring[(self._age - width) % size]
        np.maximum(self._sums, 0, out=self._sums)
        self._ring[self._age % size] = count
        self._age += 1

    def _usual(self, at: float) -> Floats:
        """Return the stabilised counts that the profile expects of the windows that end at `at`, shape (k,)."""
        middles = at - self._widths * self._step_s / 2
        factor = np.array([self._profile.rhythm(middle)[0] for middle in middles.tolist()])
        return np.asarray(2 * np.sqrt(self._widths * self._profile.level[0] * factor + 0.375))

    def _learn(self, error: Floats, is_full: npt.NDArray[np.bool_]) -> None:
        bound = _CUT * np.sqrt(self._spread)
        beyond = self._age - self._widths
        cut = np.where(beyond < _YOUNG, error, np.clip(error, -bound, bound))
        share = np.where(is_full, np.maximum(self._level_share, 1 / np.maximum(beyond + 2, 1)), 1.0)
        self._residual += share * cut
        slow = np.maximum(self._spread_share, 1 / (self._age + _KNOWN_WINDOWS * self._widths))
        square = np.minimum(cut**2, _CUT**2 * self._spread)
        self._spread += np.where(is_full, slow * (square - self._spread), 0)
        np.maximum(self._spread, 1, out=self._spread)

    def _keep_hour(self, count: float, hour: int) -> None:
        """Teach the profile an hour that is over; what its level takes over the residual gives up."""
        if hour != self._hour:
            if self._hour_buckets:
                rates = self._widths * self._profile.rhythm((self._hour + 0.5) * 3600)
                was = np.sqrt(rates * self._profile.level + 0.375)
                self._profile.learn(np.array([self._hour_count]), self._hour_buckets, self._hour)
                self._residual += 2 * (was - np.sqrt(rates * self._profile.level + 0.375))
            self._hour, self._hour_count, self._hour_buckets = hour, 0.0, 0
        self._hour_count += count
        self._hour_buckets += 1
