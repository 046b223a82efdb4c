"""The projection of topics: gives each post about us its topic, names the topics, and takes back what is withdrawn."""

from collections import Counter
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.ledger.segments import Segments
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables.ledger import snapshot
from gehoor.core.tables.topic import topic as table
from gehoor.core.tables.topic import topic_post
from gehoor.core.text import TextBatch
from gehoor.core.words import buckets_of, buckets_of_words
from gehoor.warn.naming import name_topic
from gehoor.warn.topic_store import clear_stream, load_stream, save_stream
from gehoor.warn.topic_stream import Merge, Split, TopicStream

__all__ = ["Topics"]

_SAVE_US, _SAVE_ROWS = 10 * SECOND_US, 50_000
_SPAN_US, _MOST = 10 * SECOND_US, 3_000
"""Of so many posts about us in ten seconds on, the rest has no topic: a flood is known by its sample."""

_LEAST_POSTS, _READ, _AT_ONCE = 3, 40, 50
_AGAIN = 2  # times as many posts as when it was named: it is named anew

_ADD = "INSERT OR REPLACE INTO topic_post VALUES (?, ?)"
_TAKE = (
    "SELECT p.seq, p.topic, coalesce(t.merged_into, t.id) FROM topic_post p JOIN topic t ON t.id = p.topic "
    "WHERE p.seq = ?"
)
_GROW = (
    "INSERT INTO topic (id, name, began_at, last_at, n, weight) VALUES (?, '', ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "began_at = min(began_at, excluded.began_at), last_at = max(last_at, excluded.last_at), "
    "n = n + excluded.n, weight = excluded.weight"
)
_BEGIN = (
    "INSERT INTO topic (id, name, began_at, last_at, n, weight, split_from) VALUES (:id, '', :began, :last, 0, 0, "
    ":of) ON CONFLICT DO UPDATE SET began_at = min(began_at, :began), split_from = :of"
)
_MOVE = "UPDATE topic_post SET topic = :id WHERE seq IN (SELECT value FROM json_each(:posts))"
_WEIGH = "UPDATE topic SET n = n + ?, weight = ? WHERE id = ?"
_PART = "UPDATE topic SET merged_into = :into, n = 0 WHERE id = :part OR merged_into = :part"
_TAKE_IN = (
    "UPDATE topic SET n = n + coalesce((SELECT n FROM topic WHERE id = :part), 0), "
    "began_at = min(began_at, coalesce((SELECT began_at FROM topic WHERE id = :part), began_at)), "
    "last_at = max(last_at, coalesce((SELECT last_at FROM topic WHERE id = :part), last_at)), weight = :weight "
    "WHERE id = :id"
)


class _Post(NamedTuple):
    topic: int
    at: int


class _Saved(msgspec.Struct):
    head: bytes
    named: dict[int, int]
    span: int = 0
    n_in_span: int = 0


