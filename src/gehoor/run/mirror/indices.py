"""Both indices of a period, as an edition shows them: beside the period before, with the year's slope and parts."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from gehoor.core.edition import DAYS, Period
from gehoor.core.mirror_figure import Figure, Index, Part
from gehoor.mirror import index as pure
from gehoor.mirror.base import Floats, Reading
from gehoor.mirror.baseline import slope
from gehoor.mirror.bootstrap import interval
from gehoor.mirror.day import Day
from gehoor.run.mirror.day_sums import DaySums
from gehoor.run.mirror.year import YEAR, Year, mean_of, period_days

__all__ = ["Measured", "figure", "figure_of", "levels_of_year", "measured", "number", "read_index", "values_of_year"]

Good = Literal["up", "down", "neither"]
_LEAST_DAYS = 7
"""Before a week is known nothing is usual: there is a level, and no index yet."""


class Measured(NamedTuple):
    """The days of a period and of the one before, each list with the last day last; what is normal on the last."""

    now: list[Day]
    before: list[Day]
    captivating: pure.Index
    binding: pure.Index


def figure(reading: Reading) -> Figure:
    """Return a reading as an edition holds it: no number where there is none."""
    value, low, high = (number(edge) for edge in (reading.value, reading.low, reading.high))
    return Figure(value=value, low=low, high=high, unit=reading.unit, good=reading.direction)


def figure_of(values: Floats, unit: str, good: Good = "up") -> Figure:
    """Return what replicas say: row 0 is the value, the rest how sure it is."""
    return figure(Reading(float(values[0]), *interval(values[1:]), unit, good))


def number(value: float) -> float | None:
    """Return a number, or None where it is none."""
    return float(value) if np.isfinite(value) else None


def measured(year: Year, period: Period, last: int, now: int | None) -> Measured:
    """Measure what an edition needs: the days of its period and of the one before, and the year before both."""
    year.fill(last)
    captivating, binding = year.indices(last)
    days, earlier = (
        [day for day in period_days(period, end) if year.first is not None and day >= year.first]
        for end in (last, last - DAYS[period])
    )
    # the last day last: its table of persons is what is asked next
    before = [year.day(day) for day in earlier]
    return Measured([year.day(day, now if day == last else None) for day in days], before, captivating, binding)


def levels_of_year(year: Year, of: pure.Index, last: int) -> Floats:
    """Return the level of each day of the year; NaN where it was not measured."""

    def level(kept: DaySums) -> float:
        return float(of.levels(kept.to_day())[0])

    return year.series(last, level)


def values_of_year(year: Year, of: pure.Index, last: int) -> Floats:
    """Return the index of each day of the year, beside the same year: 50 is normal; NaN where it was not measured."""
    return year.series(last, lambda kept: float(of.values(kept.to_day())[0]))


def read_index(of: pure.Index, found: Measured, levels: Floats) -> Index:
    """Return one of both indices of a period."""
    relative, before = (_mean(days, of.values) for days in (found.now, found.before))
    if of.baseline.n_days < _LEAST_DAYS:
        relative = before = np.full(2, np.nan)
    both = len(found.now) > 0 and len(found.before) > 0
    name: Literal["captivating", "binding"] = "captivating" if of.name == "captivating" else "binding"
    return Index(
        name=name,
        relative=figure_of(relative, "points"),
        level=figure_of(_mean(found.now, of.levels), "points"),
        before=figure_of(before, "points"),
        change=figure_of(relative - before, "points") if both else Figure(unit="points", good="up"),
        slope=figure(slope(levels[np.isfinite(levels).argmax() :])) if np.isfinite(levels).any() else _no_slope(),
        parts=tuple(_part(part) for part in of.parts(found.now[-1])) if found.now else (),
        changed=tuple(of.real_changes(found.now[-1], found.before[-1])) if both else (),
        n_days=min(of.baseline.n_days, YEAR),
    )


def _no_slope() -> Figure:
    return Figure(unit="points a year", good="up")


def _mean(days: Sequence[Day], values: Callable[[Day], Floats]) -> Floats:
    return mean_of(days, values) if days else np.full(2, np.nan)


def _part(part: pure.Part) -> Part:
    return Part(name=part.name, share=figure(part.share), z=number(part.z), weight=part.weight)
