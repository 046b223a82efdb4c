"""Days on which a level shifted: the best cut of a series into pieces of one mean each, exactly.

Every place of every cut is tried, by dynamic programming; a year a day takes milliseconds, so nothing is pruned.

Jackson, B., Scargle, J. D. and others (2005). An algorithm for optimal partitioning of data on an interval. IEEE SPL
12, 105-108. With pruning it is PELT: Killick, R., Fearnhead, P., Eckley, I. A. (2012). JASA 107, 1590-1598.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gehoor.mirror.base import Floats

__all__ = ["Shift", "shifts"]

_MAD = 1.4826
_SHORTEST = 7
"""Days: what is shorter is a moment, no new level."""


@dataclass(frozen=True)
class Shift:
    """From `day` on (a place in the series) the mean is `after`; up to there, from the last shift, it was `before`."""

    day: int
    before: float
    after: float


def shifts(series: Floats, penalty: float = 4.0) -> list[Shift]:
    """Return the days on which the level of a series, a number a day, shifted; in order.

    Noise is measured by the differences of neighbours, so a shift does not hide itself. Take a weekly pattern out
    before. Noise that remembers (a high day after a high day) looks like shifts.

    Parameters
    ----------
    series : array, shape (n_days,)
        No NaN.
    penalty : float
        What a shift must gain, in log(n_days) squared standard deviations of the noise.

    Examples
    --------
    >>> shifts(np.array([1.0, 1.2] * 10 + [3.0, 3.2] * 10))
    [Shift(day=20, before=1.1, after=3.1)]
    """
    n = len(series)
    if n < 2 * _SHORTEST:
        return []
    noise = _MAD * float(np.median(np.abs(np.diff(series)))) / np.sqrt(2)
    noise = max(noise, 1e-9 * float(np.abs(series).max()), 1e-12)
    cuts = _best_cuts((series - series.mean()) / noise, penalty * np.log(n))
    edges = [0, *cuts, n]
    means = [float(round(series[a:b].mean(), 12)) for a, b in pairwise(edges)]
    return [Shift(day, means[place], means[place + 1]) for place, day in enumerate(cuts)]


def _best_cuts(series: Floats, penalty: float) -> list[int]:
    n = len(series)
    sums, squares = np.append(0, np.cumsum(series)), np.append(0, np.cumsum(series**2))
    best, last = np.full(n + 1, np.inf), np.zeros(n + 1, np.int64)
    best[0] = -penalty
    for end in range(_SHORTEST, n + 1):
        starts = np.arange(end - _SHORTEST + 1)
        cost = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / (end - starts)
        total = best[starts] + cost + penalty
        last[end] = np.argmin(total)
        best[end] = total[last[end]]
    cuts, end = [], n
    while last[end] > 0:
        end = int(last[end])
        cuts.append(end)
    return cuts[::-1]
