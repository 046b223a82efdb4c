"""What is one, in a series of numbers that are no counts: as much as makes its noise that of a count."""

from collections import deque

import numpy as np

__all__ = ["Unit"]

_KEPT = 64
_NORMAL = 0.954  # median of the absolute difference of two standard normal numbers


class Unit:
    """Learns whether numbers are counts, and if not, which unit would make them some. A whole number is a count.

    From the first fraction on nothing is a count any more, and the unit is that of the last 64 numbers: the square of
    their noise, from one to the next, over their mean.

    Examples
    --------
    >>> unit = Unit()
    >>> [unit.note(value) for value in (3, 5, 2.5)], unit.size is None
    ([False, False, True], False)
    """

    def __init__(self) -> None:
        self.size: float | None = None
        self.last: deque[float] = deque(maxlen=_KEPT)

    def note(self, value: float) -> bool:
        """Take in a number; True when the unit became known: what was learnt of counts is void."""
        self.last.append(value)
        is_void = self.size is None and not float(value).is_integer()
        if is_void or (self.size is not None and len(self.last) < _KEPT):
            self.size = self._found()
            return True
        return False

    def _found(self) -> float:
        values = np.array(self.last)
        steps = np.abs(np.diff(values))
        noise = float(np.median(steps)) / _NORMAL if len(steps) else 0.0
        noise = max(noise, 0.1 * float(np.sqrt(np.mean(steps**2))) if len(steps) else 0.0)
        mean = max(float(np.mean(values)), 1e-9)
        return max(noise, 1e-3 * mean) ** 2 / mean
