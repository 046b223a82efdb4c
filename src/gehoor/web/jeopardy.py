"""Draws the double-jeopardy plot: each brand by its buyers and how often they buy, on a band of what size explains."""

from collections.abc import Sequence
from math import log

import msgspec

from gehoor.core.loyalty import Market
from gehoor.know.duplication import NEWS_Z

__all__ = ["Dot", "Plot", "plot_of"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 16, 16, 34
_TICKS_X = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_CLEAR, _WIDE = 14.0, 84.0


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """One brand: where it stands, where its name does, and whether size does not explain it."""

    name: str
    x: float
    y: float
    text_y: float
    is_right: bool
    is_news: bool
    is_ours: bool


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing of `width` x `height`; `band` is the outline of what size explains."""

    width: int
    height: int
    band: str
    dots: list[Dot]
    ticks_x: list[tuple[float, float]]
    ticks_y: list[tuple[float, float]]
    floor: float
    left: float
    right: float


def plot_of(market: Market, width: int, height: int) -> Plot:
    """Return the drawing; the share of buyers stands on a logarithmic scale."""
    rates = [*market.buying_rate, *(high for _, _, high in market.band if high < 4 * max(market.buying_rate))]
    most = max(rates) * 1.08
    sizes = [*market.penetration, *(x for x, _, _ in market.band)]
    low, high = log(min(sizes) * 0.85), log(min(1.0, max(sizes) * 1.12))

    def x_of(size: float) -> float:
        return round(_LEFT + (width - _LEFT - _RIGHT) * (log(size) - low) / (high - low), 1)

    def y_of(rate: float) -> float:
        return round(height - _BOTTOM - (height - _TOP - _BOTTOM) * min(rate, most) / most, 1)

    band = [(x_of(x), y_of(bottom), y_of(top)) for x, bottom, top in market.band]
    outline = [f"{x},{top}" for x, _, top in band] + [f"{x},{bottom}" for x, bottom, _ in reversed(band)]
    step = next((step for step in (0.5, 1, 2, 5, 10, 20, 50, 100) if most / step <= 6), 500)
    return Plot(
        width=width, height=height, band=" ".join(outline),
        dots=_apart([_dot(market, place, (x_of, y_of), width) for place in range(len(market.brands))]),
        ticks_x=[(size, x_of(size)) for size in _TICKS_X if low <= log(size) <= high],
        ticks_y=[(n * step, y_of(n * step)) for n in range(int(most / step) + 1)],
        floor=height - _BOTTOM, left=_LEFT, right=width - _RIGHT,
    )  # fmt: skip


def _dot(market: Market, place: int, scales: tuple[object, object], width: int) -> Dot:
    x_of, y_of = scales
    x, y = x_of(market.penetration[place]), y_of(market.buying_rate[place])  # type: ignore[operator]  # two functions
    return Dot(
        name=market.brands[place], x=x, y=y, text_y=y, is_right=x < 0.72 * width,
        is_news=abs(market.z[place]) >= NEWS_Z, is_ours=market.brands[place] == market.ours,
    )  # fmt: skip


def _apart(dots: Sequence[Dot]) -> list[Dot]:
    """Move names that would stand on each other, or on another brand's dot."""
    placed: list[Dot] = []
    for dot in sorted(dots, key=lambda dot: dot.y):
        near = [other.text_y for other in placed if abs(other.x - dot.x) < _WIDE]
        text_y = _aside(dot, dots)
        text_y = max([text_y, *(y + _CLEAR for y in near if abs(text_y - y) < _CLEAR)])
        placed.append(msgspec.structs.replace(dot, text_y=text_y))
    return placed


def _aside(dot: Dot, dots: Sequence[Dot]) -> float:
    """Return the height at which no other dot stands where the name would be read."""
    for other in dots:
        ahead = other.x - dot.x if dot.is_right else dot.x - other.x
        if other is not dot and 0 <= ahead < _WIDE and abs(other.y - dot.y) < _CLEAR:
            return dot.y - _CLEAR if (dot.y, dot.x) < (other.y, other.x) else dot.y + _CLEAR
    return dot.y
