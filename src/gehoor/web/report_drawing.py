"""Draws what is told of each hour of a day: a bar, and a line from the least to the most that is likely; no script."""

from collections.abc import Sequence

import msgspec

__all__ = ["COUNTS", "SECONDS", "HourBar", "HourDrawing", "hours_drawn"]

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000)
SECONDS = (60, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 259_200, 604_800)
"""Steps of an axis: of numbers, and of time."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 4, 10, 22
_TICKS = 4


class HourBar(msgspec.Struct, frozen=True, kw_only=True):
    """An hour: its bar from `y` down, and its line from `low_y` up to `high_y`; None: there is nothing to draw."""

    hour: int
    x: float
    middle: float
    y: float | None
    low_y: float | None
    high_y: float | None


class HourDrawing(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing of `width` x `height`; the floor is where nothing is."""

    width: int
    height: int
    floor: float
    left: float
    right: float
    thick: float
    bars: list[HourBar]
    ticks_x: list[tuple[int, float]]
    ticks_y: list[tuple[int, float]]


Told = tuple[float | None, float | None, float | None]


def hours_drawn(told: Sequence[Told], steps: Sequence[int], width: int, height: int) -> HourDrawing:
    """Return the drawing of 24 hours.

    Parameters
    ----------
    told : sequence of (float, float, float)
        Of each hour the bar, and the low and high end of its line.
    steps : sequence of int
        Which steps the axis may have, smallest first.
    """
    known = [value for one in told for value in one if value is not None]
    most = max([*known, 1.0])
    step = next((step for step in steps if most / step <= _TICKS), steps[-1])
    floor, wide = height - _BOTTOM, (width - _LEFT - _RIGHT) / len(told)

    def y_of(value: float | None) -> float | None:
        return None if value is None else round(floor - (floor - _TOP) * value / (most * 1.04), 1)

    bars = [
        HourBar(
            hour=hour, x=round(_LEFT + hour * wide + 0.16 * wide, 1), middle=round(_LEFT + (hour + 0.5) * wide, 1),
            y=y_of(bar), low_y=y_of(low), high_y=y_of(high),
        )
        for hour, (bar, low, high) in enumerate(told)
    ]  # fmt: skip
    ticks = [(n * step, y_of(n * step) or floor) for n in range(int(most / step) + 1)]
    return HourDrawing(
        width=width, height=height, floor=floor, left=_LEFT, right=width - _RIGHT, thick=round(0.68 * wide, 1),
        bars=bars, ticks_x=[(hour, bars[hour].middle) for hour in range(0, len(told), 6)], ticks_y=ticks,
    )  # fmt: skip
