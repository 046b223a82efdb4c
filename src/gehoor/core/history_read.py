"""Reads the history: every row that still counts, once."""

import resource
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from gehoor.core.history import part_range, parts_of
from gehoor.core.record import LEDGER, to_ledger
from gehoor.core.store import read_store, store_path

__all__ = ["Voids", "open_parts", "read_rows"]

_OTHERS = 512
_COMMITTED = """SELECT "offset" FROM offset WHERE projection = 'history'"""


class Voids:
    """Which rows of which parts do not count any more, and up to which offset the parts are committed."""

    committed: int | None
    """None where there is no store: then all parts are."""

    def __init__(self, root: Path) -> None:
        self._seqs: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._offsets = self._seqs
        self.committed = None
        if store_path(root).exists():
            engine = read_store(root)
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")  # both as of one moment
                rows = connection.exec_driver_sql('SELECT seq, "offset" FROM void ORDER BY seq').fetchall()
                self.committed = connection.exec_driver_sql(_COMMITTED).scalar()
                connection.exec_driver_sql("ROLLBACK")
            engine.dispose()
            if rows:
                self._seqs, self._offsets = (np.array(column, np.int64) for column in zip(*rows, strict=True))

    def standing(self, seqs: npt.NDArray[np.int64], last: int) -> npt.NDArray[np.bool_]:
        """Tell which rows of a part that ends at `last` still count."""
        meant = self._seqs[self._offsets > last]
        return ~np.isin(seqs, meant)

    def void_in(self, first: int, last: int) -> npt.NDArray[np.int64]:
        """Return which rows of a part that covers these offsets are void, in order."""
        return self._seqs[(self._offsets > last) & (self._seqs >= first) & (self._seqs <= last)]

    def is_committed(self, part: Path) -> bool:
        """Tell whether a part counts yet: before, its rows may still stand in an earlier part that is not yet void."""
        return self.committed is None or part_range(part)[0] <= self.committed


def read_rows(
    root: Path, *, before: int | None = None, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the history that count, in batches of `LEDGER`, oldest part first.

    Each row comes once, also while parts are written, corrected and compacted.

    Parameters
    ----------
    root : Path
        The workspace.
    before : int, optional
        Only rows with a smaller offset.
    columns : sequence of str, optional
        Only these columns, as they stand in the files; `seq` among them.
    """
    voids = Voids(root)
    for day in sorted((root / "history").glob("date=*")):
        for file, first, last in open_parts(day, voids):
            if before is not None and first >= before:
                continue
            for batch in file.iter_batches(batch_size=16_384, columns=list(columns or LEDGER.names)):
                seqs = batch.column("seq").to_numpy()
                mask = voids.standing(seqs, last)
                if before is not None:
                    mask &= seqs < before
                rows = batch if mask.all() else batch.filter(pa.array(mask))
                yield rows if columns else to_ledger(rows)


def open_parts(day: Path, voids: Voids) -> Iterator[tuple[pq.ParquetFile, int, int]]:
    """Yield the parts of a day with their offsets, all opened together: compaction exchanges the whole folder.

    What a part says of itself is read when its turn comes, and let go of after: a megabyte each, hundreds a day.
    """
    opened = _opened(day, voids)
    try:
        for source, first, last in opened:
            with source:
                yield pq.ParquetFile(source), first, last
    finally:
        for source, *_ in opened:
            source.close()


def _opened(day: Path, voids: Voids) -> list[tuple[pa.OSFile, int, int]]:
    while True:
        found = [part for part in parts_of(day) if voids.is_committed(part)]
        _make_room(len(found))
        try:
            return [(pa.OSFile(str(part)), *part_range(part)) for part in found]
        except FileNotFoundError:
            continue  # exchanged between looking and opening: look again


def _make_room(n: int) -> None:
    """Allow so many open files: a day that is not closed has a part a minute, and many systems allow 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = n + _OTHERS if hard == resource.RLIM_INFINITY else min(n + _OTHERS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
