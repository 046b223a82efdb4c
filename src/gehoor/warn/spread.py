"""The projection that sees what spreads: cascades of posts that brought each other, and how each of them goes."""

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US, Clock
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables.ledger import snapshot
from gehoor.core.tables.spread import cascade as cascades
from gehoor.core.tables.spread import cascade_post as posts
from gehoor.warn.cascade import Cascade
from gehoor.warn.spread_links import Tied, tied_posts
from gehoor.warn.threads import Threads

__all__ = ["Spread"]

_SAVE_US, _SAVE_ROWS = 10 * SECOND_US, 50_000
_MOST, _SPARE = 4_096, 512
_ANY_PRIOR, _PRIOR_POSTS, _MOST_USUAL = 0.3, 50.0, 0.95
_PUT_POST = "INSERT OR REPLACE INTO cascade_post VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PUT = "INSERT OR REPLACE INTO cascade VALUES (?, ?, ?, ?, ?, ?, ?)"
_CHUNK = 500


class _Saved(msgspec.Struct):
    threads: bytes
    counted: dict[str, tuple[float, float]]
    now: int


class Spread:
    """Sees which posts brought which: by reply, repost, quote, copy, template and shared link.

    Depends on the order of arrival only where it forgets: of the last 131,072 names, and of 4,096 cascades that grow.
    What is taken back leaves its cascade exactly.

    Parameters
    ----------
    settings : Settings
        How long cascades are kept: as long as the ledger keeps posts.
    clock : Clock
        When to write.

    Notes
    -----
    Cost: 8 us a post, 6 more to write it, where half of them are in a cascade. Memory: 60 MB at the most.
    """

    name = "spread"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._forget_all()

    def _forget_all(self) -> None:
        self._threads = Threads()
        self._live: dict[int, Cascade] = {}
        self._channel: dict[int, str] = {}
        self._changed: set[int] = set()
        self._fresh: dict[int, Tied] = {}
        self._gone: set[int] = set()
        self._merged: dict[int, int] = {}
        self._counted: dict[str, tuple[float, float]] = {}
        self._now = self._written = self._n_new = self._saved_at = 0

    # -- projection -----------------------------------------------------------------------------------------------

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Take in posts, or take them back."""
        self._n_new += batch.num_rows
        if sign > 0:
            for post in tied_posts(batch):
                self._take(post)
            self._threads.bound()
        else:
            for seq in batch.column("seq").to_pylist():
                self._take_back(seq)

    def _take(self, post: Tied) -> None:
        if post.seq in self._gone:  # its judgements were corrected, and it hangs where it hung
            self._gone.discard(post.seq)
            return
        self._now = max(self._now, post.at)
        joined, merged = self._threads.take(post, self._live)
        n, n_brought = self._counted.get(post.channel, (0.0, 0.0))
        self._counted[post.channel] = (n + 1, n_brought + bool(joined))
        if not joined:
            return
        first = self._threads.first_of(post.seq)
        live = self._live.get(first) or Cascade()
        self._live[first] = live
        for other in set(merged) - {first}:
            self._unite(first, other)
        for one in joined:
            live.add(one.at)
            self._fresh[one.seq] = one
        self._channel.setdefault(first, min(joined, key=lambda one: one.at).channel)
        self._changed.add(first)

    def _unite(self, first: int, other: int) -> None:
        self._live[first].merge(self._live.pop(other))
        self._channel.setdefault(first, self._channel.pop(other))
        self._channel.pop(other, None)
        self._changed.discard(other)
        self._merged[other] = first

    def _take_back(self, seq: int) -> None:
        if self._threads.drop(seq):
            return
        post = self._fresh.pop(seq, None)
        first = self._threads.first_of(seq)
        if post is None:
            self._gone.add(seq)
        elif first in self._live:
            self._live[first].remove(post.at)
            self._changed.add(first)

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Write cascades and their posts every ten seconds, together with what memory holds."""
        now = self._clock.now()
        is_late = self._n_new > 0 and now - self._saved_at >= _SAVE_US
        if is_late or self._n_new >= _SAVE_ROWS or everything:
            self._write(tx)
            self._written, self._saved_at, self._n_new = offset, now, 0
        return self._written

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Take up the cascades that still grow."""
        self._forget_all()
        self._written = offset
        data = tx.execute(sa.select(snapshot.c.data).where(snapshot.c.projection == self.name)).scalar()
        if data is None:
            return
        saved = msgspec.msgpack.decode(data, type=_Saved)
        self._threads, self._counted, self._now = Threads.of(saved.threads), saved.counted, saved.now
        newest = sa.select(cascades).order_by(cascades.c.last.desc()).limit(_MOST)
        for row in tx.execute(newest).all():
            self._live[row.id] = Cascade(row.n, row.began, row.last, msgspec.msgpack.decode(row.sums))
            self._channel[row.id] = row.channel

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Forget every cascade: a rebuild finds them again."""
        del first
        self._forget_all()
        tx.execute(sa.delete(cascades))
        tx.execute(sa.delete(posts))
        tx.execute(sa.delete(snapshot).where(snapshot.c.projection == self.name))

    # -- writing --------------------------------------------------------------------------------------------------

    def _write(self, tx: sa.Connection) -> None:
        if self._merged:
            into = [(self._threads.first_of(other), other) for other in self._merged]
            tx.exec_driver_sql("UPDATE cascade_post SET cascade = ? WHERE cascade = ?", into)
            tx.exec_driver_sql("DELETE FROM cascade WHERE id = ?", [(other,) for other in self._merged])
        if self._fresh:
            tx.exec_driver_sql(_PUT_POST, [self._row(post) for post in self._fresh.values()])
        self._merged, self._fresh = {}, {}
        self._erase(tx)
        if changed := [self._state(first, self._live[first]) for first in self._changed if first in self._live]:
            tx.exec_driver_sql(_PUT, changed)
        self._changed = set()
        self._bound(tx)
        saved = _Saved(self._threads.state(), self._counted, self._now)
        put(tx, snapshot, projection=self.name, data=msgspec.msgpack.encode(saved))

    def _row(self, post: Tied) -> tuple[object, ...]:
        first = self._threads.first_of(post.seq)
        return post.seq, first, post.at, post.name, post.parent, post.via, post.actor_key, post.channel

    def _state(self, first: int, live: Cascade) -> tuple[object, ...]:
        channel = self._channel[first]
        n, n_brought = self._counted.get(channel, (0.0, 0.0))
        usual = min((n_brought + _ANY_PRIOR * _PRIOR_POSTS) / (n + _PRIOR_POSTS), _MOST_USUAL)
        return first, live.n, live.began, live.last, channel, usual, msgspec.msgpack.encode(live.sums)

    def _erase(self, tx: sa.Connection) -> None:
        """Take posts out of their cascades; what is left alone is none any more."""
        gone, self._gone = sorted(self._gone), set()
        touched: set[int] = set()
        for start in range(0, len(gone), _CHUNK):
            here = posts.c.seq.in_(gone[start : start + _CHUNK])
            for row in tx.execute(sa.select(posts.c.cascade, posts.c.at).where(here)).all():
                touched.add(row.cascade)
                if live := self._live.get(row.cascade):
                    live.remove(row.at)
            tx.execute(sa.delete(posts).where(here))
        for first in touched:
            self._mend(tx, first)

    def _mend(self, tx: sa.Connection, first: int) -> None:
        """Bring a cascade that lost posts in line with those that it has."""
        mine = posts.c.cascade == first
        n, began = tx.execute(sa.select(sa.func.count(), sa.func.min(posts.c.at)).where(mine)).one()
        if n == 0:
            tx.execute(sa.delete(cascades).where(cascades.c.id == first))
            self._live.pop(first, None)
            self._channel.pop(first, None)
        else:
            tx.execute(sa.update(cascades).where(cascades.c.id == first).values(n=n, began=began))
            if live := self._live.get(first):
                live.n, live.began = n, began
                self._changed.add(first)

    def _bound(self, tx: sa.Connection) -> None:
        """Let go of those that grow least where there are too many, and of what the ledger no longer keeps."""
        if len(self._live) > _MOST:
            firsts = list(self._live)
            pace = np.array([live.sums[-2] - (self._now - live.last) / DAY_US for live in self._live.values()])
            for place in np.argsort(pace)[: len(firsts) - _MOST + _SPARE].tolist():
                del self._live[firsts[place]], self._channel[firsts[place]]
        since = self._now - self._settings.retention.ledger_days * DAY_US
        old = sa.select(cascades.c.id).where(cascades.c.last < since)
        tx.execute(sa.delete(posts).where(posts.c.cascade.in_(old)))
        tx.execute(sa.delete(cascades).where(cascades.c.last < since))
