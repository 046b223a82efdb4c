"""What a number is beside those of the same time on other days."""

import numpy as np

from gehoor.warn.base import Floats

__all__ = ["Seasonal"]

_DAY_S = 86_400
_SHARE = 0.3
_CUT = 4.0


class Seasonal:
    """Remembers a usual day, and how far the newest numbers are from it.

    A day teaches three tenths of what it was; what is further off than four standard deviations counts as that far. A
    series whose numbers come less often than twice a day has no usual day: all of it is 0 then.

    Parameters
    ----------
    step_s : float
        Seconds from one number to the next.
    widths : tuple of int
        Over how many of the newest numbers to average.
    """

    def __init__(self, step_s: float, widths: tuple[int, ...]) -> None:
        self.n_slots = max(round(_DAY_S / step_s), 1)
        self._widths = widths
        self._usual, self._n_days = np.zeros(self.n_slots), np.zeros(self.n_slots, np.int64)
        self._off = np.zeros(max(widths))
        self._n = 0

    def off(self, number: float, variance: float) -> Floats:
        """Take in a number; return how far the newest are from the usual day, a mean for each width.

        `variance` is that of a single number so far.
        """
        if self.n_slots < 2:
            return np.zeros(len(self._widths))
        slot = self._n % self.n_slots
        self._n += 1
        is_first = not self._n_days[slot]
        off = 0.0 if is_first else number - float(self._usual[slot])
        self._off[:-1] = self._off[1:]
        self._off[-1] = off
        self._n_days[slot] += 1
        self._usual[slot] += number if is_first else self._learnt(off, int(self._n_days[slot]), variance)
        return np.array([self._off[-width:].mean() for width in self._widths])

    @staticmethod
    def _learnt(off: float, n_days: int, variance: float) -> float:
        bound = np.inf if n_days < 3 else _CUT * float(np.sqrt(variance))
        return max(1 / n_days, _SHARE) * float(np.clip(off, -bound, bound))
