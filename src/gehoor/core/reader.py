"""What every process may ask of a workspace: posts, counts, words, sources, rejects. Reads only, never waits."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.alert import Alert, alert_of
from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.copies import count_copies
from gehoor.core.dropped import DroppedPost, count_dropped, list_dropped, read_dropped
from gehoor.core.ledger.segment import Segment
from gehoor.core.ledger.segments import Segments
from gehoor.core.outbox import Entry
from gehoor.core.post import Post, PostFilter
from gehoor.core.post_query import find_posts
from gehoor.core.post_texts import said_texts
from gehoor.core.store import read_store, store_path
from gehoor.core.tables import ledger as tables
from gehoor.core.topic_posts import posts_of_topic
from gehoor.core.words import buckets_of_words

__all__ = ["Cell", "Post", "PostFilter", "Reader", "RejectRow", "SourceState"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A count from the roll-ups. Dimensions that were not asked for are None.

    Attributes
    ----------
    at : int
        Start of the bucket, microseconds UTC.
    brand : str, optional
        "" is *all posts together*; a post about two brands counts under both, and once under "".
    n, n_copies : int
        Activities, and how many of them nearly repeat an earlier one.
    """

    at: int | None = None
    kind: str | None = None
    brand: str | None = None
    channel: str | None = None
    sentiment: str | None = None
    intent: str | None = None
    n: int
    n_copies: int


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How a source or receiver is doing.

    Attributes
    ----------
    status : str
        `running`, `waiting` (comes back by itself), `done` (a file read to its end), `stopped` (needs a person).
    lag_s : float, optional
        Age of the newest activity when it was heard, seconds; None before the first.
    """

    name: str
    type: str
    status: Literal["running", "waiting", "done", "stopped"]
    message: str | None
    last_heard_at: int | None
    lag_s: float | None
    n_stored: int
    n_seen: int
    n_rejected: int
    n_dropped: int
    per_minute: float


class RejectRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was kept aside, as the Sources page shows it."""

    source: str
    position: int
    stage: str
    reason: str
    received: int
    id: str | None
    raw: bytes


