"""From scores to alarms in a single series of counts: one alarm a burst, and a score between 0 and 1."""

import numpy as np

from gehoor.warn.base import Detector, Floats

__all__ = ["FALSE_ALARMS_A_WEEK", "Refractory"]

FALSE_ALARMS_A_WEEK = 0.05
"""The default of a single series, chosen on simulated counts: one false alarm in twenty weeks."""

_HALF_LIFE_S = 7_200.0
_LOUDER = 0.5
_BELOW = 0.01


class Refractory:
    """Lets an alarm ring once: after it only something louder is news, and less so as time passes.

    Parameters
    ----------
    detector : Detector
        Of one series.
    step_s : float
        Seconds a bucket.
    """

    def __init__(self, detector: Detector, step_s: float) -> None:
        self._detector = detector
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
        counts: Floats = np.array([count])
        strength = float(self._detector.update(counts, at)[0])
        is_loud = strength >= self._least
        is_alarm = is_loud and strength > self._loudest + _LOUDER
        if self._loudest > -np.inf:
            self._loudest = self._loudest * self._share
        if is_loud:
            self._loudest = max(self._loudest, strength)
        shown = strength if is_alarm else min(strength, self._least - _BELOW)
        return float(1 / (1 + 10 ** min(self._least - shown, 300.0))), is_alarm
