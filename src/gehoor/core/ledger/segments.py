"""The row of day files: opens them, starts a new day, finds the file of an offset, drops what is too old."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.ledger.rows import ROW_COLUMNS, from_tuples
from gehoor.core.ledger.segment import Segment, segment_paths
from gehoor.core.migrate import migrate
from gehoor.core.sqlite import sync_folder

__all__ = ["Segments"]

Ints = npt.NDArray[np.int64]


class Segments:
    """All segments of a workspace, oldest first; the last one is written.

    Parameters
    ----------
    folder : Path
        `<workspace>/segments`.
    writable : bool
        True only in the owner.
    """

    def __init__(self, folder: Path, *, writable: bool) -> None:
        self.folder = folder
        self._writable = writable
        if writable:
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)
        self.all: list[Segment] = []
        for path in segment_paths(folder):
            self._open(path)
        for segment in self.all[:-1] if writable else ():
            segment.cool()

    def _open(self, path: Path) -> None:
        segment = Segment(path, writable=self._writable)
        if segment.is_complete():
            if self._writable:
                migrate(segment.engine, "segment")
            segment.open_marks()
            self.all.append(segment)
        elif self._writable:  # a crash while the day's file was being made: nothing was ever committed to it
            segment.close()
            _remove(path)

    def refresh(self) -> None:
        """Take up files that came, let go of files that went; for readers."""
        known = {segment.path: segment for segment in self.all}
        paths = segment_paths(self.folder)
        for path, segment in known.items():
            if path not in paths:
                segment.close()
        self.all = [known[path] for path in paths if path in known]
        for path in paths:
            if path not in known:
                self._open(path)

    @property
    def last(self) -> Segment:
        """The segment that is written."""
        return self.all[-1]

    def start_day(self, first_seq: int, day: int) -> Segment:
        """Make the next day's file and carry the cursors over."""
        carried = self.last.cursors() if self.all else []
        if self.all:
            self.last.cool()
        self.all.append(Segment.create(self.folder, first_seq, day, carried))
        return self.last

    def of(self, seq: int) -> Segment | None:
        """Return the segment that holds an offset; None when it was dropped."""
        for segment in reversed(self.all):
            if segment.first_seq <= seq:
                return segment
        return None

    def grouped(self, seqs: Iterable[int]) -> list[tuple[Segment, list[int]]]:
        """Return the offsets by segment, oldest first; offsets of dropped segments are left out."""
        groups: dict[int, list[int]] = {}
        for seq in sorted(set(seqs)):
            segment = self.of(seq)
            if segment is not None:
                groups.setdefault(self.all.index(segment), []).append(seq)
        return [(self.all[index], groups[index]) for index in sorted(groups)]

    def rows(self, seqs: Iterable[int]) -> pa.RecordBatch:
        """Return rows by offset, in order."""
        return from_tuples(self.select(", ".join(ROW_COLUMNS), seqs))

    def select(self, columns: str, seqs: Iterable[int]) -> list[Any]:
        """Return columns of rows by offset, in order; `seq` must come first."""
        return [row for segment, part in self.grouped(seqs) for row in segment.select(columns, part)]

    def look_up(self, hashes: Sequence[int], last_seq: int) -> list[int]:
        """Return the offsets that the written index knows under these digests, in all segments."""
        found: list[int] = []
        for index, segment in enumerate(self.all):
            end = self.all[index + 1].first_seq - 1 if index + 1 < len(self.all) else last_seq
            found += segment.look_up(hashes, end)
        return found

    def known_pairs(
        self, published: Ints, keys: Ints, among: npt.NDArray[np.bool_]
    ) -> dict[tuple[int, int], int | None]:
        """Return (published, key) -> text digest of rows that any segment holds.

        `among` marks the rows that may be in the newest segment; in the older ones a row is looked for where
        their published moments reach, which is rare: late arrivals, back-fill, posts without a date.
        """
        found: dict[tuple[int, int], int | None] = {}
        for segment in self.all:
            mask = segment.may_hold(published)
            if segment is self.last:
                mask &= among
            if mask.any():
                pairs = list(zip(published[mask].tolist(), keys[mask].tolist(), strict=True))
                found |= segment.find_keys(pairs)
        return found

    def drop_before(self, day: int) -> list[Path]:
        """Unlink the segments of days before `day`; the newest always stays."""
        old = [segment for segment in self.all[:-1] if segment.day < day]
        for segment in old:
            self.all.remove(segment)
            segment.close()
            _remove(segment.path)
        if old:
            sync_folder(self.folder)
        return [segment.path for segment in old]

    def close(self) -> None:
        """Close every file."""
        for segment in self.all:
            segment.close()
        self.all = []


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