class Reader:
    """Answers questions about a workspace from any process and thread; sees what is committed, never waits.

    Parameters
    ----------
    root : Path
        The workspace.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._segments = Segments(root / "segments", writable=False)
        self._store: sa.Engine | None = None
        self._lock = threading.Lock()

    def _files(self) -> list[Segment]:
        with self._lock:
            self._segments.refresh()
            return list(self._segments.all)

    def _query(self, statement: sa.Select[Any] | sa.TextClause) -> list[sa.Row[Any]]:
        with self._lock:
            if self._store is None and store_path(self._root).exists():
                self._store = read_store(self._root)
        if self._store is None:
            return []
        with self._store.connect() as connection:
            return list(connection.execute(statement).all())

    def head(self) -> int:
        """Return the last committed offset; 0 when nothing was ever heard. Cost: 0.1 ms."""
        files = self._files()
        return files[-1].mark("last_seq") if files else 0

    def offset(self) -> int:
        """Return up to which offset the counts are complete."""
        rows = self._query(sa.select(tables.offset.c.offset).where(tables.offset.c.projection == "rollup"))
        return int(rows[0].offset) if rows else 0

    def counts(  # noqa: PLR0913  # a question has as many parts as it has; each is named
        self,
        *,
        resolution: int,
        since: int,
        until: int,
        by: Sequence[str] = (),
        brand: str = "",
        kind: str | None = "say",
    ) -> list[Cell]:
        """Return counts from the roll-ups.

        Parameters
        ----------
        resolution : int
            10, 60 or 3600 seconds: which buckets to sum. 10 s are kept for some days only.
        since, until : int
            Microseconds UTC; buckets that begin at `since` or later and before `until`.
        by : sequence of str
            Any of `at kind channel sentiment intent brand`: one cell each combination that occurs.
        brand : str
            "" counts all posts once; a name counts those about it. Ignored when `by` has brand.
        kind : str, optional
            `say answer share react do undo`; None counts all.
        """
        table = tables.rollup
        columns = [table.c[name] for name in by]
        sums = [sa.func.sum(table.c.n).label("n"), sa.func.sum(table.c.n_copies).label("n_copies")]
        where = [table.c.resolution == resolution, table.c.at >= since, table.c.at < until]
        where.append(table.c.brand != "" if "brand" in by else table.c.brand == brand)
        if kind is not None:
            where.append(table.c.kind == kind)
        statement = sa.select(*columns, *sums).where(*where).group_by(*columns).order_by(*columns)
        return [Cell(**row._mapping) for row in self._query(statement) if row.n]

    def period(self) -> tuple[int, int] | None:
        """Return the first and last hour (microseconds) in which anything was said; None when nothing was."""
        table = tables.rollup
        # from each end along the key: a scan for the minimum costs 36 ms at 850,000 cells
        hours = sa.select(table.c.at).where(table.c.resolution == 3600, table.c.kind == "say").limit(1)
        edges = [self._query(hours.order_by(order)) for order in (table.c.at, table.c.at.desc())]
        return (int(edges[0][0].at), int(edges[1][0].at)) if edges[0] else None

    def words(self, since: int, until: int, limit: int = 20) -> list[tuple[str, int]]:
        """Return the words of most posts in the days that a period touches, most first."""
        table, names = tables.word, tables.word_name
        n = sa.func.sum(table.c.n).label("n")
        days = (table.c.day >= since // DAY_US, table.c.day <= (until - 1) // DAY_US)
        top = sa.select(table.c.bucket, n).where(*days).group_by(table.c.bucket).order_by(n.desc()).limit(4 * limit)
        inner = top.subquery()
        statement = sa.select(names.c.name, inner.c.n).join(inner, inner.c.bucket == names.c.bucket)
        rows = self._query(statement.order_by(inner.c.n.desc(), names.c.name).limit(limit))
        return [(row.name, int(row.n)) for row in rows]

    def word_counts(self, words: Sequence[str], since: int, until: int) -> dict[str, int]:
        """Return in how many posts of the days that a period touches each of some (normalised) words stood."""
        table, buckets = tables.word, buckets_of_words(words)
        days = (table.c.day >= since // DAY_US, table.c.day <= (until - 1) // DAY_US)
        sums = sa.select(table.c.bucket, sa.func.sum(table.c.n).label("n")).where(*days)
        rows = self._query(sums.where(table.c.bucket.in_(buckets)).group_by(table.c.bucket))
        counts = {row.bucket: int(row.n) for row in rows}
        return {word: counts[bucket] for word, bucket in zip(words, buckets, strict=True) if bucket in counts}

    def posts(self, wanted: PostFilter, limit: int = 50, before: int | None = None) -> list[Post]:
        """Return the newest posts that a filter lets through, newest first, `seq` smaller than `before`."""
        if wanted.topic is not None:
            return posts_of_topic(self._query, self._files(), wanted, limit, before)
        found: list[Post] = []
        for segment in reversed(self._files()):
            if before is not None and segment.first_seq >= before:
                continue
            found += find_posts(segment, wanted, limit - len(found), before)
            if len(found) >= limit:
                break
        return found

    def n_copies(self, seqs: Sequence[int]) -> dict[int, int]:
        """Return how many posts nearly repeat each of these, for a page of them; those that nobody repeated are out."""
        return count_copies(self._files(), seqs)

    def texts(self, since: int, until: int, limit: int) -> Iterator[pa.RecordBatch]:
        """Yield what people said in a period in batches of `core.post_texts.TEXTS`, newest first, at most `limit`."""
        return said_texts(self._files(), since, until, limit)

    def sources(self) -> list[SourceState]:
        """Return how each source and receiver is doing, by name."""
        files = self._files()
        totals = {row["source"]: row for row in files[-1].cursors()} if files else {}
        rows = self._query(sa.select(tables.source).where(tables.source.c.name.not_like("[%")).order_by("name"))
        return [_source(row, totals.get(row.name)) for row in rows]

    def rejects(self, limit: int = 50, source: str | None = None) -> list[RejectRow]:
        """Return what was kept aside, newest first."""
        found: list[RejectRow] = []
        names = "source, position, stage, reason, received, native_id, raw"
        where, values = ("WHERE source = ?", (source,)) if source else ("", ())
        for segment in reversed(self._files()):
            sql = f"SELECT {names} FROM reject {where} ORDER BY received DESC, position LIMIT {limit - len(found)}"
            for name, position, stage, reason, received, native_id, raw in segment.query(sql, values):
                row = {"source": name, "position": position, "stage": stage, "reason": reason, "received": received}
                found.append(RejectRow(**row, id=native_id, raw=bytes(raw)))
            if len(found) >= limit:
                break
        return found

    def alerts(self, since: int = 0, until: int | None = None, limit: int = 100) -> list[Alert]:
        """Return what was warned of, newest first: bursts that went on after `since` and began before `until`."""
        table = tables.alert
        going_on = sa.func.coalesce(table.c.ended_at, 1 << 62) >= since
        statement = sa.select(table).where(going_on).order_by(table.c.began_at.desc(), table.c.id).limit(limit)
        if until is not None:
            statement = statement.where(table.c.began_at < until)
        return [alert_of(row) for row in self._query(statement)]

    def entries(self, prefix: str = "", limit: int = 200) -> list[Entry]:
        """Return what is or was in the outbox under keys that begin with a prefix, by key."""
        key = tables.outbox.c.key
        mine = sa.and_(key >= prefix, key < prefix + chr(0x10FFFF)) if prefix else sa.true()
        statement = sa.select(tables.outbox).where(mine).order_by(key).limit(limit)
        return [Entry(**row._mapping) for row in self._query(statement)]

    def alert(self, id_: str) -> Alert | None:
        """Return one alert."""
        rows = self._query(sa.select(tables.alert).where(tables.alert.c.id == id_))
        return alert_of(rows[0]) if rows else None

    def dropped(self, source: str | None = None, limit: int = 50, before: str | None = None) -> list[DroppedPost]:
        """Return what relevance dropped and what is still there to bring back, newest first, older than a handle."""
        return list_dropped(self._files(), source, limit, before)

    def dropped_counts(self) -> dict[str, dict[str, int]]:
        """Return how many activities were dropped, by source and reason, in the days that the ledger holds."""
        return count_dropped(self._files())

    def dropped_texts(self, since: int, limit: int) -> Iterator[pa.RecordBatch]:
        """Yield dropped posts that came since a moment, newest first, at most about `limit`; columns of `ACTIVITY`."""
        return read_dropped(self._files(), since, limit)

    def segments(self) -> list[Segment]:
        """Return the files of the days, oldest first, for a question that is not among these."""
        return self._files()

    def stored(self, statement: sa.Select[Any] | sa.TextClause) -> list[sa.Row[Any]]:
        """Return what such a question finds in `ledger.sqlite`."""
        return self._query(statement)

    def brands(self) -> list[str]:
        """Return the brands that anything was said about."""
        return [row.brand for row in self._query(sa.select(tables.rollup.c.brand).distinct()) if row.brand]

    def close(self) -> None:
        """Close the files."""
        self._segments.close()
        if self._store is not None:
            self._store.dispose()


def _source(row: sa.Row[Any], totals: dict[str, Any] | None) -> SourceState:
    names = ("newest_at", "n_stored", "n_seen", "n_rejected", "n_dropped")
    known: dict[str, Any] = totals or {"last_heard_at": None, **dict.fromkeys(names, 0)}
    heard, newest = known["last_heard_at"], known["newest_at"]
    return SourceState(
        **{name: getattr(row, name) for name in ("name", "type", "status", "message")},
        last_heard_at=heard,
        lag_s=max(0.0, (heard - newest) / SECOND_US) if heard and newest else None,
        n_stored=known["n_stored"],
        n_seen=known["n_seen"],
        n_rejected=known["n_rejected"],
        n_dropped=known["n_dropped"],
        per_minute=row.per_minute,
    )
