"""How often each need was spoken of, per minute and hour, so that no page reads posts for it."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.reader import Reader
from gehoor.core.record import is_said
from gehoor.core.settings import Settings
from gehoor.core.tables.ledger import need

__all__ = ["NeedCount", "Needs", "count_needs"]

_RESOLUTIONS = (60, 3600)
_ADD = "INSERT INTO need VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
_DROP = "DELETE FROM need WHERE resolution = ? AND at = ? AND brand = ? AND intent = ? AND need = ? AND n = 0"

Cell = tuple[int, str, str, str]
Key = tuple[int, int, str, str, str]


class Needs:
    """Counts what people say by bucket, brand, intent and need; what wishes nothing has none and is not counted.

    Beside the roll-ups, where each need would cost a cell in every other dimension. A post about two brands counts
    under both, and once under "", which is all posts together. Order-free: equal to a recount of what stands in the
    ledger. Cost: 0.4 us a row, 1 in batches of some hundreds.
    """

    name = "needs"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        del settings, clock  # it counts whatever comes
        self._n: defaultdict[Cell, int] = defaultdict(int)  # minute, brand, intent, need

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Add (sign +1) or subtract (-1) what these rows count."""
        batch = batch.filter(pc.and_(is_said(batch), pc.is_valid(batch.column("need"))))
        if not batch.num_rows:
            return
        minutes = batch.column("event_at").cast(pa.int64()).to_numpy() // (60 * SECOND_US)
        lists = batch.column("brands").fill_null([])
        parents = pc.list_parent_indices(lists).to_numpy()
        rows = pa.array(np.concatenate([np.arange(batch.num_rows), parents]))
        brands = pa.concat_arrays([pa.array([""] * batch.num_rows, pa.string()), lists.flatten().cast(pa.string())])
        columns = {"minute": pa.array(minutes).take(rows), "brand": brands}
        columns |= {name: batch.column(name).take(rows) for name in ("intent", "need")}
        names = list(columns)
        cells = pa.table(columns).group_by(names, use_threads=False).aggregate([([], "count_all")])
        found = (cells.column(name).to_pylist() for name in [*names, "count_all"])
        for minute, brand, intent, about, n in zip(*found, strict=True):
            self._n[minute, brand, intent or "", about] += sign * n

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Add the counts since the last flush to the table."""
        del everything
        sums = self._sums()
        rows = [(*key, n) for key, n in sums.items() if n]
        if rows:
            tx.exec_driver_sql(_ADD, rows)
        less = [key for key, n in sums.items() if n < 0]
        if less:
            tx.exec_driver_sql(_DROP, less)
        self._n.clear()
        return offset

    def _sums(self) -> dict[Key, int]:
        """Return the counts since the last flush by row of the table."""
        sums: defaultdict[Key, int] = defaultdict(int)
        for (minute, brand, intent, about), n in self._n.items():
            for resolution in _RESOLUTIONS:
                sums[resolution, minute * 60 // resolution * resolution * SECOND_US, brand, intent, about] += n
        return sums

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Nothing is kept in memory."""
        del tx, offset
        self._n.clear()

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Empty the table."""
        del first
        self._n.clear()
        tx.execute(sa.delete(need))


class NeedCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many posts spoke of a need. Dimensions that were not asked for are None.

    Attributes
    ----------
    at : int
        Start of the bucket, microseconds UTC.
    """

    at: int | None = None
    intent: str | None = None
    need: str
    n: int


def count_needs(  # noqa: PLR0913  # a question has as many parts as it has; each is named
    reader: Reader, *, resolution: int, since: int, until: int, by: Sequence[str] = (), brand: str = ""
) -> list[NeedCount]:
    """Return how often each need was spoken of, most first; in order of time where that is asked for.

    Parameters
    ----------
    resolution : int
        60 or 3600 seconds: which buckets to sum.
    since, until : int
        Microseconds UTC; buckets that begin at `since` or later and before `until`.
    by : sequence of str
        Any of `at intent`: one count each combination that occurs.
    brand : str
        "" counts all posts once; a name counts those about it.
    """
    columns = [need.c[name] for name in (*by, "need")]
    n = sa.func.sum(need.c.n).label("n")
    where = (need.c.resolution == resolution, need.c.at >= since, need.c.at < until, need.c.brand == brand)
    order = [*columns] if "at" in by else [n.desc(), *columns]
    rows = reader.stored(sa.select(*columns, n).where(*where).group_by(*columns).order_by(*order))
    return [NeedCount(**row._mapping) for row in rows if row.n]
