"""*Needs*: what wishes are about, beside the channels on which people say so."""

from collections.abc import Sequence

import msgspec
from litestar import Response, get

from gehoor.core.need_channels import NeedChannel, needs_by_channel
from gehoor.core.needs import count_needs
from gehoor.core.post import PostFilter
from gehoor.web.filters import posts_path
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.period import PERIODS, Period, PeriodName, period_of
from gehoor.web.today import heard_of

__all__ = ["NEED_PAGES", "Crossed", "NeedLine", "crossed_of"]

WISHES = ("complaint", "help", "question", "leaving", "improvement", "praise")
"""What one can look at apart, what asks most of us first."""

_CHANNELS = 6


class NeedCell(msgspec.Struct, frozen=True, kw_only=True):
    """Posts of a need on a channel: how many, which share of that need's, and where they are."""

    n: int
    share: float
    href: str


class NeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One need: all its posts, and those on each channel of the table (None: there are none)."""

    name: str
    n: int
    href: str
    cells: list[NeedCell | None]


class Crossed(msgspec.Struct, frozen=True, kw_only=True):
    """The table: its channels, most first, with how many posts each; a line a need; how many posts are not in it."""

    channels: list[tuple[str, int]]
    lines: list[NeedLine]
    n: int
    n_elsewhere: int
    n_before: int


def crossed_of(found: Sequence[NeedChannel], base: PostFilter, n_all: int) -> Crossed:
    """Return needs by channel as a table, in which each number leads to its posts.

    Parameters
    ----------
    found : sequence of NeedChannel
        Most first.
    base : PostFilter
        Whose posts were counted.
    n_all : int
        All posts with a need of that time, those that were not looked at as well.
    """
    by_channel, by_need = _sums(found, "channel"), _sums(found, "need")
    channels = sorted(by_channel, key=lambda name: (-by_channel[name], name))[:_CHANNELS]
    cells = {(one.need, one.channel): one for one in found}
    lines = [
        NeedLine(
            name=need, n=by_need[need], href=_href(base, need=need),
            cells=[_cell(cells.get((need, channel)), base) for channel in channels],
        )
        for need in sorted(by_need, key=lambda name: (name == "general", -by_need[name], name))
    ]  # fmt: skip
    n = sum(by_need.values())
    return Crossed(
        channels=[(name, by_channel[name]) for name in channels], lines=lines, n=n,
        n_elsewhere=n - sum(by_channel[name] for name in channels), n_before=max(n_all - n, 0),
    )  # fmt: skip


def _sums(found: Sequence[NeedChannel], field: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in found:
        sums[getattr(one, field)] = sums.get(getattr(one, field), 0) + one.n
    return sums


def _cell(one: NeedChannel | None, base: PostFilter) -> NeedCell | None:
    if one is None:
        return None
    return NeedCell(n=one.n, share=one.share_of_need, href=_href(base, need=one.need, channel=one.channel))


def _href(base: PostFilter, **narrower: str) -> str:
    return posts_path(msgspec.structs.replace(base, **narrower))


@get("/needs", sync_to_thread=True)
def needs_page(request: Ask) -> Response[str]:
    """Show which needs are spoken of on which channel, for a stretch of time, a brand, a wish."""
    frame = frame_of(request)
    name: PeriodName = next((name for name in PERIODS if name == frame.query.get("period")), "week")
    brand, wish = frame.query.get("brand", ""), frame.query.get("wish", "")
    period = period_of(name, heard_of(frame.site.reader), frame.now, frame.site.zone)
    base = PostFilter(
        kind="say", brand=brand if brand in frame.site.brands() else None, intent=wish if wish in WISHES else None,
        since=period.since, until=period.until,
    )  # fmt: skip
    found = needs_by_channel(
        frame.site.reader, period.since, period.until, brand=base.brand or "", intent=base.intent or ""
    )
    return frame.page(
        "needs.html", "today", crossed=crossed_of(found, base, _n_all(frame, period, base)), base=base, period=period,
        periods=PERIODS, wishes=WISHES,
    )  # fmt: skip


def _n_all(frame: Frame, period: Period, base: PostFilter) -> int:
    counts = count_needs(
        frame.site.reader, resolution=60, since=period.since, until=period.until, by=("intent",),
        brand=base.brand or "",
    )  # fmt: skip
    return sum(one.n for one in counts if base.intent in (None, one.intent))


NEED_PAGES = [needs_page]
