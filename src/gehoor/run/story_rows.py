"""Every post of a story in a few columns: what its page counts, draws and compares."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from gehoor.core.ledger.segment import Segment
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.tables.topic import topic, topic_post
from gehoor.core.topic import seqs_of_topic

__all__ = ["MOST_SAID", "OurWord", "Said", "all_of_topic", "our_words", "said_in", "texts_of"]

MOST_SAID = 50_000
"""Of a larger story it is the newest that are looked at one by one; all are counted."""

_COLUMNS = (
    "seq, event_at, actor_key, channel, sentiment, intent, need, language, actor_followers, "
    "coalesce(campaign, duplicate_of), place"
)
_STANDS = "state = 0 AND type IN ('Create', 'Update')"
_THEIRS = f"{_STANDS} AND direction = 'in' AND spam IS NULL"
_IN_TIME = (
    "((published >= ? AND published < ? AND event_at = published) "
    "OR (event_at <> published AND event_at >= ? AND event_at < ?))"
)
_OURS, _MOST_FOUND = 12, 5_000


class Said(NamedTuple):
    """A post of a story."""

    seq: int
    at: int
    actor_key: int | None
    channel: str
    sentiment: str | None
    intent: str | None
    need: str | None
    language: str | None
    followers: int | None
    copy: int | None
    """The post that it nearly repeats, or that began what one template made."""
    place: str | None
    """Where they say they are, as they wrote it."""


def said_in(reader: Reader, base: PostFilter) -> list[Said]:
    """Return the posts behind a story's filter, oldest first: 5 us a post."""
    found = [Said(*row) for row in _rows(reader, base)]
    return sorted(found, key=lambda one: (one.at, one.seq))


def _rows(reader: Reader, base: PostFilter) -> Iterator[Any]:
    if base.topic is not None or base.words is not None or base.need is not None:
        seqs = _seqs(reader, base)
        where = f"{_THEIRS} AND seq IN ({{}})"
        for segment in reader.segments():
            mine = [seq for seq in seqs if seq >= segment.first_seq]
            for start in range(0, len(mine), 500):
                part = ", ".join(str(int(seq)) for seq in mine[start : start + 500])
                yield from segment.query(f"SELECT {_COLUMNS} FROM activity WHERE {where.format(part)}")
        return
    left = MOST_SAID
    for segment in reversed(reader.segments()):
        sql, values = _in_period(base, _THEIRS)
        rows = segment.query(f"SELECT {_COLUMNS} FROM activity WHERE {sql} ORDER BY seq DESC LIMIT {left}", values)
        yield from rows
        left -= len(rows)


def _seqs(reader: Reader, base: PostFilter) -> list[int]:
    if base.topic is not None:
        return list(seqs_of_topic(reader, base.topic, MOST_SAID))
    return [post.seq for post in reader.posts(base, _MOST_FOUND)]


def _in_period(base: PostFilter, kind: str) -> tuple[str, tuple[object, ...]]:
    bounds = (base.since, base.until) * 2
    if base.brand is None:
        return f"{kind} AND {_IN_TIME}", bounds
    return f"{kind} AND {_IN_TIME} AND instr(brands, ?) > 0", (*bounds, f'"{base.brand}"')


def all_of_topic(reader: Reader, id_: int) -> list[int]:
    """Return every post of a topic and of what was merged into it: as one text, 1 us a post instead of 12 as rows."""
    parts = sa.select(topic.c.id).where(sa.or_(topic.c.id == id_, topic.c.merged_into == id_))
    whole = sa.select(sa.func.group_concat(topic_post.c.seq).label("seqs")).where(topic_post.c.topic.in_(parts))
    rows = reader.stored(whole)
    return [int(seq) for seq in (rows[0].seqs or "").split(",") if seq]


class OurWord(NamedTuple):
    """Something that we said to everybody while it went on."""

    seq: int
    at: int
    channel: str
    text: str


def our_words(reader: Reader, since: int, until: int) -> list[OurWord]:
    """Return what we said to all in a stretch of time, oldest first, at most twelve: answers to one person are out."""
    columns = "seq, event_at, channel, text"
    where = f"{_STANDS} AND direction = 'out' AND in_reply_to IS NULL AND text IS NOT NULL AND {_IN_TIME}"
    sql = f"SELECT {columns} FROM activity WHERE {where} ORDER BY event_at LIMIT {_OURS}"
    found = [OurWord(*row) for segment in reader.segments() for row in segment.query(sql, (since, until) * 2)]
    return sorted(found, key=lambda one: (one.at, one.seq))[:_OURS]


def texts_of(segments: Sequence[Segment], seqs: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Return the text of each of some posts, and its tone; what is gone is out."""
    rows = [row for segment in segments for row in segment.select("seq, state, text, sentiment", seqs)]
    return {seq: (text, sentiment) for seq, state, text, sentiment in rows if state == 0 and text}
