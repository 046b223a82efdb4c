"""Committed rows for the projection `spread`, without a ledger; and its tables on a file of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.clock import StillClock
from gehoor.core.identity import identify
from gehoor.core.record import LEDGER, Activity, to_batch, to_ledger
from gehoor.core.settings import Settings
from gehoor.core.store import open_store
from gehoor.core.tables import spread as tables
from gehoor.warn.spread import Spread
from tests.cast import NOON

__all__ = ["Spreading", "rows_of", "spreading"]


def rows_of(activities: Sequence[Activity], first_seq: int, **columns: Sequence[Any]) -> pa.RecordBatch:
    """Return rows as the ledger commits them; `columns` are annotations, one value a row."""
    batch = to_batch(activities)
    named = dict(zip(batch.schema.names, batch.columns, strict=True)) | identify(activities)
    named["seq"] = pa.array(range(first_seq, first_seq + len(activities)), pa.int64())
    for name, values in columns.items():
        named[name] = pa.array(values, LEDGER.field(name).type)
    return to_ledger(pa.RecordBatch.from_pydict(named))


class Spreading:
    """The projection, and what stands in its tables."""

    def __init__(self, root: Path) -> None:
        self.settings, self.clock = Settings(root=root), StillClock(NOON)
        self.engine = open_store(root)
        with self.engine.begin() as tx:
            tables.metadata.create_all(tx)
        self.spread = Spread(self.settings, self.clock)
        self._seq = 1
        self.start()

    def start(self) -> None:
        """Begin again from what was written."""
        self.spread = Spread(self.settings, self.clock)
        with self.engine.begin() as tx:
            self.spread.load(tx, 0)

    def hear(self, *activities: Activity, **columns: Sequence[Any]) -> pa.RecordBatch:
        """Take in posts; return their rows."""
        rows = rows_of(activities, self._seq, **columns)
        self._seq += len(activities)
        self.spread.apply(rows, 1)
        return rows

    def flush(self) -> None:
        """Write everything."""
        with self.engine.begin() as tx:
            self.spread.flush(tx, self._seq, everything=True)

    def cascades(self) -> list[tuple[int, ...]]:
        """Return (id, n) of every cascade of two posts or more."""
        self.flush()
        with self.engine.begin() as tx:
            found = tx.execute(sa.select(tables.cascade.c.id, tables.cascade.c.n).where(tables.cascade.c.n > 1))
            return sorted(tuple(row) for row in found)

    def members(self) -> dict[int, int]:
        """Return of which cascade each post is."""
        self.flush()
        with self.engine.begin() as tx:
            found = tx.execute(sa.select(tables.cascade_post.c.seq, tables.cascade_post.c.cascade))
            return {row.seq: row.cascade for row in found}


@contextmanager
def spreading(root: Path) -> Iterator[Spreading]:
    """Give one, and close its files."""
    one = Spreading(root)
    yield one
    one.engine.dispose()
