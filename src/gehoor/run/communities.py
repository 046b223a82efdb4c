"""Finds communities of those who speak of the same: each night anew, each hour for newcomers."""

import asyncio
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from scipy import sparse

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.ledger.segments import Segments
from gehoor.core.reader import Reader
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.community import community, community_member
from gehoor.core.tables.ledger import forgotten
from gehoor.core.tables.topic import topic, topic_post
from gehoor.run.country import country_of
from gehoor.run.workplace import Workplace
from gehoor.warn.communities import carried, explained, find_communities, joined, participation
from gehoor.warn.community_graph import Ints, interests, neighbours

__all__ = ["Spoken", "renew_communities", "spoken_of"]

_MARK, _HOUR_MARK, _NEXT = "communities", "communities_hour", "communities_next"
_HOUR_US = 3_600 * SECOND_US
_MOST_POSTS, _LEAST_TOPICS, _LEAST_AUTHORS = 500_000, 2, 50
_HALF_LIFE_DAYS = 30.0
_SEED = 1


class Spoken(NamedTuple):
    """Who spoke of what: authors by key, what each spoke of, and of the newest the language and the country."""

    keys: Ints
    weights: sparse.csr_array
    language: Ints
    country: Ints


async def renew_communities(place: Workplace) -> None:
    """Find communities where a day has passed, let newcomers join where an hour has; nothing without the extra."""
    now, engine = place.clock.now(), place.projector.engine
    if find_spec("graspologic_native") is None:
        return
    hour, day = await place.on_writer(lambda: (mark_of(engine, _HOUR_MARK), mark_of(engine, _MARK)))
    if now - hour < _HOUR_US:
        return
    is_whole = now - day >= DAY_US
    spoken = await asyncio.to_thread(spoken_of, place.root, now)
    if is_whole:
        await _find(place, spoken, now)
    else:
        await _join(place, spoken)
    await place.on_writer(partial(set_mark, engine, _HOUR_MARK, now))


def _topics(reader: Reader) -> dict[int, int]:
    """Return the topics of the newest posts that have one."""
    final = sa.func.coalesce(topic.c.merged_into, topic.c.id).label("now")
    both = topic_post.join(topic, topic.c.id == topic_post.c.topic)
    newest: sa.Select[Any] = (
        sa.select(topic_post.c.seq, final).select_from(both).order_by(topic_post.c.seq.desc()).limit(_MOST_POSTS)
    )
    return {row.seq: row.now for row in reader.stored(newest)}


def spoken_of(root: Path, now: int) -> Spoken:
    """Return who spoke of what in the newest half million posts, those who spoke of two topics or more."""
    reader, segments = Reader(root), Segments(root / "segments", writable=False)
    try:
        segments.refresh()
        topics = _topics(reader)
        found = segments.select("seq, actor_key, event_at, language, place", sorted(topics))
    finally:
        reader.close()
        segments.close()
    rows = [row for row in found if row[1] is not None]
    keys, who = np.unique(np.array([row[1] for row in rows], np.int64), return_inverse=True)
    ids, what = np.unique(np.array([topics[row[0]] for row in rows], np.int64), return_inverse=True)
    days = (now - np.array([row[2] for row in rows], np.float64)) / DAY_US
    weights = sparse.csr_array((0.5 ** (days / _HALF_LIFE_DAYS), (who, what)), shape=(len(keys), len(ids)))
    weights.sum_duplicates()
    language = _trait(len(keys), who, [row[3] if row[3] != "und" else None for row in rows])
    country = _trait(len(keys), who, [country_of(row[4]) for row in rows])
    kept = np.flatnonzero(np.diff(weights.indptr) >= _LEAST_TOPICS)
    return Spoken(keys[kept], weights[kept], language[kept], country[kept])


