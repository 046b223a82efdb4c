"""What spread, for pages and scripts: cascades of a workspace, with first voice, carriers, channels and tree."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables.spread import cascade as cascades
from gehoor.core.tables.spread import cascade_post as posts
from gehoor.warn.carriers import brought_by
from gehoor.warn.cascade import Cascade, CascadeOutlook
from gehoor.warn.counter_movement import Stance, stance_of
from gehoor.warn.spread_links import OFFSET_NAMES
from gehoor.warn.thought import thought_of

__all__ = [
    "CascadePost",
    "CascadeReport",
    "ChannelArrival",
    "Told",
    "cascade_report",
    "cascades_of",
    "newest_cascades",
    "told_in",
]

_READ, _DRAWN, _CARRIERS, _SAMPLE = 2_000, 300, 5, 120
_CHUNK = 500
_FEED = "feed"
_SURE = ("reply", "quote")


class CascadePost(NamedTuple):
    """A post in the tree of a cascade, and the one that it hangs on."""

    seq: int
    at: int
    parent: int | None
    """`seq` of it; None: this is the first. Where nobody knows, it is drawn to the first."""
    via: str
    """`reply`, `repost`, `quote`, `copy`, `link`, or empty for who began."""
    channel: str
    actor_key: int | None
    brought: float
    """How many came because of it, others between included: `warn.carriers`."""


class ChannelArrival(NamedTuple):
    """When a cascade reached a channel, and how many posts it has there."""

    channel: str
    at: int
    n: int


class CascadeReport(msgspec.Struct, frozen=True, kw_only=True):
    """One cascade as a page tells it. Moments are microseconds UTC.

    Attributes
    ----------
    first : CascadePost
        The first voice that we heard.
    n, n_people : int
        Posts; accounts among the 2,000 earliest.
    outlook : CascadeOutlook
        How contagious it is, and how large it may become, as of the moment that was asked for.
    channels : list of ChannelArrival
        In the order in which it reached them.
    lead_s : float, optional
        How long the first voice was ahead of the news feeds, seconds; negative: they were first. None: not there.
    carriers : list of CascadePost
        Who brought most, at most five accounts; each by the post that brought most.
    posts : list of CascadePost
        The tree: the 300 earliest.
    """

    id: int
    n: int
    n_people: int
    began: int
    last: int
    first: CascadePost
    outlook: CascadeOutlook
    channels: list[ChannelArrival]
    lead_s: float | None
    carriers: list[CascadePost]
    posts: list[CascadePost]


class Told(NamedTuple):
    """What the posts of a cascade say: the thought that travels, and which of them go against it."""

    thought: str
    against: list[tuple[int, Stance]]


def cascades_of(reader: Reader, seqs: Sequence[int]) -> dict[int, int]:
    """Return of which cascade each of some posts is; those that are in none are left out. Cost: 2 us a post."""
    found: dict[int, int] = {}
    for start in range(0, len(seqs), _CHUNK):
        here = posts.c.seq.in_(seqs[start : start + _CHUNK])
        statement = sa.select(posts.c.seq, posts.c.cascade).join(cascades, cascades.c.id == posts.c.cascade)
        found |= {row.seq: row.cascade for row in reader.stored(statement.where(here, cascades.c.n > 1))}
    return found


def newest_cascades(reader: Reader, since: int, limit: int = 20) -> list[int]:
    """Return the largest cascades that grew since a moment (microseconds UTC), largest first."""
    wanted = sa.select(cascades.c.id).where(cascades.c.last >= since, cascades.c.n > 1)
    rows = reader.stored(wanted.order_by(cascades.c.n.desc(), cascades.c.id).limit(limit))
    return [row.id for row in rows]


def cascade_report(reader: Reader, id_: int, now: int) -> CascadeReport | None:
    """Return one cascade as it stands; None when it is none, or not any more.

    Parameters
    ----------
    id_ : int
        As `cascades_of` gives it.
    now : int
        Microseconds UTC: the outlook is of this moment.

    Notes
    -----
    Cost: 5 ms at 100 posts, 60 ms at 2,000 and more.
    """
    found = reader.stored(sa.select(cascades).where(cascades.c.id == id_, cascades.c.n > 1))
    mine = posts.c.cascade == id_
    rows = reader.stored(sa.select(posts).where(mine).order_by(posts.c.at, posts.c.seq).limit(_READ)) if found else []
    if not rows:
        return None
    row = found[0]
    state = Cascade(row.n, row.began, row.last, msgspec.msgpack.decode(row.sums))
    tree = _tree(rows)
    channels = _channels(reader, id_)
    feed = next((one.at for one in channels if one.channel == _FEED), None)
    return CascadeReport(
        id=row.id, n=row.n, n_people=len({post.actor_key for post in tree if post.actor_key is not None}),
        began=row.began, last=row.last, first=tree[0], outlook=state.outlook(now, row.usual), channels=channels,
        lead_s=None if feed is None else _lead_s(feed, channels), carriers=_carriers(tree), posts=tree[:_DRAWN],
    )  # fmt: skip


def told_in(reader: Reader, report: CascadeReport) -> Told:
    """Read what the earliest posts of a cascade say. Cost: 10 ms."""
    seqs = [post.seq for post in report.posts if post.via != "repost"][:_SAMPLE]
    rows = [row for segment in reader.segments() for row in segment.select("seq, state, text, sentiment", seqs)]
    said = [(seq, text, sentiment) for seq, state, text, sentiment in rows if state == 0 and text]
    stances = ((seq, stance_of(text, sentiment)) for seq, text, sentiment in said)
    return Told(
        thought_of([text for _, text, _ in said]), [(seq, stance) for seq, stance in stances if stance is not None]
    )


def _tree(rows: Sequence[sa.Row[Any]]) -> list[CascadePost]:
    """Return posts, earliest first, each with the `seq` of what it hangs on, and with how many it brought."""
    places = {name: place for place, row in enumerate(rows) for name in (row.name, OFFSET_NAMES[row.seq])}
    parents = [places.get(row.parent, -1) for row in rows]
    parents = [parent if parent != place else -1 for place, parent in enumerate(parents)]
    sure = [
        parent if row.via in _SURE and parent < place else -1
        for place, (row, parent) in enumerate(zip(rows, parents, strict=True))
    ]
    minutes = np.array([(row.at - rows[0].at) / 60e6 for row in rows])
    brought = brought_by(minutes, np.array(sure, np.int64))
    return [
        CascadePost(
            seq=row.seq,
            at=row.at,
            parent=rows[max(parent, 0)].seq if place else None,
            via=row.via if place else "",
            channel=row.channel,
            actor_key=row.actor_key,
            brought=round(float(brought[place]), 1),
        )
        for place, (row, parent) in enumerate(zip(rows, parents, strict=True))
    ]


def _channels(reader: Reader, id_: int) -> list[ChannelArrival]:
    at = sa.func.min(posts.c.at).label("first_at")
    wanted = sa.select(posts.c.channel, at, sa.func.count().label("n")).where(posts.c.cascade == id_)
    rows = reader.stored(wanted.group_by(posts.c.channel).order_by(at, posts.c.channel))
    return [ChannelArrival(row.channel, row.first_at, row.n) for row in rows]


def _lead_s(feed: int, channels: Sequence[ChannelArrival]) -> float | None:
    others = [one.at for one in channels if one.channel != _FEED]
    return (feed - min(others)) / 1e6 if others else None


def _carriers(tree: Sequence[CascadePost]) -> list[CascadePost]:
    """Return who brought most: of each account the post that brought most, and of nobody who brought none."""
    best: dict[int, CascadePost] = {}
    for post in sorted(tree, key=lambda post: (-post.brought, post.at, post.seq)):
        if post.brought >= 0.5 and post.actor_key is not None:
            best.setdefault(post.actor_key, post)
    return list(best.values())[:_CARRIERS]
