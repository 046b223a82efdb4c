"""What is normal for an organisation: a year of its own scores, robustly."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.stats import spearmanr, theilslopes

from gehoor.mirror.base import Floats, Reading

__all__ = ["Baseline", "slope"]

_ENOUGH_DAYS = 90
_KNOWN_DAYS = 14
_MAD = 1.4826  # makes the median absolute deviation of normal noise its standard deviation
_LEAST_SCALE = 1e-3


@dataclass(frozen=True)
class Baseline:
    """Location, scale and correlation of the scores of components: median, median deviation, ranks.

    A day that was quite unlike the others hardly moves them. In the first 90 days a prior (that of a sector, or 0, 1
    and no correlation) counts for what is missing of them; for the location in the first 14 only: it is known sooner
    than the scale, and a narrow scale about a place that was guessed would call every day very unusual.

    Attributes
    ----------
    location, scale : array, shape (n_components,)
    correlation : array, shape (n_components, n_components)
    n_days : int
        That were learnt from.
    """

    location: Floats
    scale: Floats
    correlation: Floats
    n_days: int

    @classmethod
    def prior(cls, location: Floats, scale: Floats) -> Self:
        """Return what is usual elsewhere, before anything is known of this organisation."""
        return cls(location, scale, np.eye(len(location)), 0)

    @classmethod
    def of(cls, scores: Floats, prior: "Baseline") -> Self:
        """Learn from scores of the trailing year, shape (n_days, n_components); NaN where one was missing."""
        own = _own(scores, prior)
        days = np.isfinite(scores).sum(axis=0)
        share = np.minimum(days / _ENOUGH_DAYS, 1.0)
        both = np.sqrt(np.outer(share, share))
        correlation = both * own.correlation + (1 - both) * prior.correlation
        np.fill_diagonal(correlation, 1.0)
        known = np.minimum(days / _KNOWN_DAYS, 1.0)
        location = known * own.location + (1 - known) * prior.location
        scale = np.exp(share * np.log(own.scale) + (1 - share) * np.log(prior.scale))
        return cls(location, scale, correlation, len(scores))


def _own(scores: Floats, prior: Baseline) -> Baseline:
    """Return what the scores alone say; the prior's where they say nothing."""
    location, scale = prior.location.copy(), prior.scale.copy()
    correlation = prior.correlation.copy()
    here = [np.isfinite(column) for column in scores.T]
    for i, column in enumerate(scores.T):
        if here[i].any():
            location[i] = np.median(column[here[i]])
            scale[i] = max(_MAD * float(np.median(np.abs(column[here[i]] - location[i]))), _LEAST_SCALE)
        for j in range(i):
            correlation[i, j] = correlation[j, i] = _alike(column, scores[:, j], here[i] & here[j])
    return Baseline(location, scale, correlation, len(scores))


def _alike(one: Floats, other: Floats, here: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> float:
    """Return the correlation of two columns by ranks, on the scale of Pearson's."""
    if here.sum() < 3 or np.ptp(one[here]) == 0 or np.ptp(other[here]) == 0:
        return 0.0
    return float(2 * np.sin(np.pi / 6 * spearmanr(one[here], other[here]).statistic))


def slope(levels: Floats) -> Reading:
    """Return how fast levels, a number a day, went up or down over the year: points a year, by Theil and Sen.

    Over medians of weeks, so that a weekend is no trend. What grows or falls slowly is normal to an index that is
    relative to the year, and shows here. Less than eight weeks say nothing.
    """
    n_weeks = len(levels) // 7
    weeks = levels[len(levels) - 7 * n_weeks :].reshape(n_weeks, 7)
    medians = np.array([np.nanmedian(week) if np.isfinite(week).any() else np.nan for week in weeks])
    here = np.isfinite(medians)
    if here.sum() < 8:
        return Reading(np.nan, np.nan, np.nan, "points a year", "up")
    found = theilslopes(medians[here], np.flatnonzero(here), alpha=0.9)
    value, low, high = (float(edge) * 365 / 7 for edge in (found.slope, found.low_slope, found.high_slope))
    return Reading(value, low, high, "points a year", "up")
