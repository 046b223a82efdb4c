"""The history: plain Parquet by day of arrival, which pandas, DuckDB, Polars, Spark and Superset read as it is.

A part's name carries the offsets that it covers; fsync and rename are the commit. What is deleted or corrected later
is void at once for readers that ask `read_history`, and leaves the files for everybody at the next rewrite.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US, Clock
from gehoor.core.record import LEDGER
from gehoor.core.settings import Settings
from gehoor.core.sqlite import sync_folder
from gehoor.core.tables.ledger import void

__all__ = ["History", "part_range", "parts", "parts_of", "write_part"]

_ROWS, _SECONDS = 50_000, 60
_NAME = re.compile(r"part-(\d+)-(\d+)\.parquet$")


def parts(folder: Path) -> list[Path]:
    """Return the parts of a history, oldest first."""
    return sorted(folder.glob("date=*/part-*.parquet"), key=part_range)


def parts_of(day: Path) -> list[Path]:
    """Return the parts of one day (`history/date=YYYY-MM-DD`), oldest first."""
    return sorted(day.glob("part-*.parquet"), key=part_range)


def part_range(path: Path) -> tuple[int, int]:
    """Return the first and last offset that a part covers.

    Examples
    --------
    >>> part_range(Path("history/date=2026-11-22/part-000000000000001-000000000050000.parquet"))
    (1, 50000)
    """
    found = _NAME.search(path.name)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def write_part(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    """Write a part of rows of `LEDGER` so that it is there whole or not at all, also after a power cut."""
    if not path.parent.parent.is_dir():  # its own name must be durable too, or all days go with it
        path.parent.parent.mkdir(parents=True)
        sync_folder(path.parent.parent.parent)
    path.parent.mkdir(exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    with half.open("wb") as file:
        with pq.ParquetWriter(file, LEDGER, compression="zstd", compression_level=1) as writer:
            for batch in batches:
                writer.write_batch(batch)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
    sync_folder(path.parent)
    sync_folder(path.parent.parent)


class History:
    """Writes what stands in the ledger to `history/date=YYYY-MM-DD/part-<first>-<last>.parquet`.

    The date is the day of arrival, so that one flush is one file and its rename the commit; `published` and
    `event_at` are columns. A part is written each 50,000 rows or 60 s. Cost: 1.6 us a row.

    Parameters
    ----------
    settings : Settings
        Of the workspace.
    clock : Clock
        For the 60 seconds.
    """

    name = "history"
    is_in_store = False

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.folder = settings.root / "history"
        self._clock = clock
        self._waiting: list[pa.RecordBatch] = []
        self._n_waiting = 0
        self._void: dict[int, int] = {}
        self._written = self._began = 0

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Keep rows for the next part; rows that are taken back leave it, or become void where they are written."""
        if sign > 0:
            if not self._waiting:
                self._began = self._clock.now()
            self._waiting.append(batch.select(LEDGER.names))
            self._n_waiting += batch.num_rows
            return
        went = batch.column("seq")
        seqs = set(went.to_pylist())
        kept = []
        for waiting in self._waiting:
            hit = pc.is_in(waiting.column("seq"), went)
            if pc.any(hit).as_py():
                seqs -= set(waiting.filter(hit).column("seq").to_pylist())
                waiting = waiting.filter(pc.invert(hit))  # noqa: PLW2901  # the batch without them takes its place
            kept.append(waiting)
        self._waiting, self._n_waiting = kept, sum(waiting.num_rows for waiting in kept)
        self._void |= dict.fromkeys(seqs, 0)

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Write a part when it is due; return up to which offset the files are complete."""
        is_due = self._n_waiting >= _ROWS or self._clock.now() - self._began >= _SECONDS * SECOND_US
        if self._void:
            # rows that come back corrected stand in a later part: only parts up to here are meant
            rows = [(seq, offset) for seq in self._void]
            tx.exec_driver_sql("INSERT OR REPLACE INTO void VALUES (?, ?)", rows)
            self._void = {}
            is_due = True
        if self._n_waiting and (everything or is_due):
            self._write(offset)
        if not self._n_waiting:
            self._written = offset
        return self._written

    def _write(self, offset: int) -> None:
        table = pa.Table.from_batches(self._waiting, schema=LEDGER)
        day = np.datetime64(int(pc.max(table.column("received")).cast(pa.int64()).as_py()) // DAY_US, "D")
        path = self.folder / f"date={day}" / f"part-{self._written + 1:015d}-{offset:015d}.parquet"
        write_part(path, table.combine_chunks().to_batches())  # one row group
        self._waiting, self._n_waiting, self._written = [], 0, offset

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Go on after the last part; a part that was renamed just before a crash counts as written."""
        del tx
        self._waiting, self._n_waiting, self._void, self._written = [], 0, {}, offset
        self._began = self._clock.now()
        for path in self.folder.glob("date=*/.part-*.half"):
            path.unlink()
        for path in parts(self.folder):
            if part_range(path)[0] > offset:
                path.unlink()

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Remove what the ledger can write again (offsets from `first` on); older rows live only here, and stay."""
        self._waiting, self._n_waiting, self._void, self._written = [], 0, {}, first - 1
        for path in parts(self.folder):
            low, high = part_range(path)
            if low >= first:
                path.unlink()
            elif high >= first:
                table = pq.read_table(path)
                write_part(path, table.filter(pc.less(table.column("seq"), first)).to_batches())
        tx.execute(sa.delete(void).where(void.c.seq >= first))
