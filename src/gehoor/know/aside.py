"""Cells of a past that is read again, laid aside on disk until all of it is read: each person is then written once."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gehoor.know.cell_code import Cells
from gehoor.know.tally import summed

__all__ = ["Aside"]

Ints = npt.NDArray[np.int64]

_SHARES = 64
_BYTES = 24


class Aside:
    """Cells on disk, shared out by actor, so that all of an actor comes back together and actors come in order.

    The file has no name: it goes with the process, and no backup and no look into the folder finds it.

    Parameters
    ----------
    folder : pathlib.Path
        Where the file is made. 24 bytes a cell.

    Notes
    -----
    Cost: 0.1 us a cell to lay aside. Memory: what is laid aside at once, and then one share.

    Examples
    --------
    >>> aside = Aside(Path(tempfile.gettempdir()))
    >>> for n in (5, 2):
    ...     aside.put(Cells(np.array([9, 1]), np.array([7, 7]), np.array([n, 1])))
    >>> [one.tolist() for cells in aside.taken() for one in cells]
    [[1], [7], [2], [9], [7], [7]]
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # kept open until it is read
        self._borders: Ints | None = None
        self._ends: list[Ints] = []

    def put(self, cells: Cells) -> None:
        """Lay cells aside, in any order."""
        if self._borders is None:  # whoever comes first stands for all: the keys of actors are digests
            at = np.linspace(0, len(cells.actor), _SHARES, endpoint=False)[1:].astype(np.int64)
            self._borders = np.sort(cells.actor)[at]
        share = np.searchsorted(self._borders, cells.actor, side="right").astype(np.uint8)
        order = np.argsort(share, kind="stable")
        np.stack(cells, axis=1)[order].tofile(self._file)
        self._ends.append(np.cumsum(np.bincount(share, minlength=_SHARES)))

    def taken(self) -> Iterator[Cells]:
        """Yield all that was laid aside, added up: one share of the actors after the other, each in order."""
        for share in range(_SHARES):
            parts = list(self._parts(share))
            if sum(map(len, parts)):
                yield summed(Cells(*np.concatenate(parts).T))
        self._file.close()

    def _parts(self, share: int) -> Iterator[Ints]:
        """Yield the cells of a share, as they were put; shape (k, 3)."""
        before = 0
        for ends in self._ends:
            first = int(ends[share - 1]) if share else 0
            self._file.seek((before + first) * _BYTES)
            data = self._file.read((int(ends[share]) - first) * _BYTES)
            yield np.frombuffer(data, np.int64).reshape(-1, 3)
            before += int(ends[-1])
