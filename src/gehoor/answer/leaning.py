"""What people said of priorities, remembered: "higher" and "lower" of one need on one channel lean on the next ones."""

import math
from dataclasses import dataclass

from gehoor.core.clock import DAY_US

__all__ = ["Leaning"]

_HALF_LIFE_US = 90 * DAY_US
_SHRINK = 3.0
"""So many votes of nobody for "as it is": one slip of the hand moves little."""


@dataclass(frozen=True)
class Leaning:
    """How people lean; a vote counts half after 90 days. Votes may be told in any order.

    Attributes
    ----------
    votes, n : float
        Sum of the votes (1 higher, -1 lower), and how many, as they count at `at`.
    at : int
        Microseconds UTC.

    Examples
    --------
    >>> leaning = Leaning()
    >>> for _ in range(3):
    ...     leaning = leaning.told(1, 0)
    >>> leaning.offset(0), leaning.offset(90 * DAY_US), Leaning().offset(0)
    (0.5, 0.3333333333333333, 0.0)
    """

    votes: float = 0.0
    n: float = 0.0
    at: int = 0

    def told(self, vote: int, at: int) -> "Leaning":
        """Add a vote: 1 higher, -1 lower."""
        now = max(self.at, at)
        before, new = _kept(now - self.at), _kept(now - at)
        return Leaning(self.votes * before + new * vote, self.n * before + new, now)

    def offset(self, at: int) -> float:
        """Return how far they lean at a moment, -1 to 1: for `priority.Facts.learned`."""
        kept = _kept(at - self.at)
        return self.votes * kept / (self.n * kept + _SHRINK)


def _kept(passed_us: int) -> float:
    return math.exp2(-max(passed_us, 0) / _HALF_LIFE_US)