class Topics:
    """Which topic each post has. Depends on the order of arrival, so a rebuild may draw a border elsewhere.

    Where brands are configured, only posts about one of them have a topic: of all that is said in the world, what
    concerns us; and of a flood (more than 300 of them a second) the first of each ten seconds. Names come from the
    newest posts as the ledger holds them, and are made anew when one of these is withdrawn. What changed since the last
    write is written. Cost: 110 us a post that is taken on a busy machine, 35 more when it is written.

    Parameters
    ----------
    settings : Settings
        Whether there are brands.
    clock : Clock
        Says when to write.
    """

    name = "topics"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._segments = Segments(settings.root / "segments", writable=False)
        self._forget_all()

    def _forget_all(self) -> None:
        self._stream = TopicStream()
        self._new: dict[int, _Post] = {}
        self._withdrawn: dict[int, list[int]] = {}
        self._named: dict[int, int] = {}
        self._written = self._saved_at = self._n_new = self._span = self._n_in_span = 0

    # -- projection -----------------------------------------------------------------------------------------------

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Give posts their topic, or take them out of it."""
        self._n_new += batch.num_rows
        batch = batch.filter(self._is_ours(batch))
        if not batch.num_rows:
            return
        lists = batch.column("words") if "words" in batch.schema.names else _words_of(batch)
        seqs, moments = batch.column("seq").to_pylist(), batch.column("event_at").cast(pa.int64()).to_pylist()
        spans = (batch.column("received").cast(pa.int64()).to_numpy() // _SPAN_US).tolist()
        for seq, terms, at, span in zip(seqs, lists.to_pylist(), moments, spans, strict=True):
            if sign > 0:
                if self._is_room(span) and (found := self._stream.add(terms or (), at, seq)):
                    self._new[seq] = _Post(found, at)
            elif seq in self._new:
                self._stream.remove(self._new.pop(seq).topic, terms or (), seq)
            else:
                self._withdrawn[seq] = terms or []

    def _is_room(self, span: int) -> bool:
        """Tell whether one more post of these ten seconds is taken; by the order of arrival, however it is batched."""
        if span > self._span:
            self._span, self._n_in_span = span, 0
        self._n_in_span += 1
        return self._n_in_span <= _MOST

    def _is_ours(self, batch: pa.RecordBatch) -> pa.Array:
        is_post = pc.and_(pc.is_in(batch.column("type"), pa.array(["Create", "Update"])), _is_theirs(batch))
        if not self._settings.brands:
            return is_post
        return pc.and_(is_post, pc.fill_null(pc.greater(pc.list_value_length(batch.column("brands")), 0), False))  # noqa: FBT003  # Arrow's own order

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Write posts, topics, names and state together, every ten seconds or 5,000 rows; withdrawals at once."""
        is_late = self._n_new > 0 and self._clock.now() - self._saved_at >= _SAVE_US
        if not (everything or is_late or self._withdrawn or self._n_new >= _SAVE_ROWS):
            return self._written
        touched = self._take_back(tx)
        self._write(tx)
        self._name(tx, touched)
        head = save_stream(tx, self._stream)
        saved = _Saved(head=head, named=self._named, span=self._span, n_in_span=self._n_in_span)
        put(tx, snapshot, projection=self.name, data=msgspec.msgpack.encode(saved))
        self._n_new, self._saved_at, self._written = 0, self._clock.now(), offset
        return offset

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Go on where the last snapshot stood."""
        self._forget_all()
        self._written = offset
        data = tx.execute(sa.select(snapshot.c.data).where(snapshot.c.projection == self.name)).scalar()
        if data is not None:
            saved = msgspec.msgpack.decode(data, type=_Saved)
            self._stream, self._named = load_stream(tx, saved.head, self._segments), saved.named
            self._span, self._n_in_span = saved.span, saved.n_in_span

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Forget every topic."""
        del first
        self._forget_all()
        clear_stream(tx)
        for one in (topic_post, table):
            tx.execute(sa.delete(one))
        tx.execute(sa.delete(snapshot).where(snapshot.c.projection == self.name))

    def prune(self, tx: sa.Connection, first: int) -> None:
        """Let go of posts before the first that the ledger holds, and of topics without any."""
        if (tx.execute(sa.select(sa.func.min(topic_post.c.seq))).scalar() or first) >= first:
            return
        tx.execute(sa.delete(topic_post).where(topic_post.c.seq < first))
        is_empty = ~sa.exists().where(topic_post.c.topic == table.c.id)
        into = table.alias()
        is_needed = sa.exists().where(into.c.merged_into == table.c.id)
        tx.execute(sa.delete(table).where(is_empty, ~is_needed, table.c.last_at < self._clock.now() - _SAVE_US))

    # -- writing --------------------------------------------------------------------------------------------------

    def _take_back(self, tx: sa.Connection) -> set[int]:
        """Take withdrawn posts out of their topics; return which topics those are."""
        touched: set[int] = set()
        for seq, terms in self._withdrawn.items():
            for _, _, topic in tx.exec_driver_sql(_TAKE, (seq,)).all():
                self._stream.remove(topic, terms, seq)
                tx.execute(sa.delete(topic_post).where(topic_post.c.seq == seq))
                less = {"n": table.c.n - 1, "name": "", "telling": None}
                tx.execute(sa.update(table).where(table.c.id == topic).values(**less))
                touched.add(topic)
        self._withdrawn.clear()
        return touched

    def _write(self, tx: sa.Connection) -> None:
        """Write posts where they were put when they came, then what was merged and split since, in its order."""
        moments: dict[int, list[int]] = {}
        for topic, at in self._new.values():
            moments.setdefault(topic, []).append(at)
        if moments:
            rows = [(id_, min(at), max(at), len(at), self._weight(id_)) for id_, at in sorted(moments.items())]
            tx.exec_driver_sql(_GROW, rows)
            tx.exec_driver_sql(_ADD, [(seq, post.topic) for seq, post in self._new.items()])
        self._new.clear()
        for one in self._stream.changes():
            if isinstance(one, Merge):
                self._merge(tx, one)
            else:
                self._split(tx, one)

    def _split(self, tx: sa.Connection, one: Split) -> None:
        """Move the posts of a part to a topic of their own."""
        values = {"id": one.topic, "of": one.split_from, "began": one.began_us, "last": one.last_us}
        tx.exec_driver_sql(_BEGIN, values)
        posts = msgspec.json.encode(one.posts).decode()
        n = tx.exec_driver_sql(_MOVE, {"id": one.topic, "posts": posts}).rowcount
        changed = ((one.topic, n), (one.split_from, -n))
        tx.exec_driver_sql(_WEIGH, [(more, self._weight(id_), id_) for id_, more in changed])
        self._named.pop(one.split_from, None)

    def _merge(self, tx: sa.Connection, one: Merge) -> None:
        values = {"part": one.topic, "id": one.into, "weight": self._weight(one.into)}
        tx.exec_driver_sql(_TAKE_IN, values)
        tx.exec_driver_sql(_PART, {"part": one.topic, "into": one.into})
        self._named.pop(one.topic, None)

    def _weight(self, id_: int) -> float:
        live = self._stream.live(id_)
        return live.size if live is not None else 0.0

    # -- names ----------------------------------------------------------------------------------------------------

    def _name(self, tx: sa.Connection, touched: set[int]) -> None:
        """Name the topics that are new, much larger than when they were named, or lost a post."""
        for id_ in touched:
            self._named.pop(id_, None)
        is_named = (table.c.merged_into.is_(None), table.c.n >= _LEAST_POSTS)
        rows = tx.execute(sa.select(table.c.id, table.c.n).where(*is_named).order_by(table.c.last_at.desc())).all()
        due = [row for row in rows if row.n >= _AGAIN * self._named.get(row.id, 0)][:_AT_ONCE]
        if due:
            self._segments.refresh()
        for row in due:
            self._name_one(tx, row.id)
            self._named[row.id] = row.n

    def _name_one(self, tx: sa.Connection, id_: int) -> None:
        parts = sa.select(table.c.id).where(sa.or_(table.c.id == id_, table.c.merged_into == id_))
        newest = sa.select(topic_post.c.seq).where(topic_post.c.topic.in_(parts)).order_by(topic_post.c.seq.desc())
        seqs = tx.execute(newest.limit(_READ)).scalars().all()
        said: list[Any] = [row for row in self._segments.select("seq, text, language", sorted(seqs)) if row[1]]
        if not said:
            return
        name = name_topic([row[1] for row in said], self._shares)
        language = Counter(row[2] for row in said).most_common(1)[0][0]
        values = {"name": name.name, "telling": said[name.telling][0], "language": language}
        tx.execute(sa.update(table).where(table.c.id == id_).values(**values))

    def _shares(self, words: Any) -> list[float]:
        return [self._stream.background(bucket) for bucket in buckets_of_words(words)]


def _is_theirs(batch: pa.RecordBatch) -> pa.Array:
    return pc.and_(pc.equal(batch.column("direction"), "in"), pc.is_null(batch.column("spam")))


def _words_of(batch: pa.RecordBatch) -> pa.Array:
    return buckets_of(TextBatch.of(batch.column("text")))
