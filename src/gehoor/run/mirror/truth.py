"""Is it true: does binding foretell the next 28 days' retention here, on this workspace's own days?"""

from typing import Any, Literal

import numpy as np

from gehoor.core.mirror_figure import Truth
from gehoor.mirror.base import Floats
from gehoor.mirror.foresight import FEWEST, foresight
from gehoor.mirror.index import Index
from gehoor.run.mirror.indices import figure
from gehoor.run.mirror.year import YEAR, Year

__all__ = ["is_it_true"]

_AHEAD = 28


def is_it_true(year: Year, binding: Index, last: int) -> Truth:
    """Walk through the weeks of the year; each is foretold from what was known before it."""

    def share(kept: Any) -> float:
        here = kept.column("was_here")
        return (kept.column("came_back") + 0.5) / (here + 1) if here else float("nan")

    retention = year.series(last, share)
    scores = year.series(last, lambda kept: float(binding.levels(kept.to_day())[0]))
    known, index, outcome = _weeks(retention, scores)
    found = foresight(known, index, outcome)
    gain = found.gain
    verdict: Literal["better", "alike", "worse", "too early"] = "alike"
    if found.n_foretold < FEWEST:
        verdict = "too early"
    elif gain.low > 0:
        verdict = "better"
    elif gain.high < 0:
        verdict = "worse"
    return Truth(verdict=verdict, gain=figure(gain), n_foretold=found.n_foretold, n_needed=FEWEST)


def _weeks(retention: Floats, index: Floats) -> tuple[Floats, Floats, Floats]:
    """Return a day a week: what was known of it, the index, and the retention 28 days later. Means of three days.

    Where only every third day was measured, three days hold one.
    """
    ends = range((YEAR - 1 - _AHEAD) % 7, YEAR - _AHEAD, 7)

    def mean(series: Floats, end: int) -> float:
        near = series[max(0, end - 2) : end + 1]
        return float(np.nanmean(near)) if np.isfinite(near).any() else float("nan")

    return (
        np.array([mean(retention, end) for end in ends]), np.array([mean(index, end) for end in ends]),
        np.array([mean(retention, end + _AHEAD) for end in ends]),
    )  # fmt: skip
