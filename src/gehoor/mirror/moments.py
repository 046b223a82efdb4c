"""What a moment brought: a broadcast, a campaign, an outage, beside the same weekdays before it."""

import numpy as np

from gehoor.mirror.base import Bools, Floats, Reading

__all__ = ["lift", "lift_of"]

_WEEKS = 8
_FEWEST_WEEKS = 3
_STUDENT = (np.nan, 6.3138, 2.9200, 2.3534, 2.1318, 2.0150, 1.9432, 1.8946)
"""Student's t at 95 % by degrees of freedom: pages that ask this need no SciPy."""


def lift(series: Floats, start: int, end: int, is_other: Bools | None = None) -> Reading:
    """Return how many times as much there was from `start` up to `end` as the weeks before let expect.

    Compared with the same stretch of the eight weeks before. Counts may be livelier than chance: how lively is
    measured on those weeks. Growth of the weeks before is not followed; it counts as lift.

    Parameters
    ----------
    series : array, shape (n_days,)
        Counts, a day each.
    start, end : int
        Places of the first day of the moment, and of the first after it.
    is_other : array of bool, shape (n_days,), optional
        Days of other moments: weeks that hold one are left out.

    Returns
    -------
    Reading
        In times; NaN when fewer than three whole weeks are left, or nothing was there in them.

    Examples
    --------
    >>> found = lift(np.array([10.0, 12.0, 11.0, 9.0, 10.0, 4.0, 5.0] * 6 + [30.0]), 42, 43)
    >>> found.value, found.low > 1
    (3.0, True)
    """
    return lift_of(float(series[start:end].sum()), _weeks_before(series, start, end, is_other))


def lift_of(there: float, weeks: Floats) -> Reading:
    """Return how many times as much there is as the same stretch of some weeks before had; see `lift`.

    Examples
    --------
    >>> found = lift_of(30.0, np.array([10.0, 12.0, 9.0, 9.0]))
    >>> found.value, found.low > 1
    (3.0, True)
    """
    if len(weeks) < _FEWEST_WEEKS or weeks.sum() <= 0:
        return Reading(np.nan, np.nan, np.nan, "times", "neither")
    expected = float(weeks.mean())
    restless = max(1.0, float(weeks.var(ddof=1)) / expected)
    spread = np.sqrt(restless / max(there, 0.5) + restless / float(weeks.sum()))
    far = _STUDENT[len(weeks) - 1] * spread
    value = there / expected
    middle = max(there, 0.5) / expected
    return Reading(
        value, 0.0 if there == 0 else float(middle * np.exp(-far)), float(middle * np.exp(far)), "times", "neither"
    )


def _weeks_before(series: Floats, start: int, end: int, is_other: Bools | None) -> Floats:
    """Return the sums of the same stretch in the weeks before, without those that reach into the moment or another."""
    away = -(-(end - start) // 7)
    found = []
    for week in range(away, away + _WEEKS):
        first, last = start - 7 * week, end - 7 * week
        if first >= 0 and not (is_other is not None and is_other[first:last].any()):
            found.append(float(series[first:last].sum()))
    return np.array(found)
