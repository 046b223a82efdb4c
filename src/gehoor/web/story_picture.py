"""The picture of how a story spread: a lane for each channel, the early hours stretched, who began, who carried it."""

from collections.abc import Sequence
from math import log1p, log10
from typing import Literal, NamedTuple

import msgspec

from gehoor.core.clock import SECOND_US
from gehoor.run.cascades import CascadePost
from gehoor.run.story_rows import Said

__all__ = ["SIZES", "Dot", "Picture", "PictureSize", "PictureSource", "Tick", "picture_of"]

Kind = Literal["first", "carrier", "ours"]

_STRETCH = 12.0
_MOST_LANES = 6
_MINUTES = (1, 5, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080)
_MINUTE_US = 60 * SECOND_US
_LETTER = 6.6


class PictureSize(msgspec.Struct, frozen=True, kw_only=True):
    """How large it is drawn, in pixels, and how many posts it shows; text is never scaled."""

    name: str
    width: int
    left: int
    right: int
    lane: int
    dots: int


SIZES = (
    PictureSize(name="wide", width=952, left=128, right=72, lane=64, dots=320),
    PictureSize(name="middle", width=520, left=12, right=12, lane=72, dots=200),
    PictureSize(name="narrow", width=294, left=10, right=10, lane=72, dots=110),
)


class Dot(NamedTuple):
    """Something to point at: where it is, and its words."""

    seq: int
    at: int
    channel: str
    kind: Kind
    name: str
    note: str


