"""Eight tables in which posts that may be alike meet."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["BandTables", "Pairs"]

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

_BANDS = 8  # 16 cost twice the time and found no more pairs: F1 0.961 and 0.962
_LOW = (1 << 32) - 1
_HALF = np.uint64(32)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Pairs(NamedTuple):
    """Which row of a chunk has a band in common with which earlier post; rows ascending, each pair once."""

    row: I64
    seq: I64


class BandTables:
    """One table a band of four bytes, of the first half of a signature.

    A cell holds the latest post that went there: whatever the batches were, so what a post meets depends on offsets
    alone. It is 8 bytes, the whole band and the low half of the offset, so that one memory access decides: 32 MB for a
    window of 524,288.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._bits = max(window - 1, 1).bit_length()
        self._cells = np.zeros(_BANDS << self._bits, np.uint64)

    def write(self, seqs: I64, signatures: npt.NDArray[np.uint8]) -> None:
        """Let posts take their cells, in ascending order."""
        cells, entries = self._entries(seqs, signatures)
        self._cells[cells] = entries

    def meet(self, seqs: I64, signatures: npt.NDArray[np.uint8]) -> Pairs:
        """Let posts take their cells, and return whom each of them found there."""
        cells, entries = self._entries(seqs, signatures)
        found = self._cells[cells]
        self._cells[cells] = entries  # where two rows meet, numpy leaves the last: the latest post
        _meet_each_other(seqs, cells, entries, found, self._cells[cells])
        row, band = np.nonzero((entries >> _HALF) == (found >> _HALF))
        age = (seqs[row] - (found[row, band] & np.uint64(_LOW)).astype(np.int64)) & _LOW
        seq = seqs[row] - age
        fits = (age > 0) & (age < self._window) & (seq > 0)
        row, seq = row[fits], seq[fits]
        order = np.lexsort((seq, row))
        row, seq = row[order], seq[order]
        is_new = np.ones(len(row), np.bool_)
        is_new[1:] = (row[1:] != row[:-1]) | (seq[1:] != seq[:-1])
        return Pairs(row[is_new], seq[is_new])

    def _entries(self, seqs: I64, signatures: npt.NDArray[np.uint8]) -> tuple[I64, U64]:
        """Return where posts go, shape (n, 8), and what is written there."""
        bands = np.ascontiguousarray(signatures[:, : 4 * _BANDS]).view("<u4").astype(np.uint64)
        cells = (bands * _SPREAD) >> np.uint64(64 - self._bits)
        cells += np.arange(_BANDS, dtype=np.uint64) << np.uint64(self._bits)
        return cells.astype(np.int64), (bands << _HALF) | (seqs & _LOW).astype(np.uint64)[:, None]


def _meet_each_other(seqs: I64, cells: I64, entries: U64, found: U64, left: U64) -> None:
    """Put into `found` the row of the chunk that took the cell just before, where there is one; `left` has the last."""
    row, band = np.nonzero(left != entries)
    if not len(row):
        return
    ahead = ((left[row, band] & np.uint64(_LOW)).astype(np.int64) - seqs[row]) & _LOW
    last = np.searchsorted(seqs, seqs[row] + ahead)
    crowd = np.unique(np.concatenate([row * _BANDS + band, last * _BANDS + band]))
    crowd = crowd[np.argsort(cells.ravel()[crowd], kind="stable")]
    is_next = np.diff(cells.ravel()[crowd]) == 0
    found.ravel()[crowd[1:][is_next]] = entries.ravel()[crowd[:-1][is_next]]
