"""One day of the ledger: a SQLite file that holds all that the pages of that day wrote."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import StoreError
from gehoor.core.ledger.rows import ROW_COLUMNS, from_tuples
from gehoor.core.migrate import make
from gehoor.core.sqlite import open_read, open_write
from gehoor.core.tables import segment as tables

__all__ = ["PART_BITS", "Segment", "name_of", "segment_paths"]

PART_BITS = 19
"""A part of `lookup` is 2^19 offsets: one flush dirties at most the 50 MB of that part, however large the day."""

_CHUNK = 500
_COOL_KIB = -1_024


def name_of(first_seq: int, day: int) -> str:
    """Return the file name of a segment: first offset and day of arrival, sorted as they came."""
    return f"{first_seq:015d}_{np.datetime64(day, 'D')}.sqlite"


def segment_paths(folder: Path) -> list[Path]:
    """Return the segments of a workspace, oldest first."""
    return sorted(folder.glob("*_*.sqlite"))


class Segment:
    """A day's file, open for writing (the owner) or for reading (everybody else).

    Parameters
    ----------
    path : Path
        `segments/<first offset>_<day>.sqlite`.
    writable : bool
        True only in the owner process.
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        self.path = path
        first, day = path.stem.split("_")
        self.first_seq = int(first)
        self.day = int(np.datetime64(day, "D").astype(int))
        self.is_writable = writable
        self.engine = open_write(path) if writable else open_read(path)
        # the owner reads on its one connection, so that it sees its own open transaction
        self._own = self.engine.raw_connection() if writable else None
        self.spans: dict[int, tuple[int, int]] = {}

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a SELECT."""
        if self._own is not None:
            return list(self._own.cursor().execute(sql, tuple(parameters)).fetchall())
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql(sql, tuple(parameters)).fetchall())

    @classmethod
    def create(cls, folder: Path, first_seq: int, day: int, carried: Iterable[dict[str, Any]]) -> "Segment":
        """Make a new day's file, durably, with the cursors carried over from the day before."""
        path = folder / name_of(first_seq, day)
        segment = cls(path, writable=True)
        with segment.engine.begin() as tx:
            make(tx, "segment")
            for ddl in tables.SEARCH_DDL:
                tx.exec_driver_sql(ddl)
            values = [{"name": "last_seq", "value": first_seq - 1}, {"name": "indexed", "value": first_seq - 1}]
            tx.execute(sa.insert(tables.mark), values)
            rows = list(carried)
            if rows:
                tx.execute(sa.insert(tables.cursor), rows)
        return segment

    def cool(self) -> None:
        """Hold hardly any of it in memory: most days are over, and each would keep up to 64 MB."""
        self.query(f"PRAGMA cache_size = {_COOL_KIB}")
        self.query("PRAGMA shrink_memory")

    def is_complete(self) -> bool:
        """Tell whether the file was made to its end: a crash may have left one without tables."""
        return bool(self.query("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"))

    def open_marks(self) -> None:
        """Read which moments this segment holds."""
        self.spans = {day: (low, high) for day, low, high in self.query("SELECT day, low, high FROM span")}

    def mark(self, name: str) -> int:
        """Return a mark of this segment (`last_seq`, `indexed`)."""
        found = self.query("SELECT value FROM mark WHERE name = ?", (name,))
        if not found:
            raise StoreError(f"{self.path} has no mark {name!r}: the file is no segment, or damaged. Restore a backup.")
        return int(found[0][0])

    def cursors(self) -> list[dict[str, Any]]:
        """Return where each source reads on, with its totals."""
        names = [column.name for column in tables.cursor.columns]
        return [dict(zip(names, row, strict=True)) for row in self.query(f"SELECT {', '.join(names)} FROM cursor")]

    def widen(self, published: np.ndarray[Any, np.dtype[np.int64]]) -> list[tuple[int, int, int]]:
        """Take note of the moments of new rows; return the spans (day, low, high) that must be written."""
        days = published // DAY_US
        changed = []
        for day in np.unique(days).tolist():
            inside = published[days == day]
            low, high = int(inside.min()), int(inside.max())
            before = self.spans.get(day, (low, high))
            after = (min(low, before[0]), max(high, before[1]))
            if after != before or day not in self.spans:
                self.spans[day] = after
                changed.append((day, *after))
        return changed

    def may_hold(self, published: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Tell for each moment whether a row published then can be in this segment."""
        found = np.zeros(len(published), dtype=np.bool_)
        for low, high in self.spans.values():
            found |= (published >= low) & (published <= high)
        return found

    def find_keys(self, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int | None]:
        """Return (published, key) -> text digest for those pairs that are here. Cost: 3 us a pair."""
        found: dict[tuple[int, int], int | None] = {}
        for pair in pairs:
            for row in self.query("SELECT text_digest FROM activity WHERE published = ? AND key = ?", pair):
                found[pair] = row[0]
        return found

    def look_up(self, hashes: Sequence[int], last_seq: int) -> list[int]:
        """Return the offsets that the delayed index knows under these digests, those of each together."""
        parts = ", ".join(map(str, range(self.first_seq >> PART_BITS, (last_seq >> PART_BITS) + 1)))
        found: dict[int, list[int]] = {value: [] for value in hashes}
        for start in range(0, len(hashes), _CHUNK):
            some = ", ".join(str(int(value)) for value in hashes[start : start + _CHUNK])
            sql = f"SELECT hash, seq FROM lookup WHERE part IN ({parts}) AND hash IN ({some}) ORDER BY part"
            for value, seq in self.query(sql):
                found[value].append(seq)
        return [seq for seqs in found.values() for seq in seqs]

    def select(self, columns: str, seqs: Sequence[int]) -> list[Any]:
        """Return columns of rows by offset, in order of offset."""
        found: list[Any] = []
        for start in range(0, len(seqs), _CHUNK):
            part = ", ".join(str(int(seq)) for seq in seqs[start : start + _CHUNK])
            found += self.query(f"SELECT {columns} FROM activity WHERE seq IN ({part})")
        return sorted(found, key=lambda row: int(row[0]))

    def rows(self, seqs: Sequence[int]) -> pa.RecordBatch:
        """Return rows by offset, in order of offset."""
        return from_tuples(self.select(", ".join(ROW_COLUMNS), seqs))

    def read(self, after: int, until: int, limit: int) -> pa.RecordBatch:
        """Return the rows that stand (state 0) with after < seq <= until, in order, at most `limit`."""
        where = "seq > ? AND seq <= ? AND state = 0 ORDER BY seq LIMIT ?"
        sql = f"SELECT {', '.join(ROW_COLUMNS)} FROM activity WHERE {where}"
        return from_tuples(self.query(sql, (after, until, limit)))

    def read_any(self, after: int, until: int) -> pa.RecordBatch:
        """Return the rows with after < seq <= until, whether they stand or not."""
        sql = f"SELECT {', '.join(ROW_COLUMNS)} FROM activity WHERE seq > ? AND seq <= ? ORDER BY seq"
        return from_tuples(self.query(sql, (after, until)))

    def close(self) -> None:
        """Close the file."""
        if self._own is not None:
            self._own.close()
        self.engine.dispose()
