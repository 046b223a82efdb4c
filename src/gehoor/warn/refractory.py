"""From scores to alarms in a single series of counts: one alarm a burst, and a score between 0 and 1."""

import numpy as np

from gehoor.warn.base import Detector, Floats
from gehoor.warn.unit import Unit

__all__ = ["FALSE_ALARMS_A_WEEK", "Refractory"]

FALSE_ALARMS_A_WEEK = 0.05
"""The default of a single series, chosen on simulated counts: one false alarm in twenty weeks."""

_HALF_LIFE_S = 7_200.0
_LOUDER = 0.5
_BELOW = 0.01
_SILENT = 0.2
_ANY = 1.0


class Refractory:
    """Lets an alarm ring once: after it only something louder is news, and less so as time passes.

    Of counts, much more than usual is an alarm, and so is less than a fifth of it. Of other numbers (any fraction
    tells), whatever is unusual is.

    Parameters
    ----------
    kind : type of Detector
        Made for one series.
    step_s : float
        Seconds a bucket.
    """

    def __init__(self, kind: type[Detector], step_s: float) -> None:
        self._kind, self._step_s = kind, step_s
        self._detector, self._unit = kind(step_s, 1), Unit()
        self._share = 0.5 ** (step_s / _HALF_LIFE_S)
        self._least = -np.log10(FALSE_ALARMS_A_WEEK)
        self._loudest = -np.inf

    def update(self, count: float, at: float) -> tuple[float, bool]:
        """Take in the count of the bucket that ended at `at` (seconds since 1970).

        Returns
        -------
        score : float
            0 to 1: how sure that this is news, if there were one true burst as often as we may be wrong; 0.5 and above
            is an alarm.
        is_alarm : bool
        """
        strength = self._strength(count, at)
        is_loud = strength >= self._least
        is_alarm = is_loud and strength > self._loudest + _LOUDER
        if self._loudest > -np.inf:
            self._loudest = self._loudest * self._share
        if is_loud:
            self._loudest = max(self._loudest, strength)
        shown = strength if is_alarm else min(strength, self._least - _BELOW)
        return float(1 / (1 + 10 ** min(self._least - shown, 300.0))), is_alarm

    def _strength(self, count: float, at: float) -> float:
        """Return the score of a count, or of a number in its unit; a unit that is new makes us learn anew."""
        if not self._unit.note(count):
            return self._judged(count, at)
        self._detector = self._kind(self._step_s, 1)
        before = [*self._unit.last]
        for ago, value in zip(range(len(before) - 1, -1, -1), before, strict=True):
            strength = self._judged(value, at - ago * self._step_s)
        return strength

    def _judged(self, value: float, at: float) -> float:
        counts: Floats = np.array([value / (self._unit.size or 1.0)])
        rises = float(self._detector.update(counts, at)[0])
        return max(rises, float(self._detector.drops(_SILENT if self._unit.size is None else _ANY)[0]))
