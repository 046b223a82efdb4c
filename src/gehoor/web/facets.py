"""What narrows a list of posts: each value a link, with how many posts are behind it where counting is cheap."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.reader import Cell, PostFilter
from gehoor.web.filters import chosen, posts_path
from gehoor.web.frame import Frame
from gehoor.web.posts import SIGNS

__all__ = ["Facet", "Option", "facets_of"]

_KINDS = ("say", "answer", "share", "react", "do")
_INTENTS = ("help", "complaint", "question", "praise", "improvement", "leaving", "other")
_COUNTED = frozenset({"kind", "brand", "channel", "sentiment", "intent", "since", "until"})
_DIMENSIONS = ("kind", "channel", "sentiment", "intent")
_CHEAP_US = 8 * DAY_US
_LATELY_US = 90 * DAY_US
_FOREVER = 1 << 62
_MOST = 12


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One value: our word for it, how many posts (None: not counted), its address; a chosen one leads back."""

    value: str
    label: str
    n: int | None
    href: str
    is_chosen: bool


class Facet(msgspec.Struct, frozen=True):
    """One field and its values."""

    field: str
    options: list[Option]


def facets_of(frame: Frame, wanted: PostFilter) -> list[Facet]:
    """Return what a list may be narrowed by. Counts come from the roll-ups, for at most eight days."""
    cells = _cells(frame, wanted)
    values = {
        "sentiment": tuple(SIGNS), "intent": _INTENTS, "brand": tuple(frame.site.brands()), "kind": _KINDS,
        "channel": _channels(frame, cells, wanted),
    }  # fmt: skip
    counted = {field: _tally(cells, field, wanted) for field in _DIMENSIONS}
    counted["brand"] = _brand_tally(frame, wanted) if cells is not None else None
    facets = [Facet(field, _options(frame, wanted, field, names, counted[field])) for field, names in values.items()]
    return [facet for facet in facets if facet.options]


def _options(
    frame: Frame, wanted: PostFilter, field: str, values: Sequence[str], counted: Counter[str] | None
) -> list[Option]:
    mine = getattr(wanted, field)
    return [
        Option(
            value=value, label=_label(frame, field, value), n=None if counted is None else counted[value],
            href=posts_path(msgspec.structs.replace(wanted, **{field: None if value == mine else value})),
            is_chosen=value == mine,
        )
        for value in values
        if counted is None or counted[value] or value == mine
    ]  # fmt: skip


def _label(frame: Frame, field: str, value: str) -> str:
    if field == "brand":
        return frame.site.brands().get(value, value)
    return value if field == "channel" else str(frame.speech.word(f"facet.{field}", value))


def _stretch(frame: Frame, wanted: PostFilter) -> tuple[int, int, int] | None:
    """Return (resolution, since, until) of a filter that the roll-ups can count cheaply; None when they can't."""
    if not {name for name, _ in chosen(wanted)} <= _COUNTED:
        return None
    heard = frame.site.reader.period()
    if heard is None:
        return None
    since, until = wanted.since, wanted.until
    if min(until or heard[1], heard[1]) - max(since or heard[0], heard[0]) > _CHEAP_US:
        return None
    resolution = next(
        (s for s in (3600, 60) if not ((since or 0) % (s * SECOND_US) or (until or 0) % (s * SECOND_US))), 0
    )
    return (resolution, since or 0, until or _FOREVER) if resolution else None


def _cells(frame: Frame, wanted: PostFilter) -> list[Cell] | None:
    stretch = _stretch(frame, wanted)
    if stretch is None:
        return None
    resolution, since, until = stretch
    return frame.site.reader.counts(
        resolution=resolution, since=since, until=until, by=_DIMENSIONS, brand=wanted.brand or "", kind=None
    )


def _fits(cell: Cell, wanted: PostFilter, besides: str) -> bool:
    """Tell whether a cell is let through by everything that narrows, one field apart."""
    return all(field == besides or getattr(wanted, field) in (None, getattr(cell, field)) for field in _DIMENSIONS)


def _tally(cells: Iterable[Cell] | None, field: str, wanted: PostFilter) -> Counter[str] | None:
    if cells is None:
        return None
    counted: Counter[str] = Counter()
    for cell in cells:
        if _fits(cell, wanted, field):
            counted[getattr(cell, field) or ""] += cell.n
    return counted


def _brand_tally(frame: Frame, wanted: PostFilter) -> Counter[str] | None:
    stretch = _stretch(frame, wanted)
    if stretch is None or not frame.site.brands():
        return None
    resolution, since, until = stretch
    cells = frame.site.reader.counts(
        resolution=resolution, since=since, until=until, by=(*_DIMENSIONS, "brand"), kind=None
    )
    counted: Counter[str] = Counter()
    for cell in cells:
        if _fits(cell, wanted, "brand"):
            counted[cell.brand or ""] += cell.n
    return counted


def _channels(frame: Frame, cells: Iterable[Cell] | None, wanted: PostFilter) -> tuple[str, ...]:
    """Return the channels that were heard, those of most posts first."""
    if cells is None:
        now = frame.now
        cells = frame.site.reader.counts(
            resolution=3600, since=now - _LATELY_US, until=now + _LATELY_US, by=("channel",), kind=None
        )
    counted: Counter[str] = Counter()
    for cell in cells:
        counted[cell.channel or ""] += cell.n
    names = sorted((name for name in counted if name), key=lambda name: (-counted[name], name))[:_MOST]
    mine = wanted.channel
    return tuple(names if mine is None or mine in names else [*names, mine])
