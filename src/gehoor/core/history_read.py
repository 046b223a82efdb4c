"""Reads the history: every row that still counts, once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from gehoor.core.history import part_range, parts
from gehoor.core.record import LEDGER
from gehoor.core.store import read_store, store_path

__all__ = ["Voids", "read_rows"]


class Voids:
    """Which rows of which parts do not count any more."""

    def __init__(self, root: Path) -> None:
        self._seqs: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._offsets = self._seqs
        if store_path(root).exists():
            engine = read_store(root)
            with engine.connect() as connection:
                rows = connection.exec_driver_sql('SELECT seq, "offset" FROM void ORDER BY seq').fetchall()
            engine.dispose()
            if rows:
                self._seqs, self._offsets = (np.array(column, np.int64) for column in zip(*rows, strict=True))

    def standing(self, seqs: npt.NDArray[np.int64], last: int) -> npt.NDArray[np.bool_]:
        """Tell which rows of a part that ends at `last` still count."""
        meant = self._seqs[self._offsets > last]
        return ~np.isin(seqs, meant)


def read_rows(root: Path, *, before: int | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the history that count, in batches of `LEDGER`, oldest part first.

    Parameters
    ----------
    root : Path
        The workspace.
    before : int, optional
        Only rows with a smaller offset.
    """
    voids = Voids(root)
    for path in parts(root / "history"):
        first, last = part_range(path)
        if before is not None and first >= before:
            return
        file = pq.ParquetFile(path)
        for batch in file.iter_batches(batch_size=16_384, columns=LEDGER.names):
            seqs = batch.column("seq").to_numpy()
            mask = voids.standing(seqs, last)
            if before is not None:
                mask &= seqs < before
            yield (batch if mask.all() else batch.filter(pa.array(mask))).cast(LEDGER)