def _trait(n: int, who: Ints, values: list[str | None]) -> Ints:
    """Return of each author, as a number, what their newest post that says it says; -1 where none does."""
    names = {name: number for number, name in enumerate(sorted({value for value in values if value}))}
    said = [(author, names[value]) for author, value in zip(who.tolist(), values, strict=True) if value]
    found = np.full(n, -1, np.int64)
    for author, number in said:
        found[author] = number
    return found


class _Found(NamedTuple):
    """Communities as found: whose is which, how evenly their ties are spread, what language and country tell."""

    labels: Ints
    participation: list[float]
    by_language: float
    by_country: float | None


def _found(spoken: Spoken) -> _Found:
    graph = neighbours(interests(spoken.weights))
    labels = find_communities(graph, _SEED)
    is_known = np.count_nonzero((labels >= 0) & (spoken.country >= 0)) >= _LEAST_AUTHORS
    by_country = explained(labels, spoken.country) if is_known else None
    return _Found(labels, participation(graph, labels).tolist(), explained(labels, spoken.language), by_country)


async def _find(place: Workplace, spoken: Spoken, now: int) -> None:
    """Find all communities anew; those that are much the same keep their id."""
    if len(spoken.keys) >= _LEAST_AUTHORS:
        found = await asyncio.to_thread(_found, spoken)
        await place.on_writer(lambda: _write(place.projector.engine, spoken.keys, found, now))
    await place.on_writer(partial(set_mark, place.projector.engine, _MARK, now))


def _write(engine: sa.Engine, keys: Ints, found: _Found, now: int) -> None:
    following = max(1, mark_of(engine, _NEXT))
    before = _members(engine)
    was = np.array([before.get(key, -1) for key in keys.tolist()], np.int64)
    ids, following = carried(found.labels, was, following)
    rows = [
        {"actor_key": key, "community": ids[label], "participation": share}
        for key, label, share in zip(keys.tolist(), found.labels.tolist(), found.participation, strict=True)
        if label >= 0
    ]
    sizes = np.bincount(found.labels[found.labels >= 0])
    told = {"found_at": now, "by_language": found.by_language, "by_country": found.by_country}
    heads = [{"id": ids[label], "n": n} | told for label, n in enumerate(sizes.tolist())]
    with engine.begin() as tx:
        for table, values in ((community_member, rows), (community, heads)):
            tx.execute(sa.delete(table))
            if values:
                tx.execute(sa.insert(table), values)
        _leave_out_forgotten(tx)
    set_mark(engine, _NEXT, following)


def _members(engine: sa.Engine) -> dict[int, int]:
    with engine.connect() as tx:
        return {row.actor_key: row.community for row in tx.execute(sa.select(community_member))}


def _leave_out_forgotten(tx: sa.Connection) -> None:
    tx.execute(sa.delete(community_member).where(community_member.c.actor_key.in_(sa.select(forgotten.c.actor_key))))


async def _join(place: Workplace, spoken: Spoken) -> None:
    """Let those who are new join whom they are most alike, and leave out who was forgotten."""
    engine = place.projector.engine
    members = await place.on_writer(lambda: _members(engine))
    labels = np.array([members.get(key, -1) for key in spoken.keys.tolist()], np.int64)
    is_known = labels >= 0
    rows: list[dict[str, object]] = []
    if is_known.any() and not is_known.all():
        weighed = interests(spoken.weights)
        ties = await asyncio.to_thread(neighbours, weighed[~is_known], weighed[is_known])
        found = joined(ties, labels[is_known])
        shares = participation(ties, labels[is_known]).tolist()
        rows = [
            {"actor_key": key, "community": label, "participation": share}
            for key, label, share in zip(spoken.keys[~is_known].tolist(), found.tolist(), shares, strict=True)
            if label >= 0
        ]

    def write() -> None:
        with engine.begin() as tx:
            if rows:
                tx.execute(sa.insert(community_member), rows)
            _leave_out_forgotten(tx)
            n = sa.select(sa.func.count()).where(community_member.c.community == community.c.id).scalar_subquery()
            tx.execute(sa.update(community).values(n=n))

    await place.on_writer(write)
