"""What a stream of topics remembers, in its tables: written as far as it changed, read whole."""

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.ledger.segments import Segments
from gehoor.core.tables.topic import topic, topic_live, topic_post, topic_word
from gehoor.core.text import TextBatch
from gehoor.core.words import buckets_of
from gehoor.warn.topic_state import LiveTopic, RecentPost, TopicState
from gehoor.warn.topic_stream import TopicStream

__all__ = ["clear_stream", "load_stream", "save_stream"]

_TOPIC = "INSERT INTO topic_live VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data"
_WORD = "INSERT INTO topic_word VALUES (?, ?) ON CONFLICT DO UPDATE SET n = excluded.n"


class _Head(msgspec.Struct):
    """What is small enough to be written whole."""

    n_posts: int
    next_id: int
    n_terms: float
    faded_us: int
    touched: set[int]
    n_recent: int


def save_stream(tx: sa.Connection, stream: TopicStream) -> bytes:
    """Write what changed since it was last written; return the rest, for the snapshot."""
    known, changed = stream.known, stream.take_changed()
    if changed is None:
        clear_stream(tx)
        topics, words = set(known.topics), set(known.background)
    else:
        topics, words = changed
    encode = msgspec.msgpack.Encoder().encode
    live = [(id_, encode(known.topics[id_])) for id_ in sorted(topics) if id_ in known.topics]
    gone = [(id_,) for id_ in topics if id_ not in known.topics]
    counts = [(word, known.background[word]) for word in sorted(words) if word in known.background]
    for statement, rows in ((_TOPIC, live), ("DELETE FROM topic_live WHERE id = ?", gone), (_WORD, counts)):
        if rows:
            tx.exec_driver_sql(statement, rows)
    head = _Head(known.n_posts, known.next_id, known.n_terms, known.faded_us, known.touched, len(known.recent))
    return encode(head)


def load_stream(tx: sa.Connection, head: bytes, segments: Segments) -> TopicStream:
    """Return the stream as it was written; the newest posts are read again where the ledger holds them."""
    kept = msgspec.msgpack.decode(head, type=_Head)
    topics = tx.execute(sa.select(topic_live).order_by(topic_live.c.id)).all()
    known = TopicState(
        n_posts=kept.n_posts,
        next_id=kept.next_id,
        n_terms=kept.n_terms,
        faded_us=kept.faded_us,
        touched=kept.touched,
        background={row.bucket: row.n for row in tx.execute(sa.select(topic_word).order_by(topic_word.c.bucket))},
        topics={row.id: msgspec.msgpack.decode(row.data, type=LiveTopic) for row in topics},
        recent=_recent(tx, kept.n_recent, segments),
    )
    return TopicStream(known)


def clear_stream(tx: sa.Connection) -> None:
    """Forget all of it."""
    for table in (topic_live, topic_word):
        tx.execute(sa.delete(table))


def _recent(tx: sa.Connection, n: int, segments: Segments) -> dict[int, RecentPost]:
    now = sa.func.coalesce(topic.c.merged_into, topic.c.id).label("topic")
    both = topic_post.join(topic, topic.c.id == topic_post.c.topic)
    newest = sa.select(topic_post.c.seq, now).select_from(both).order_by(topic_post.c.seq.desc()).limit(n)
    topics: dict[int, int] = {row.seq: row.topic for row in tx.execute(newest)}
    segments.refresh()
    said = segments.select("seq, event_at, text", sorted(topics))
    words = buckets_of(TextBatch.of(pa.array([row[2] for row in said], pa.string()))).to_pylist()
    return {row[0]: RecentPost(topics[row[0]], terms, row[1]) for row, terms in zip(said, words, strict=True)}
