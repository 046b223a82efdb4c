"""Draws the mirror's curves and dots, wide and narrow, without a script: text is never scaled."""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from gehoor.core.edition import Edition
from gehoor.core.mirror_figure import Curve, Figure, Index

__all__ = ["Dots", "Year", "dots_of", "year_of"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 4, 40, 16, 22
_TICKS = 4
_MARGIN = 6.0


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """A year of an index: `paths` are its unbroken stretches, `ticks` its months (1 to 12) and where they stand."""

    width: int
    height: int
    paths: list[str]
    ticks: list[tuple[int, float]]
    fifty: float
    end: float
    floor: float
    last: tuple[float, float] | None
    low: float | None
    high: float | None


def year_of(index: Index, curve: Curve, width: int, height: int) -> Year:
    """Return the drawing of an index over the days of a curve, its last point with its interval."""
    values = list(curve.captivating if index.name == "captivating" else curve.binding)
    days = [date.fromisoformat(day) for day in curve.days]
    now = index.relative.value  # a month is read on seven days: its figure is not that of the last one
    edges = [edge for edge in (index.relative.low, now, index.relative.high) if edge is not None]
    known = [value for value in values if value is not None] + edges + [50.0]
    low, high = min(known) - _MARGIN, max(known) + _MARGIN

    def x_of(place: int) -> float:
        return round(_LEFT + (width - _LEFT - _RIGHT) * (place / max(1, len(values) - 1) if len(values) > 1 else 1), 1)

    def y_of(value: float) -> float:
        return round(_TOP + (height - _TOP - _BOTTOM) * (high - value) / (high - low), 1)

    last = next((place for place in range(len(values) - 1, -1, -1) if values[place] is not None), None)
    return Year(
        width=width, height=height, paths=_stretches(values, x_of, y_of), ticks=_months(days, x_of),
        fifty=y_of(50.0), end=x_of(len(values) - 1), floor=height - _BOTTOM,
        last=(x_of(last), y_of((values[last] or 0.0) if now is None else now)) if last is not None else None,
        low=None if index.relative.low is None else y_of(index.relative.low),
        high=None if index.relative.high is None else y_of(index.relative.high),
    )  # fmt: skip


def _stretches(
    values: Sequence[float | None], x_of: Callable[[int], float], y_of: Callable[[float], float]
) -> list[str]:
    """Return a path for each stretch without a gap."""
    paths: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            paths.append([])
        else:
            paths[-1].append(f"{x_of(place)} {y_of(value)}")
    return ["M" + "L".join(path) for path in paths if len(path) > 1]


def _months(days: Sequence[date], x_of: Callable[[int], float]) -> list[tuple[int, float]]:
    """Return at most four months that begin among the days, and where."""
    begins = [(day.month, x_of(place)) for place, day in enumerate(days) if day.day == 1]
    step = -(-len(begins) // _TICKS) if begins else 1
    return begins[::step]


class Dots(msgspec.Struct, frozen=True, kw_only=True):
    """One row on a scale from 0 to 100 per cent of its width: now, its interval, and what was before."""

    now: float | None
    low: float | None
    high: float | None
    before: float | None


def dots_of(now: Figure, before: Figure | None, least: float, most: float) -> Dots:
    """Return where a figure stands between the least and the most of all rows."""

    def at(value: float | None) -> float | None:
        if value is None:
            return None
        return round(2 + 96 * (min(max(value, least), most) - least) / (most - least), 1)

    return Dots(now=at(now.value), low=at(now.low), high=at(now.high), before=at(before.value) if before else None)


def most_share(edition: Edition) -> float:
    """Return the end of the scale on which shares of competitors stand."""
    figures = [figure for one in edition.competitors for figure in (one.voice, one.praise, one.leaving)]
    return max([0.1, *(figure.high or figure.value or 0.0 for figure in figures)])
