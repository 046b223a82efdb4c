"""Keyed stage: for each post the earlier post that it nearly repeats. The owner's one ordered step."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import SettingError
from gehoor.sift.bands import BandTables, Pairs
from gehoor.sift.signature import BYTES

__all__ = ["NearDuplicates", "Prints", "estimate"]

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
F64 = npt.NDArray[np.float64]

_CHANCE = 1 / 256  # strangers have one byte in 256 in common
_MOST_AT_ONCE = 4_096
_MOST_ROUNDS = 6


class Prints(Protocol):
    """What is known of n posts."""

    @property
    def signature(self) -> U8:
        """Signatures, shape (n, 64); what stands in a row without one does not matter."""
        ...

    @property
    def has_signature(self) -> npt.NDArray[np.bool_]:
        """Which posts have one."""
        ...


class _Chunk(NamedTuple):
    """Rows that are judged together."""

    seqs: I64
    signatures: U8


def estimate(a: U8, b: U8) -> F64:
    """Return the estimated Jaccard similarity of signatures, row by row: 1 for equal texts, about 0 for strangers.

    Examples
    --------
    >>> one = np.arange(64, dtype=np.uint8)
    >>> estimate(one, one).item(), estimate(one, one[::-1]).item()
    (1.0, 0.0)
    """
    share: F64 = (a == b).mean(axis=-1, dtype=np.float64)
    similarity: F64 = np.maximum((share - _CHANCE) / (1 - _CHANCE), 0.0)
    return similarity


def _waiting(chunk: _Chunk, pairs: Pairs) -> Pairs:
    """Return the pairs of rows that met a row of their own chunk."""
    waits = np.zeros(len(chunk.seqs), np.bool_)
    waits[pairs.row[pairs.seq >= chunk.seqs[0]]] = True
    keep = waits[pairs.row]
    return Pairs(pairs.row[keep], pairs.seq[keep])


class NearDuplicates:
    """Remembers the signatures of the last `window` offsets, and finds what a post repeats.

    A post meets the latest posts that share one of its eight bands; each of them leads to the original of its
    family. The verdict is the original that is similar enough: the most similar one, then the earliest. So a verdict
    never points at another copy, and a copy of a copy that has drifted too far begins a family of its own.

    Everything depends on offsets alone: verdicts are the same however the rows come in batches, and after a restart.
    Memory: 145 bytes for each offset of the window, in all 76 MB for 524,288.

    Parameters
    ----------
    window : int
        How many offsets back an original may lie.
    threshold : float
        Least estimated Jaccard similarity, 0 to 1.

    Raises
    ------
    SettingError
        If either makes no sense.

    Notes
    -----
    Cost: 2 µs of CPU a post with a full window. Blind to: an original older than the window;
    a pair whose eight cells were all taken by strangers meanwhile.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from gehoor.core.text import TextBatch
    >>> from gehoor.sift.signature import GRAM, sketch
    >>> class Given(NamedTuple):
    ...     signature: U8
    ...     has_signature: npt.NDArray[np.bool_]
    >>> texts = pa.array(["Mijn koffer ligt nog in Oslo!", "Wat een mooie dag is dit", "mijn koffer ligt nog in OSLO!"])
    >>> prints = Given(sketch(*TextBatch.of(texts).windows(GRAM)), np.ones(3, np.bool_))
    >>> NearDuplicates(window=1000, threshold=0.8).judge(np.array([7, 8, 9]), prints).tolist()
    [0, 0, 7]
    """

    def __init__(self, window: int, threshold: float) -> None:
        if not (2 <= window < 1 << 31 and 0 < threshold <= 1):
            raise SettingError(
                f"[duplicates] window = {window}, threshold = {threshold} cannot work: take a window of 2 or more and "
                "a threshold above 0 and up to 1, in gehoor.toml."
            )
        self._window = window
        self._threshold = threshold
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._tables = BandTables(self._window)
        self._signatures = np.zeros((self._window, BYTES), np.uint8)
        self._seqs = np.zeros(self._window, np.int64)
        self._originals = np.zeros(self._window, np.int64)
        self._may_lead = np.zeros(self._window, np.bool_)

    def judge(self, seqs: I64, numbers: Prints) -> I64:
        """Return for each post the offset of the original that it nearly repeats, 0 if none; and remember the posts.

        Parameters
        ----------
        seqs : int64, shape (n,)
            Offsets from 1, ascending, higher than any before; gaps do no harm.
        numbers : Prints
            Their signatures.
        """
        verdicts = np.zeros(len(seqs), np.int64)
        for rows in self._chunks(seqs, numbers):
            chunk = _Chunk(seqs[rows], numbers.signature[rows])
            originals = self._judge(chunk, self._tables.meet(*chunk))
            self._remember(chunk, originals)
            verdicts[rows] = np.where(originals == chunk.seqs, 0, originals)
        return verdicts

    def rejudge(self, seqs: I64, numbers: Prints) -> I64:
        """Judge the copies of an original that went: the earliest leads on, later ones repeat the first they are like.

        Parameters
        ----------
        seqs : int64, shape (n,)
            All copies of one original that still stand, ascending; the original has been withdrawn.
        numbers : Prints
            Their signatures.
        """
        verdicts = np.zeros(len(seqs), np.int64)
        leaders: list[int] = []
        for i in np.flatnonzero(numbers.has_signature).tolist():
            is_alike = estimate(numbers.signature[leaders], numbers.signature[i]) >= self._threshold
            if is_alike.any():
                verdicts[i] = seqs[leaders[int(is_alike.argmax())]]
            else:
                leaders.append(i)
        self._lead_on(seqs, np.where(verdicts == 0, seqs, verdicts))
        return verdicts

    def withdraw(self, seqs: I64) -> None:
        """Forget posts that were deleted or edited: nothing repeats them any more."""
        slots = seqs % self._window
        slots = slots[self._seqs[slots] == seqs]
        self._may_lead[slots] = False
        self._signatures[slots] = 0

    def restore(self, seqs: I64, numbers: Prints, duplicate_of: I64) -> None:
        """Take up posts that were judged before a restart, ascending, with their verdicts of today.

        Parameters
        ----------
        seqs, duplicate_of : int64, shape (n,)
            Offsets, and verdicts: 0 where a post repeats none.
        numbers : Prints
            Their signatures; a post that went since has none.
        """
        originals = np.where(duplicate_of == 0, seqs, duplicate_of)
        for rows in self._chunks(seqs, numbers):
            chunk = _Chunk(seqs[rows], numbers.signature[rows])
            self._tables.write(*chunk)
            self._remember(chunk, originals[rows])

    def _chunks(self, seqs: I64, numbers: Prints) -> list[I64]:
        """Cut the rows with a signature so that no two of a chunk share a slot."""
        rows = np.flatnonzero(numbers.has_signature)
        if not len(rows):
            return []
        span = min(self._window, _MOST_AT_ONCE)
        return np.split(rows, np.flatnonzero(np.diff(seqs[rows] // span)) + 1)

    def _remember(self, chunk: _Chunk, originals: I64) -> None:
        slots = chunk.seqs % self._window
        self._seqs[slots], self._originals[slots], self._may_lead[slots] = chunk.seqs, originals, True
        self._signatures[slots] = chunk.signatures

    def _lead_on(self, seqs: I64, originals: I64) -> None:
        """Let copies lead to their new originals, and with them whatever led to the old one."""
        slots = seqs % self._window
        is_known = self._seqs[slots] == seqs
        slots, originals = slots[is_known], originals[is_known]
        if len(slots):
            # a deleted copy may still be the latest in a cell: it goes on leading to its family
            self._originals[self._originals == self._originals[slots[0]]] = originals[0]
            self._originals[slots] = originals

    def _judge(self, chunk: _Chunk, pairs: Pairs) -> I64:
        """Return the original of each row, its own offset where it is one.

        A row may meet a row of the same chunk, whose family is not known yet. Rounds over all such rows at once settle
        them from the first to the last, nearly always in two or three; where a text drifts on and on, one by one does.
        The outcome is the same.
        """
        originals = chunk.seqs.copy()
        todo, waiting = pairs, _waiting(chunk, pairs)
        for _ in range(_MOST_ROUNDS):
            before = originals.copy()
            originals = self._settle(chunk, todo, originals, _led(chunk.seqs, originals))
            if np.array_equal(before, originals):
                return originals
            todo = waiting
        edges = np.flatnonzero(np.diff(waiting.row)) + 1
        for row, seq in zip(np.split(waiting.row, edges), np.split(waiting.seq, edges), strict=True):
            originals = self._settle(chunk, Pairs(row, seq), originals, originals)
        return originals

    def _settle(self, chunk: _Chunk, pairs: Pairs, originals: I64, led: I64) -> I64:
        """Return `originals` with the best of each row in `pairs`, where `led` says what rows of the chunk lead to."""
        if not len(pairs.row):
            return originals
        own = chunk.seqs[pairs.row]
        leaders = self._leaders(chunk, pairs, led)
        is_here = leaders >= chunk.seqs[0]
        slots = leaders % self._window
        may_lead = is_here | ((self._seqs[slots] == leaders) & self._may_lead[slots] & (own - leaders < self._window))
        theirs = self._signatures[slots]
        theirs[is_here] = chunk.signatures[np.searchsorted(chunk.seqs, leaders[is_here])]
        alike = np.where(may_lead, estimate(theirs, chunk.signatures[pairs.row]), 0.0)
        order = np.lexsort((leaders, -alike, pairs.row))
        first = order[np.concatenate([[True], np.diff(pairs.row) > 0])]
        settled = originals.copy()
        settled[pairs.row[first]] = np.where(alike[first] >= self._threshold, leaders[first], own[first])
        return settled

    def _leaders(self, chunk: _Chunk, pairs: Pairs, led: I64) -> I64:
        """Return the original to which each met post leads; 0 where it is forgotten."""
        slots = pairs.seq % self._window
        leaders = np.where(self._seqs[slots] == pairs.seq, self._originals[slots], 0)
        is_here = pairs.seq >= chunk.seqs[0]
        leaders[is_here] = led[np.searchsorted(chunk.seqs, pairs.seq[is_here])]
        return leaders


def _led(seqs: I64, originals: I64) -> I64:
    """Return where each row leads in the end, when the original of a row may be a copy itself."""
    to = np.arange(len(seqs))
    is_here = originals >= seqs[0]
    to[is_here] = np.searchsorted(seqs, originals[is_here])
    while not np.array_equal(further := to[to], to):
        to = further
    return originals[to]
