"""The process in which communities are found: what half a million posts take in memory goes with it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import sqlalchemy as sa
from scipy import sparse

from gehoor.core.clock import DAY_US
from gehoor.core.errors import GehoorError
from gehoor.core.ledger.segments import Segments
from gehoor.core.reader import Reader
from gehoor.core.tables.community import community_member
from gehoor.core.tables.topic import topic, topic_post
from gehoor.run.country import country_of
from gehoor.warn.communities import carried, explained, find_communities, joined, participation
from gehoor.warn.community_graph import Ints, interests, neighbours

__all__ = ["Found", "Head", "find_in_child", "joined_now", "spoken_of", "whole_now"]

_MOST_POSTS, _LEAST_TOPICS, _LEAST_AUTHORS = 500_000, 2, 50
_HALF_LIFE_DAYS = 30.0
_SEED = 1


class Head(msgspec.Struct, frozen=True):
    """One community: its lasting id, how many it has, and how much of it language and country tell."""

    id: int
    n: int
    by_language: float
    by_country: float | None


class Found(msgspec.Struct, frozen=True):
    """What was found.

    Attributes
    ----------
    members : list of (int, int, float)
        Actor, the lasting id of their community, and how evenly their ties are spread over several; of newcomers only
        where `heads` is None.
    heads : list of Head, optional
        All communities, where they were found anew.
    next_id : int
        The next free id.
    """

    members: list[tuple[int, int, float]]
    heads: list[Head] | None
    next_id: int


class _Spoken(NamedTuple):
    """Who spoke of what: authors by key, what each spoke of, and of the newest the language and the country."""

    keys: Ints
    weights: sparse.csr_array
    language: Ints
    country: Ints


def find_in_child(root: str, now: int, next_id: int, answer: Connection) -> None:
    """Find all communities anew (`next_id` > 0), or whom newcomers join (0), and send it; nothing where it failed."""
    with suppress(GehoorError, OSError, ValueError, ArithmeticError, np.linalg.LinAlgError):
        spoken, before = spoken_of(Path(root), now)
        found = whole_now(spoken, before, next_id) if next_id else joined_now(spoken, before)
        answer.send_bytes(msgspec.msgpack.encode(found))


def spoken_of(root: Path, now: int) -> tuple[_Spoken, Ints]:
    """Return who spoke of what in the newest half million posts, those who spoke of two topics or more.

    Returns
    -------
    spoken : tuple of arrays
        Of n authors.
    before : int64, shape (n,)
        Whose community each is by now; -1: none.
    """
    reader, segments = Reader(root), Segments(root / "segments", writable=False)
    try:
        segments.refresh()
        topics = _topics(reader)
        found = segments.select("seq, actor_key, event_at, language, place", sorted(topics))
        members = {row.actor_key: row.community for row in reader.stored(sa.select(community_member))}
    finally:
        reader.close()
        segments.close()
    spoken = _weighed([row for row in found if row[1] is not None], topics, now)
    return spoken, np.array([members.get(key, -1) for key in spoken.keys.tolist()], np.int64)


def _topics(reader: Reader) -> dict[int, int]:
    """Return the topics of the newest posts that have one."""
    final = sa.func.coalesce(topic.c.merged_into, topic.c.id).label("now")
    both = topic_post.join(topic, topic.c.id == topic_post.c.topic)
    newest: sa.Select[Any] = (
        sa.select(topic_post.c.seq, final).select_from(both).order_by(topic_post.c.seq.desc()).limit(_MOST_POSTS)
    )
    return {row.seq: row.now for row in reader.stored(newest)}


def _weighed(rows: Sequence[tuple[Any, ...]], topics: dict[int, int], now: int) -> _Spoken:
    keys, who = np.unique(np.array([row[1] for row in rows], np.int64), return_inverse=True)
    ids, what = np.unique(np.array([topics[row[0]] for row in rows], np.int64), return_inverse=True)
    days = (now - np.array([row[2] for row in rows], np.float64)) / DAY_US
    weights = sparse.csr_array((0.5 ** (days / _HALF_LIFE_DAYS), (who, what)), shape=(len(keys), len(ids)))
    weights.sum_duplicates()
    language = _trait(len(keys), who, (row[3] if row[3] != "und" else None for row in rows))
    country = _trait(len(keys), who, (country_of(row[4]) for row in rows))
    kept = np.flatnonzero(np.diff(weights.indptr) >= _LEAST_TOPICS)
    return _Spoken(keys[kept], weights[kept], language[kept], country[kept])


def _trait(n: int, who: Ints, values: Iterator[str | None]) -> Ints:
    """Return of each author, as a number, what their newest post that says it says; -1 where none does."""
    names: dict[str, int] = {}
    found = np.full(n, -1, np.int64)
    for author, value in zip(who.tolist(), values, strict=True):
        if value:
            found[author] = names.setdefault(value, len(names))
    return found


def whole_now(spoken: _Spoken, before: Ints, next_id: int) -> Found | None:
    """Find all communities; those that are much the same keep their id. None: too few spoke."""
    if len(spoken.keys) < _LEAST_AUTHORS:
        return None
    graph = neighbours(interests(spoken.weights))
    labels = find_communities(graph, _SEED)
    is_known = np.count_nonzero((labels >= 0) & (spoken.country >= 0)) >= _LEAST_AUTHORS
    by_country = explained(labels, spoken.country) if is_known else None
    by_language = explained(labels, spoken.language)
    ids, following = carried(labels, before, next_id)
    sizes = np.bincount(labels[labels >= 0]).tolist()
    heads = [Head(ids[label], n, by_language, by_country) for label, n in enumerate(sizes)]
    return Found(_members(spoken.keys, labels, participation(graph, labels), ids), heads, following)


def joined_now(spoken: _Spoken, before: Ints) -> Found:
    """Let those who are new join whom they are most alike."""
    is_known = before >= 0
    if not is_known.any() or is_known.all():
        return Found([], None, 0)
    weighed = interests(spoken.weights)
    ties = neighbours(weighed[~is_known], weighed[is_known])
    labels = joined(ties, before[is_known])
    return Found(_members(spoken.keys[~is_known], labels, participation(ties, before[is_known])), None, 0)


def _members(
    keys: Ints, labels: Ints, shares: np.ndarray[Any, Any], ids: dict[int, int] | None = None
) -> list[tuple[int, int, float]]:
    told = zip(keys.tolist(), labels.tolist(), shares.tolist(), strict=True)
    return [(key, label if ids is None else ids[label], share) for key, label, share in told if label >= 0]
