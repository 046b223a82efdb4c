"""Keyed stage: for each post the first one that the same template made. Part of the owner's one ordered step."""

import numpy as np
import numpy.typing as npt

__all__ = ["Templates"]

I64 = npt.NDArray[np.int64]

_MOST = 524_288
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Templates:
    """Remembers the templates of the last `window` offsets, and which post was the first of each.

    A post belongs to the campaign of the latest post with its template, and that one to the campaign that it joined:
    so a campaign goes on as long as less than a window lies between two of its posts, and has the offset of its first.
    It keeps it when that post is deleted.

    Everything depends on offsets alone: the same in any batches, and after a restart. Memory: 48 bytes for each offset
    of the window, 25 MB at the most.

    Parameters
    ----------
    window : int
        How many offsets back the latest post of a campaign may lie; at most 524,288.

    Notes
    -----
    Cost: 0.3 us a post. Blind to: a template whose cell was taken by another meanwhile; it begins anew.

    Examples
    --------
    >>> templates = Templates(window=1000)
    >>> templates.judge(np.array([3, 4, 5, 9]), np.array([77, 78, 77, 77])).tolist()
    [0, 0, 3, 3]
    """

    def __init__(self, window: int) -> None:
        self._window = min(window, _MOST)
        self._bits = max(2 * self._window - 1, 1).bit_length()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        n = 1 << self._bits
        self._templates, self._firsts, self._seqs = (np.zeros(n, np.int64) for _ in range(3))

    def judge(self, seqs: I64, templates: I64) -> I64:
        """Return for each post the offset of the first of its campaign, 0 where it is that, or has no template.

        Parameters
        ----------
        seqs : int64, shape (n,)
            Offsets from 1, ascending, higher than any before.
        templates : int64, shape (n,)
            Digests of their templates; 0: none.
        """
        rows = np.flatnonzero(templates)
        campaigns = np.zeros(len(seqs), np.int64)
        if len(rows):
            firsts = self._join(seqs[rows], templates[rows])
            campaigns[rows] = np.where(firsts == seqs[rows], 0, firsts)
        return campaigns

    def restore(self, seqs: I64, templates: I64, campaigns: I64) -> None:
        """Take up posts that were judged before a restart, ascending; `campaigns` as `judge` gave them."""
        rows = np.flatnonzero(templates)
        firsts = np.where(campaigns[rows] == 0, seqs[rows], campaigns[rows])
        self._write(self._cells(templates[rows]), templates[rows], firsts, seqs[rows])

    def _cells(self, templates: I64) -> I64:
        return ((templates.view(np.uint64) * _SPREAD) >> np.uint64(64 - self._bits)).astype(np.int64)

    def _write(self, cells: I64, templates: I64, firsts: I64, seqs: I64) -> None:
        # where two rows meet, numpy leaves the last: the latest
        self._templates[cells], self._firsts[cells], self._seqs[cells] = templates, firsts, seqs

    def _join(self, seqs: I64, templates: I64) -> I64:
        """Return the first of each row's campaign, and let the rows take their cells, in their order."""
        cells = self._cells(templates)
        order = np.argsort(cells, kind="stable")
        at, mine, cell = seqs[order], templates[order], cells[order]
        follows = np.zeros(len(order), np.bool_)  # the row before it in its cell is of the same template, and near
        follows[1:] = (cell[1:] == cell[:-1]) & (mine[1:] == mine[:-1]) & (np.diff(at) < self._window)
        begins = np.ones(len(order), np.bool_)
        begins[1:] = cell[1:] != cell[:-1]
        is_known = begins & (self._templates[cell] == mine) & (at - self._seqs[cell] < self._window)
        leads = np.where(is_known, self._firsts[cell], at)
        place = np.maximum.accumulate(np.where(follows, 0, np.arange(len(order))))
        firsts = np.empty_like(seqs)
        firsts[order] = leads[place]
        self._write(cells, templates, firsts, seqs)
        return firsts
