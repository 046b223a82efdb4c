"""From scores to alarms in a single series of numbers: one alarm a burst, and a score between 0 and 1."""

from collections import deque

import numpy as np

from gehoor.warn.counted import Counted
from gehoor.warn.varied import Varied

__all__ = ["COUNTS_A_WEEK", "NUMBERS_A_WEEK", "Refractory"]

COUNTS_A_WEEK, NUMBERS_A_WEEK = 0.05, 0.25
"""False alarms that a single series may bring by default, chosen on simulated series of ten kinds: counts are wilder
than any simulation, other numbers tamer.
"""

_HALF_LIFE_S = 43_200.0
_LOUDER = 0.5
_REST_S = 86_400.0
_BELOW = 0.01
_QUIET_S = 900.0
_KEPT = 256
_NORMAL = 0.954  # median of the absolute difference of two standard normal numbers
_LARGEST = 1e100  # its square is still a number
_FEW, _LEAST_NOISE, _MOST_NOISE = 5.0, 0.2, 30.0


class Refractory:
    """Lets an alarm ring once: after it only something louder is news, and less so as time passes.

    Counts are judged as counts, other numbers in both directions. A count is whole, and about as restless from one to
    the next as chance makes it: the square of the usual step is a fifth to thirty times the middle of the last 256, of
    which none is below zero. Counts of one episode ring once: it is over when nothing was loud for a day.

    Parameters
    ----------
    step_s : float
        Seconds a bucket.
    """

    def __init__(self, step_s: float) -> None:
        self._counted, self._varied = Counted(step_s), Varied(step_s)
        self._last: deque[float] = deque(maxlen=_KEPT)
        self._is_whole, self._is_counted, self._is_count = True, True, True
        self._rest, self._all_rest = 0, round(_REST_S / step_s)
        self._n, self._n_quiet = 0, _QUIET_S / step_s
        self._share = 0.5 ** (step_s / _HALF_LIFE_S)
        self._least = -float(np.log10(COUNTS_A_WEEK))
        self._loudest = -np.inf

    def update(self, number: float, at: float) -> tuple[float, bool]:
        """Take in the number of the bucket that ended at `at` (seconds since 1970).

        Returns
        -------
        score : float
            0 to 1: how sure that this is news, if there were one true burst as often as we may be wrong; 0.5 and above
            is an alarm.
        is_alarm : bool
        """
        strength = self._strength(max(-_LARGEST, min(number, _LARGEST)), at)
        is_loud = strength >= self._least
        is_alarm = is_loud and not self._rest and strength > self._loudest + _LOUDER
        if self._loudest > -np.inf:
            self._loudest = self._loudest * self._share
        if is_loud:
            self._loudest = max(self._loudest, strength)
        lasts = self._is_count and (is_alarm or (is_loud and self._rest > 0))
        self._rest = self._all_rest if lasts else max(self._rest - 1, 0)
        shown = strength if is_alarm else min(strength, self._least - _BELOW)
        return float(1 / (1 + 10 ** min(self._least - shown, 300.0))), is_alarm

    def _strength(self, number: float, at: float) -> float:
        """Return the score of whoever knows this kind of number; both learn."""
        counted, varied = self._counted.update(max(number, 0.0), at), self._varied.update(number)
        if self._n % (_KEPT // 4) == 0:
            self._is_counted = self._looks_counted()
        self._last.append(number)
        self._is_whole &= float(number).is_integer()
        self._n += 1
        if self._n <= self._n_quiet:
            return -np.inf
        self._is_count = self._is_whole and self._is_counted
        self._least = -float(np.log10(COUNTS_A_WEEK if self._is_count else NUMBERS_A_WEEK))
        return counted if self._is_count else varied

    def _looks_counted(self) -> bool:
        if len(self._last) < _KEPT // 4:
            return True
        values = np.array(self._last)
        if values.min() < 0:
            return False
        usual = float(np.median(np.abs(np.diff(values)))) / _NORMAL
        middle = float(np.median(values))
        return middle < _FEW or _LEAST_NOISE * middle <= usual**2 <= _MOST_NOISE * middle
