"""What comes tomorrow, hour by hour, with how sure that is; and how many people it takes.

The same day of the week of the last weeks says how much (their median, so that one storm is not expected again) and at
which hours; the last week says by how much the level moved since. How far off this was on each of the last weeks says
how wide the interval is: it is set so that four hours in five would have been inside.

This is the seasonal naive forecast, smoothed; with a few weeks of counts little beats it. Hyndman, R. J.,
Athanasopoulos, G. (2021). Forecasting: principles and practice, 3rd edition, 5.2. The width: Vovk, V., Gammerman, A.,
Shafer, G. (2005). Algorithmic learning in a random world (split conformal prediction).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from gehoor.answer.erlang import Goal, Work, people_needed

__all__ = ["Forecast", "Needed", "forecast", "needed"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_HOURS = 24
_LEAST_DAYS, _SURE_DAYS = 14, 42
_WEEKS, _LEVEL_DAYS, _STORM = 6, 7, 3.0
_SHARE, _BUSY, _TAILS = 0.8, 3.0, np.linspace(0.02, 0.24, 23)
_THIN_DISPERSION, _LEVEL_TRUST = 0.3, 0.7


@dataclass(frozen=True)
class Forecast:
    """How much comes on a day, by hour.

    Attributes
    ----------
    expected, low, high : array, shape (24,)
        By the hour on the wall; four times in five it lies from `low` to `high`, both included. Where hardly anything
        comes it does so oftener, as nothing lies between 0 and 1.
    total, total_low, total_high : float
        Of the whole day.
    is_thin : bool
        Counted of fewer than six weeks: the interval is a guess on the wide side.
    """

    expected: Floats
    low: Ints
    high: Ints
    total: float
    total_low: float
    total_high: float
    is_thin: bool


def forecast(counts: Floats, likes: Ints, like: int) -> Forecast | None:
    """Forecast the day after the last one.

    Parameters
    ----------
    counts : array, shape (n_days, 24)
        What came on one channel, by the hour on the wall, oldest first, no day left out; a year will do.
    likes : array, shape (n_days,)
        Which day of the week each was like, Monday 0; a holiday is like a Sunday.
    like : int
        Which one tomorrow is like.

    Returns
    -------
    Forecast or None
        None: fewer than two weeks say too little.

    Examples
    --------
    >>> week = np.array([20, 20, 20, 20, 20, 5, 5])
    >>> counts = np.tile(week, 8)[:, None] * np.full(24, 1.0)
    >>> found = forecast(counts, np.arange(56) % 7, 5)
    >>> round(found.total), found.is_thin
    (120, False)
    """
    n_days = len(counts)
    if n_days < _LEAST_DAYS:
        return None
    totals = counts.sum(axis=1)
    expected = _expected(counts, totals, likes, like)
    first = max(_LEAST_DAYS, n_days - 2 * _SURE_DAYS)
    days = range(first, n_days)
    then = np.array([_expected(counts[:day], totals[:day], likes[:day], int(likes[day])) for day in days])
    then = then.reshape(-1, _HOURS)
    is_thin = n_days < _SURE_DAYS
    dispersion = _THIN_DISPERSION if is_thin else _dispersion(counts[first:], then)
    tail = (1 - _SHARE) / 2 if is_thin else _tail(counts[first:], then, dispersion)
    low, high = _between(expected, dispersion, tail)
    total = float(expected.sum())
    off = np.array([0.5, 1.6]) if is_thin else _off(totals[first:], then.sum(axis=1))
    total_low, total_high = np.maximum((total + 1) * off - 1, 0.0).tolist()
    return Forecast(expected, low, high, total, total_low, total_high, is_thin)


@dataclass(frozen=True)
class Needed:
    """How many people each hour takes, if it is as expected, and if it is as much as is likely at all."""

    expected: Ints
    high: Ints


def needed(found: Forecast, minutes: float, goal: Goal, patience: float | None = None) -> Needed:
    """Return how many people it takes to meet a goal, for each hour of a forecast.

    Parameters
    ----------
    found : Forecast
        Of a channel, or of several together.
    minutes : float
        That one conversation takes, > 0; of people who do three at once, a third.
    goal : Goal
        What we want to keep.
    patience : float, optional
        See `erlang.Work`.

    Notes
    -----
    Each hour is looked at alone, as if it went on; what is left of one hour is not carried to the next.
    """
    both = [
        np.array([people_needed(Work(float(n), minutes, patience), goal) for n in hours], np.int64)
        for hours in (found.expected, found.high)
    ]
    return Needed(*both)


def _expected(counts: Floats, totals: Floats, likes: Ints, like: int) -> Floats:
    """Return what is expected by hour of the day after the last one."""
    same = np.flatnonzero(likes == like)[-_WEEKS:]
    if len(same) == 0:
        same = np.arange(max(0, len(counts) - 2 * _LEVEL_DAYS), len(counts))
    total = float(np.median(totals[same])) * _level(totals, likes)
    calm = same[totals[same] <= _STORM * max(float(np.median(totals[same])), 1.0)]
    # The hours of all days fill in where those of this day of the week are few.
    hours = counts[calm].sum(axis=0)
    all_hours = counts[-4 * _LEVEL_DAYS :].sum(axis=0) + 1 / _HOURS
    share = hours + _BUSY * _HOURS * all_hours / all_hours.sum()
    return np.asarray(total * share / share.sum())


def _level(totals: Floats, likes: Ints) -> float:
    """Return by how much the last week was more than the weeks before it; the middle of seven days."""
    ratios = []
    for day in range(max(_LEVEL_DAYS, len(totals) - _LEVEL_DAYS), len(totals)):
        before = totals[:day][likes[:day] == likes[day]][-_WEEKS:]
        if len(before) and np.median(before) > 0:
            ratios.append((totals[day] + 1) / (np.median(before) + 1))
    return float(np.median(ratios)) ** _LEVEL_TRUST if ratios else 1.0


def _dispersion(counts: Floats, then: Floats) -> float:
    """Return how much wilder than chance hours were: the variance is mean + dispersion * mean squared."""
    off = (counts - then) ** 2 - then
    usual = off <= np.quantile(off, 0.99)  # one storm is not what tomorrow looks like
    return float(max(off[usual].sum() / max((then[usual] ** 2).sum(), 1e-9), 1e-4))


def _tail(counts: Floats, then: Floats, dispersion: float) -> float:
    """Return what to cut off at either end, so that four in five of the busier hours so far would have been inside."""
    busy = then >= min(_BUSY, float(np.quantile(then, 0.75)))
    n, said = 1 / dispersion, counts[busy]
    p = n / (n + np.maximum(then[busy], 1e-9))
    # A count lies from one quantile to another when the law up to it, and up to the one below it, say so.
    up_to, below = betainc(n, said + 1, p), np.where(said > 0, betainc(n, np.maximum(said, 1), p), 0.0)
    inside = np.array([((up_to >= tail) & (below < 1 - tail)).mean() for tail in _TAILS])
    return float(_TAILS[int(np.argmin(np.abs(inside - _SHARE)))])


def _between(expected: Floats, dispersion: float, tail: float) -> tuple[Ints, Ints]:
    n, mean = 1 / dispersion, np.maximum(expected, 1e-9)
    p = n / (n + mean)
    from scipy.stats import nbinom  # 45 MB in the process of the pages, for one of them

    return nbinom.ppf(tail, n, p).astype(np.int64), nbinom.ppf(1 - tail, n, p).astype(np.int64)


def _off(totals: Floats, then: Floats) -> Floats:
    """Return between which multiples of what was expected four days in five were."""
    return np.asarray(np.quantile((totals + 1) / (then + 1), [(1 - _SHARE) / 2, (1 + _SHARE) / 2]))