class PictureSource(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn. Times are microseconds UTC.

    Attributes
    ----------
    said : sequence of Said
        All posts, oldest first.
    tree : sequence of CascadePost
        Posts of which it is known, or guessed, what they follow.
    dots : sequence of Dot
        Who began, who carries it, our own words.
    """

    since: int
    until: int
    said: Sequence[Said]
    tree: Sequence[CascadePost]
    dots: Sequence[Dot]


class Lane(NamedTuple):
    """A channel: its name, how many posts, and where its middle is."""

    channel: str
    n: int
    y: float


class Point(NamedTuple):
    """A post as a dot."""

    x: float
    y: float
    r: float


class Big(NamedTuple):
    """A dot with words: where they stand, and from where a line leads to it (None: the words stand beside it)."""

    dot: Dot
    x: float
    y: float
    text_x: float
    text_y: float
    is_above: bool
    is_end: bool


class Tick(NamedTuple):
    """A moment below the picture; None is now."""

    x: float
    at: int | None
    is_day: bool


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing of one size."""

    size: PictureSize
    height: float
    top: float
    bottom: float
    lanes: list[Lane]
    points: list[Point]
    edges: list[str]
    bigs: list[Big]
    ticks: list[Tick]
    each: int
    """For about how many posts a dot stands."""


class _Space(NamedTuple):
    """Where moments and channels are."""

    source: PictureSource
    size: PictureSize
    top: float
    places: dict[str, int]

    def x(self, at: int) -> float:
        since, until = self.source.since, self.source.until
        share = min(max((at - since) / max(until - since, 1), 0.0), 1.0)
        room = self.size.width - self.size.left - self.size.right - 16
        return round(self.size.left + 8 + room * log1p(_STRETCH * share) / log1p(_STRETCH), 1)

    def middle(self, channel: str) -> float:
        return self.top + self.size.lane * (self.places[channel] + (0.5 if self.size.left > 20 else 0.62))

    def y(self, channel: str, seq: int) -> float:
        mixed = seq * 2_654_435_761 % 2**32
        share = ((mixed & 0xFFFF) + (mixed >> 16)) / 0x1FFFE - 0.5  # two throws: most stand near the middle
        reach = self.size.lane - (14 if self.size.left > 20 else 30)
        return round(self.middle(channel) + share * reach, 1)


def picture_of(source: PictureSource, size: PictureSize, counts: Sequence[tuple[str, int]]) -> Picture:
    """Return the drawing of one size; `counts` are posts by channel, in the order of the lanes. Cost: 1 ms."""
    lanes = list(counts[:_MOST_LANES])
    rows = _rows_of_words(source, size)
    space = _Space(source, size, 16.0 + 18 * rows, {channel: place for place, (channel, _) in enumerate(lanes)})
    bottom = space.top + size.lane * len(lanes)
    shown = [one for one in source.said if one.channel in space.places]
    step = max(1, -(-len(shown) // size.dots))
    tree = [one for one in source.tree if one.channel in space.places][: size.dots // 2]
    return Picture(
        size=size, height=bottom + 26, top=space.top, bottom=bottom,
        lanes=[Lane(channel, n, space.middle(channel)) for channel, n in lanes],
        points=[_point(space, one) for one in shown[::step]]
        + [Point(space.x(one.at), space.y(one.channel, one.seq), 1.6) for one in tree],
        edges=_edges(space, tree), bigs=_bigs(space), ticks=_ticks(space), each=step,
    )  # fmt: skip


def _point(space: _Space, one: Said) -> Point:
    radius = 1.7 + 0.55 * log10(1 + (one.followers or 0))
    return Point(space.x(one.at), space.y(one.channel, one.seq), round(min(radius, 5.5), 1))


def _edges(space: _Space, tree: Sequence[CascadePost]) -> list[str]:
    """Return curves from each post to that which it follows."""
    places = {one.seq: (space.x(one.at), space.y(one.channel, one.seq)) for one in tree}
    places |= {dot.seq: (space.x(dot.at), space.middle(dot.channel)) for dot in _known(space)}
    found = []
    for one in tree:
        if one.parent is None or one.parent not in places:
            continue
        (x1, y1), (x2, y2) = places[one.parent], places[one.seq]
        bend = round((x2 - x1) * 0.5, 1)
        found.append(f"M{x1} {y1}c{bend} 0 {bend} {round(y2 - y1, 1)} {round(x2 - x1, 1)} {round(y2 - y1, 1)}")
    return found


def _known(space: _Space) -> list[Dot]:
    return [dot for dot in space.source.dots if dot.channel in space.places]


def _rows_of_words(source: PictureSource, size: PictureSize) -> int:
    return min(len([dot for dot in source.dots if dot.name]), 3 if size.left > 20 else 4)


def _bigs(space: _Space) -> list[Big]:
    """Return who stands out; words go above, each in the first row that has room for them, or else are left out."""
    size, found = space.size, []
    taken: list[list[tuple[float, float]]] = [[] for _ in range(_rows_of_words(space.source, size))]
    for dot in sorted(_known(space), key=lambda one: (one.kind != "first", one.kind == "carrier", one.at)):
        x, y = space.x(dot.at), space.middle(dot.channel)
        length = _LETTER * (len(dot.name) + len(dot.note) + 2)
        is_end = x + length > size.width - 4
        low = x - length if is_end else x - 4
        row = next((n for n, used in enumerate(taken) if all(low + length < a or low > b for a, b in used)), None)
        has_words = bool(dot.name) and row is not None and low > 0
        if has_words and row is not None:
            taken[row].append((low, low + length))
        text_y = 14.0 + 18 * (row or 0)
        found.append(Big(dot, x, y, x + 4 if is_end else x - 4, text_y, has_words, is_end))
    return sorted(found, key=lambda one: one.dot.kind != "carrier")


def _ticks(space: _Space) -> list[Tick]:
    """Return moments with room between them: whole minutes, hours or days, and the end."""
    source, gap = space.source, 84 if space.size.left > 20 else 72
    end = space.x(source.until)
    found = [Tick(space.x(source.since), source.since, is_day=False)]
    span = (source.until - source.since) / _MINUTE_US
    at = source.since
    while at < source.until:
        step = _step_at(space, at, gap, span) * _MINUTE_US
        at = (at // step + 1) * step
        x = space.x(at)
        if x - found[-1].x >= gap and end - x >= gap * 0.8:
            found.append(Tick(x, at, is_day=step >= 720 * _MINUTE_US))
    return [*found, Tick(end, None, is_day=False)]


def _step_at(space: _Space, at: int, gap: float, span: float) -> int:
    """Return the smallest step, in minutes, that is as wide as the gap from a moment on."""
    here = space.x(at)
    return next((m for m in _MINUTES if space.x(at + m * _MINUTE_US) - here >= gap * 0.7), max(1, int(span) + 1))
