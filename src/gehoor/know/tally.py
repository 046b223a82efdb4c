"""Adds up cells: what came since the last write with what stands, for many actors at once."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gehoor.know.cell_code import Cells

__all__ = ["Tally", "blobs_of", "pairs_of", "slices", "summed"]

Ints = npt.NDArray[np.int64]

_SLICE = 1_000_000
_NONE = np.empty(0, np.int64)


class Tally:
    """Cells that wait to be written. Memory: 24 bytes each, three times that while they are added up."""

    def __init__(self) -> None:
        self._parts: list[Cells] = []
        self.n = 0

    def add(self, cells: Cells) -> None:
        """Take in what a batch adds or takes back."""
        if len(cells.n):
            self._parts.append(cells)
            self.n += len(cells.n)

    def clear(self) -> None:
        """Forget what waits."""
        self._parts, self.n = [], 0

    def loose(self) -> Cells:
        """Return what waits, as it came."""
        if not self._parts:
            return Cells(_NONE, _NONE, _NONE)
        cells = Cells(*(np.concatenate(column) for column in zip(*self._parts, strict=True)))
        self.clear()
        return cells

    def taken(self) -> Cells:
        """Return what waits, added up, in order of actor and cell."""
        return summed(self.loose())


def summed(cells: Cells) -> Cells:
    """Return the cells in order of actor and cell, each once; what adds up to nothing stays, to be seen as touched.

    Examples
    --------
    >>> a, c, n = np.array([2, 1, 2]), np.array([7, 7, 7]), np.array([5, 1, -2])
    >>> [column.tolist() for column in summed(Cells(a, c, n))]
    [[1, 2], [7, 7], [1, 3]]
    """
    order = np.lexsort((cells.cell, cells.actor))
    actor, cell, n = (column[order] for column in cells)
    if not len(n):
        return Cells(actor, cell, n)
    starts = np.flatnonzero(np.r_[True, (np.diff(actor) != 0) | (np.diff(cell) != 0)])
    return Cells(actor[starts], cell[starts], np.add.reduceat(n, starts))


def slices(cells: Cells) -> Iterator[Cells]:
    """Yield parts of cells in order, each with all that there is of its actors."""
    start = 0
    while start < len(cells.n):
        end = min(start + _SLICE, len(cells.n))
        if end < len(cells.n):  # up to the last cell of the actor at the border
            end = int(np.searchsorted(cells.actor, cells.actor[end - 1], side="right"))
        yield Cells(*(column[start:end] for column in cells))
        start = end


def pairs_of(actors: Sequence[int], blobs: Sequence[bytes]) -> Cells:
    """Return cells as they stand in rows: pairs of cell and number."""
    pairs = np.frombuffer(b"".join(blobs), np.int64).reshape(-1, 2)
    n = np.fromiter((len(blob) >> 4 for blob in blobs), np.int64, len(blobs))
    return Cells(np.repeat(np.array(actors, np.int64), n), pairs[:, 0], pairs[:, 1])


def blobs_of(cells: Cells, actors: Ints) -> list[bytes]:
    """Return what to store of each actor (in order): their cells that are not nothing."""
    kept = cells.n != 0
    actor = cells.actor[kept]
    data = np.stack([cells.cell[kept], cells.n[kept]], axis=1).tobytes()
    starts = (np.searchsorted(actor, actors, side="left") << 4).tolist()
    ends = (np.searchsorted(actor, actors, side="right") << 4).tolist()
    return [data[start:end] for start, end in zip(starts, ends, strict=True)]
