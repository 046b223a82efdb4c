"""The ordered end of an analysis: rows get their numbers, copies are found, and days are written."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.clock import DAY_US
from gehoor.core.history import write_part
from gehoor.core.record import LEDGER
from gehoor.core.settings import Duplicates
from gehoor.sift.duplicate import NearDuplicates
from gehoor.sift.signature import BYTES

__all__ = ["Finishing"]

_ROWS = 50_000
_MOST_WAITING = 64 << 20


class Finishing:
    """Takes staged rows in their order and writes the history's parts of them.

    What needs the past is done here, once and in one process, whichever engine staged the rows: `seq` is the row's
    number, `duplicate_of` the number of the row that it nearly repeats. A part holds 50,000 rows of one day; where
    days are mixed so that more than 64 MB wait, the largest is written as it is.

    Parameters
    ----------
    folder : Path
        Gets `date=YYYY-MM-DD/part-<first>-<last>.parquet`.
    duplicates : Duplicates
        What counts as nearly the same, and how many rows back.

    Notes
    -----
    Cost: 7 us a row on one core, most of it the writing.
    """

    def __init__(self, folder: Path, duplicates: Duplicates) -> None:
        self._folder = folder
        self._near = NearDuplicates(duplicates.window, duplicates.threshold)
        self._waiting: dict[int, list[pa.RecordBatch]] = {}
        self._n_bytes = 0
        self.n_rows = self.n_duplicates = 0

    def take(self, staged: Path) -> None:
        """Take up the rows of the next split."""
        with pa.OSFile(str(staged)) as source, pa.ipc.open_file(source) as reader:
            for number in range(reader.num_record_batches):
                self._add(self._numbered(reader.get_batch(number)))
                self._write_what_is_due()

    def _numbered(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        seqs = np.arange(self.n_rows + 1, self.n_rows + 1 + batch.num_rows, dtype=np.int64)
        originals = self._near.judge(seqs, _prints(batch.column("signature")))
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        columns |= {"seq": pa.array(seqs), "duplicate_of": pa.array(originals, mask=originals == 0)}
        self.n_rows += batch.num_rows
        self.n_duplicates += int(np.count_nonzero(originals))
        # what other keyed stages would add needs a ledger
        rows = [columns[f.name] if f.name in columns else pa.nulls(batch.num_rows, f.type) for f in LEDGER]
        return pa.RecordBatch.from_arrays(rows, schema=LEDGER)

    def _add(self, rows: pa.RecordBatch) -> None:
        days = rows.column("received").cast(pa.int64()).to_numpy() // DAY_US
        for day in np.unique(days).tolist():
            is_of_day = days == day
            mine = rows if is_of_day.all() else rows.filter(pa.array(is_of_day))
            self._waiting.setdefault(day, []).append(mine)
            self._n_bytes += mine.nbytes

    def _write_what_is_due(self) -> None:
        for day in [day for day, rows in self._waiting.items() if _n_rows(rows) >= _ROWS]:
            self._write(day)
        while self._n_bytes > _MOST_WAITING:
            self._write(max(self._waiting, key=lambda day: _n_rows(self._waiting[day])))

    def _write(self, day: int) -> None:
        table = pa.Table.from_batches(self._waiting.pop(day), schema=LEDGER)
        self._n_bytes -= table.nbytes
        first, last = table.column("seq")[0].as_py(), table.column("seq")[-1].as_py()
        path = self._folder / f"date={np.datetime64(day, 'D')}" / f"part-{first:015d}-{last:015d}.parquet"
        write_part(path, table.combine_chunks().to_batches())

    def finish(self) -> None:
        """Write what still waits."""
        for day in sorted(self._waiting):
            self._write(day)


class _Prints(NamedTuple):
    """Signatures as `NearDuplicates` reads them."""

    signature: npt.NDArray[np.uint8]
    has_signature: npt.NDArray[np.bool_]


def _prints(column: pa.Array) -> _Prints:
    filled = column.fill_null(b"\0" * BYTES) if column.null_count else column
    raw = np.frombuffer(filled.buffers()[1], np.uint8)[filled.offset * BYTES : (filled.offset + len(filled)) * BYTES]
    return _Prints(raw.reshape(-1, BYTES), column.is_valid().to_numpy(zero_copy_only=False))


def _n_rows(batches: list[pa.RecordBatch]) -> int:
    return sum(batch.num_rows for batch in batches)
