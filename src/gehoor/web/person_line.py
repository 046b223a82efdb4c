"""What a person says and does on one line of time: where each mark stands, drawn wide and narrow apart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from gehoor.web.speech import Speech

__all__ = ["Bar", "Dot", "Label", "Line", "Past", "line_of"]

_EPOCH = date(1970, 1, 1)
_YEARS_FROM, _MONTHS_FROM = 900, 60


class Past(NamedTuple):
    """What there is to draw, by day since 1970.

    `said` is how much was said, negative, positive; `spent` what was ordered for; `elsewhere` the days on which it was
    ordered from another brand; `quotes` what stands beside a mark.
    """

    first: int
    last: int
    said: Mapping[int, tuple[int, int, int]]
    spent: Mapping[int, float]
    elsewhere: frozenset[int]
    answered: Sequence[int]
    quotes: Sequence[tuple[int, str]]


class Dot(msgspec.Struct, frozen=True):
    """Something said: its tone as class and sign, how much of it."""

    x: float
    tone: str
    sign: str


class Bar(msgspec.Struct, frozen=True):
    """Something ordered; how high says for how much."""

    x: float
    height: float
    is_elsewhere: bool


class Label(msgspec.Struct, frozen=True):
    """Words at a place."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing, `width` by `height`; the line itself is at `middle`."""

    width: int
    height: int
    left: int
    middle: int
    radius: float
    bar: float
    dots: list[Dot]
    bars: list[Bar]
    rings: list[float]
    quotes: list[Label]
    ticks: list[Label]


class _Size(NamedTuple):
    width: int
    height: int
    left: int
    middle: int
    radius: float
    bar: float
    tallest: float
    n_ticks: int
    quote_gap: float


_WIDE = _Size(962, 214, 52, 104, 8, 4, 76, 9, 195)
_NARROW = _Size(300, 188, 40, 78, 6.5, 3, 66, 4, 1e9)


def line_of(past: Past, speech: Speech, *, is_wide: bool) -> Line:
    """Return where everything stands.

    What would cover each other is drawn as one: posts with the tone that prevails, orders added up.
    """
    size = _WIDE if is_wide else _NARROW
    span = max(1, past.last - past.first)
    room = size.width - size.left - 18

    def at(day: int) -> float:
        return round(size.left + 8 + room * (day - past.first) / span, 1)

    return Line(
        width=size.width, height=size.height, left=size.left, middle=size.middle, radius=size.radius, bar=size.bar,
        dots=_dots(past, at, 2 * size.radius + 1), bars=_bars(past, at, size),
        rings=_apart((at(day) for day in past.answered), 9.0), quotes=_quotes(past, at, size),
        ticks=_ticks(past, at, size, speech),
    )  # fmt: skip


def _dots(past: Past, at: Callable[[int], float], gap: float) -> list[Dot]:
    together: list[tuple[float, int, int, int]] = []
    for day in sorted(past.said):
        x, (n, negative, positive) = at(day), past.said[day]
        if together and x - together[-1][0] < gap:
            first, *counts = together[-1]
            together[-1] = (first, counts[0] + n, counts[1] + negative, counts[2] + positive)
        else:
            together.append((x, n, negative, positive))
    return [Dot(x, *_tone(n, negative, positive)) for x, n, negative, positive in together]


def _tone(n: int, negative: int, positive: int) -> tuple[str, str]:
    if negative > positive and 2 * negative >= n:
        return "neg", "−"
    if positive > negative and 2 * positive >= n:
        return "pos", "+"
    return "neu", ""


def _bars(past: Past, at: Callable[[int], float], size: _Size) -> list[Bar]:
    most = max(past.spent.values(), default=0.0) or 1.0
    together: list[tuple[float, float, bool]] = []
    for day in sorted(past.spent):
        x, amount, is_elsewhere = at(day), past.spent[day], day in past.elsewhere
        if together and x - together[-1][0] < size.bar + 1 and together[-1][2] == is_elsewhere:
            together[-1] = (together[-1][0], max(amount, together[-1][1]), is_elsewhere)
        else:
            together.append((x, amount, is_elsewhere))
    return [
        Bar(x, round(10 + (size.tallest - 10) * max(0.0, amount) / most, 1), other) for x, amount, other in together
    ]


def _quotes(past: Past, at: Callable[[int], float], size: _Size) -> list[Label]:
    """Return words on two rows, the newest first to get a place."""
    found: list[Label] = []
    for day, text in sorted(past.quotes, reverse=True):
        x = min(max(at(day), size.left + 80), size.width - 88)
        rows = [y for y in (size.middle - 44, size.middle - 68) if _is_free(found, x, y, size.quote_gap)]
        if rows and size.quote_gap < size.width and all(one.text[:12] != text[:12] for one in found):
            found.append(Label(round(x, 1), rows[0], text))
    return found


def _is_free(found: Iterable[Label], x: float, y: float, gap: float) -> bool:
    return all(one.y != y or abs(one.x - x) >= gap for one in found)


def _apart(places: Iterable[float], gap: float) -> list[float]:
    found: list[float] = []
    for x in sorted(places):
        if not found or x - found[-1] >= gap:
            found.append(x)
    return found


def _ticks(past: Past, at: Callable[[int], float], size: _Size, speech: Speech) -> list[Label]:
    span = past.last - past.first
    step = "year" if span > _YEARS_FROM else "month" if span > _MONTHS_FROM else "day"
    days = [day for day in range(past.first, past.last + 1) if _is_mark(day, step, max(1, span // size.n_ticks))]
    every = max(1, -(-len(days) // size.n_ticks))
    y = size.height - 6
    return [
        Label(at(day), y, _called(day, step, speech), "middle") for day in days[::every] if at(day) < size.width - 12
    ]


def _is_mark(day: int, step: str, every: int) -> bool:
    when = _EPOCH + timedelta(day)
    if step == "day":
        return day % every == 0
    return when.day == 1 and (step == "month" or when.month == 1)


def _called(day: int, step: str, speech: Speech) -> str:
    when = _EPOCH + timedelta(day)
    if step == "year":
        return str(when.year)
    month = speech.brief(when.month)
    if step == "month":
        return f"{month} {when.year}" if when.month == 1 else month
    return f"{when.day} {month}"
