"""What posts are about, for whoever shows it: topics with their names, and the posts of each."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables.topic import topic as table
from gehoor.core.tables.topic import topic_post

__all__ = ["Topic", "seqs_of_topic", "topic_of", "topics_of_posts", "topics_since"]


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One subject. Times are microseconds UTC.

    Attributes
    ----------
    id : int
        Stays, also when it takes in others and after a restart.
    name : str
        Three to five words of its own language; empty until it has three posts.
    language : str, optional
        That of most of its posts.
    telling : int, optional
        The `seq` of the post that says most of it.
    n : int
        Posts that stand today.
    weight : float
        The same, those of long ago counting less.
    split_from : int, optional
        The topic of which it was a part, until it proved to be a subject of its own.
    """

    id: int
    name: str
    language: str | None
    telling: int | None
    began_at: int
    last_at: int
    n: int
    weight: float
    split_from: int | None = None


def topics_since(reader: Reader, since: int, limit: int = 100) -> list[Topic]:
    """Return the topics in which something was said since a moment, weightiest first."""
    wanted = (table.c.last_at >= since, table.c.merged_into.is_(None), table.c.n > 0)
    statement = sa.select(table).where(*wanted).order_by(table.c.weight.desc(), table.c.id).limit(limit)
    return [_topic(row) for row in reader.stored(statement)]


def topic_of(reader: Reader, id_: int) -> Topic | None:
    """Return a topic, or that into which it was merged; None where there is none."""
    final = sa.select(sa.func.coalesce(table.c.merged_into, table.c.id)).where(table.c.id == id_).scalar_subquery()
    rows = reader.stored(sa.select(table).where(table.c.id == final))
    return _topic(rows[0]) if rows else None


def seqs_of_topic(reader: Reader, id_: int, limit: int = 50, before: int | None = None) -> list[int]:
    """Return the posts of a topic, and of those merged into it, newest first, `seq` smaller than `before`."""
    parts = sa.select(table.c.id).where(sa.or_(table.c.id == id_, table.c.merged_into == id_))
    statement = sa.select(topic_post.c.seq).where(topic_post.c.topic.in_(parts))
    if before is not None:
        statement = statement.where(topic_post.c.seq < before)
    return [row.seq for row in reader.stored(statement.order_by(topic_post.c.seq.desc()).limit(limit))]


def topics_of_posts(reader: Reader, seqs: Sequence[int]) -> dict[int, int]:
    """Return the topic of each of these posts, for a page of them; those without one are out."""
    final = sa.func.coalesce(table.c.merged_into, table.c.id).label("topic")
    joined = topic_post.join(table, table.c.id == topic_post.c.topic)
    rows = reader.stored(sa.select(topic_post.c.seq, final).select_from(joined).where(topic_post.c.seq.in_(seqs)))
    return {row.seq: row.topic for row in rows}


def _topic(row: sa.Row[Any]) -> Topic:
    return Topic(**{name: getattr(row, name) for name in Topic.__struct_fields__})
