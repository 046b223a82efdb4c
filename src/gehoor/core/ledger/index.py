"""The delayed index: digest -> offsets, in memory first, written sorted and in chunks.

A random key in the page transaction dirties a database page per row and index, 29 us a post and rising; written sorted
every few seconds it costs 3, and a part never grows beyond 2^19 offsets, so a flush stays as cheap on a day of 10
million posts as on an empty one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.ledger.resolve import GONE
from gehoor.core.ledger.segment import PART_BITS

__all__ = [
    "DelayedIndex",
    "actor_hash",
    "actors_of_gone",
    "campaign_hash",
    "copy_hash",
    "entries",
    "entries_of_changes",
    "parent_hash",
]

Ints = npt.NDArray[np.int64]

_ACTOR, _PARENT, _COPY = 0x5851F42D4C957F2D, 0x14057B7EF767814F, 0x2545F4914F6CDD1D
_CAMPAIGN = 0x369DEA0F31A53F85
_INDEXED = (("actor_key", _ACTOR), ("parent_key", _PARENT), ("duplicate_of", _COPY), ("campaign", _CAMPAIGN))
_FLUSH_AT = 100_000
_CHUNK = 8_192
_AT_ONCE = 1_000_000


def actor_hash(actor_key: int) -> int:
    """Return under what the rows of an actor are indexed; an actor and a post may have the same native id."""
    return actor_key ^ _ACTOR


def parent_hash(parent_key: int) -> int:
    """Return under what the replies to an object are indexed."""
    return parent_key ^ _PARENT


def copy_hash(seq: int) -> int:
    """Return under what the near duplicates of the row `seq` are indexed."""
    return seq ^ _COPY


def campaign_hash(seq: int) -> int:
    """Return under what the later posts of the campaign that began with the row `seq` are indexed."""
    return seq ^ _CAMPAIGN


def _present(rows: pa.RecordBatch, name: str, salt: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    column = rows.column(name)
    mask = pc.is_valid(column).to_numpy(zero_copy_only=False)
    return column.fill_null(0).to_numpy().astype(np.int64) ^ salt, mask


def entries(rows: pa.RecordBatch) -> tuple[Ints, Ints]:
    """Return (hashes, seqs) under which these rows can be found."""
    seq = rows.column("seq").to_numpy()
    key, object_key = rows.column("key").to_numpy(), rows.column("object_key").to_numpy()
    differs = key != object_key
    hashes, seqs = [object_key, key[differs]], [seq, seq[differs]]
    for name, salt in _INDEXED:
        values, mask = _present(rows, name, salt)
        hashes.append(values[mask])
        seqs.append(seq[mask])
    return np.concatenate(hashes), np.concatenate(seqs)


def actors_of_gone(rows: pa.RecordBatch, states: npt.NDArray[np.int8]) -> list[tuple[int, int, int]]:
    """Return (part, hash, seq) under which rows that were deleted before they came are found: no row says whose."""
    if not (states == GONE).any():
        return []
    gone = rows.select(["seq", "actor_key"]).filter(pa.array(states == GONE))
    pairs = zip(*(column.to_pylist() for column in gone.columns), strict=True)
    return [(seq >> PART_BITS, actor_hash(key), seq) for seq, key in pairs if key is not None]


def entries_of_changes(changes: Sequence[tuple[Any, ...]]) -> tuple[Ints, Ints]:
    """Return (hashes, seqs) under which copies can be found that were given another original."""
    found = [
        (copy_hash(original), target)
        for _, target, kind, _, after in changes
        if kind == "annotate" and (original := msgspec.json.decode(after).get("duplicate_of"))
    ]
    return np.array([hash_ for hash_, _ in found], np.int64), np.array([seq for _, seq in found], np.int64)


class DelayedIndex:
    """What is not yet written of `lookup`, findable all the same: a few hundred thousand entries at most.

    Attributes
    ----------
    n : int
        How many entries wait.
    """

    def __init__(self) -> None:
        self._fresh: list[tuple[Ints, Ints]] = []
        self._n_fresh = self._n_came = 0
        self._queue: tuple[Ints, Ints] = (np.empty(0, np.int64), np.empty(0, np.int64))
        self._queued_to = self._fresh_to = 0

    def add(self, hashes: Ints, seqs: Ints, last_seq: int) -> None:
        """Take in the entries of rows up to `last_seq`."""
        if len(hashes):
            self._fresh.append((hashes, seqs))
            self._n_fresh += len(hashes)
            self._n_came += len(hashes)
        self._fresh_to = last_seq

    @property
    def n(self) -> int:
        return self._n_fresh + len(self._queue[0])

    def find(self, hashes: list[int]) -> list[int]:
        """Return the offsets of rows that are not yet written."""
        wanted = np.array(hashes, np.int64)
        found = [seqs[np.isin(values, wanted)] for values, seqs in [*self._fresh, self._queue]]
        return np.concatenate(found).tolist() if found else []

    def chunk(self, first_seq: int, *, everything: bool = False) -> tuple[list[tuple[int, int, int]], int | None]:
        """Return the next (part, hash, seq) to write, and up to which offset the index is complete after that.

        Nothing until enough has come together; then one chunk a call, so that no page waits for a whole flush, and at
        least as much as came since the last call, so that what waits does not grow. What is said of an older segment's
        row lies in the first part of this one, which begins at `first_seq`.
        """
        n_came, self._n_came = self._n_came, 0
        if not len(self._queue[0]) and self._n_fresh and (everything or self._n_fresh >= _FLUSH_AT):
            hashes = np.concatenate([pair[0] for pair in self._fresh])
            seqs = np.concatenate([pair[1] for pair in self._fresh])
            order = np.lexsort((seqs, hashes, seqs >> PART_BITS))
            self._queue, self._queued_to = (hashes[order], seqs[order]), self._fresh_to
            self._fresh, self._n_fresh = [], 0
        hashes, seqs = self._queue
        n = min(_AT_ONCE if everything else max(_CHUNK, n_came), len(hashes))
        parts = np.maximum(seqs[:n], first_seq) >> PART_BITS
        rows = list(zip(parts.tolist(), hashes[:n].tolist(), seqs[:n].tolist(), strict=True))
        return rows, self._queued_to if rows and n == len(hashes) else None

    def wrote(self, n: int) -> None:
        """Take note that the first `n` entries of the chunk are committed."""
        self._queue = (self._queue[0][n:], self._queue[1][n:])

    def drain(self, first_seq: int) -> Iterator[tuple[list[tuple[int, int, int]], int | None]]:
        """Yield everything that is left, in large chunks; for the end of a day."""
        while self._n_fresh or len(self._queue[0]):
            rows, complete = self.chunk(first_seq, everything=True)
            yield rows, complete
            self.wrote(len(rows))
