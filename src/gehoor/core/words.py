"""Which words people use, by day: counted by hash, so that a deletion takes back exactly what it once added."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, Clock
from gehoor.core.hashing import hash_words
from gehoor.core.record import is_said
from gehoor.core.settings import Settings
from gehoor.core.stopwords import STOPWORDS
from gehoor.core.tables.ledger import word, word_name
from gehoor.core.text import TextBatch

__all__ = ["Words", "buckets_of", "buckets_of_words"]

Ints = npt.NDArray[np.int64]

_BITS = 20  # a million buckets: of 20,000 words in use, one in fifty shares its bucket with another
_SAMPLE = 96  # posts of a batch from which names are learned
_EVERY = 30_000  # posts between writes: one write of 60,000 buckets costs 90 ms
_ADD = "INSERT INTO word VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
_DROP = "DELETE FROM word WHERE day = ? AND bucket = ? AND n = 0"


def _stop_hashes() -> npt.NDArray[np.uint64]:
    return np.sort(hash_words(sorted(STOPWORDS)))


_STOP = _stop_hashes()


def _telling(texts: TextBatch) -> npt.NDArray[np.bool_]:
    """Tell which words can tell something: three characters or more, no stop word, no number, no link or handle."""
    length = texts.word_ends - texts.word_starts
    mask = length >= 3
    first = texts.data[np.minimum(texts.word_starts, len(texts.data) - 1)] if len(texts.data) else mask
    mask &= ~((first >= ord("0")) & (first <= ord("9"))) & (first != ord("@")) & (first != ord("<"))
    place = np.minimum(np.searchsorted(_STOP, texts.words), len(_STOP) - 1)
    return np.asarray(mask & (_STOP[place] != texts.words))


def buckets_of(texts: TextBatch) -> pa.Array:
    """Return for each text the buckets of its telling words, each once (a row stage: pure)."""
    mask = _telling(texts)
    pairs = (texts.word_post[mask].astype(np.int64) << _BITS) | (
        texts.words[mask] & np.uint64((1 << _BITS) - 1)
    ).astype(np.int64)
    pairs = np.unique(pairs)
    offsets = np.searchsorted(pairs >> _BITS, np.arange(len(texts) + 1))
    values = pa.array((pairs & ((1 << _BITS) - 1)).astype(np.int32))
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)


def buckets_of_words(words: Sequence[str]) -> list[int]:
    """Return the bucket of each normalised word."""
    return [int(value) & ((1 << _BITS) - 1) for value in hash_words(words).tolist()]


class Words:
    """Counts in how many posts of a day each word stands, and learns the words' names from the stream.

    Order-free in its counts. Names are learned from a sample of posts, and are forgotten with every post that is
    taken back: no word of an erased person stays behind as a name. Cost: 0.5 us a row, 2 more when written.
    """

    name = "words"
    is_in_store = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        del settings, clock  # it counts whatever comes
        self._cells: list[tuple[Ints, int]] = []
        self._names: dict[int, str] = {}
        self._unnamed: set[int] = set()
        self._written = self._n_rows = 0

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Add or subtract the words of these rows."""
        said = is_said(batch).to_numpy(zero_copy_only=False)
        if not said.all():
            batch = batch.filter(pa.array(said))
        if "words" in batch.schema.names:
            lists = batch.column("words")
        else:
            lists = buckets_of(TextBatch.of(batch.column("text")))
        days = batch.column("event_at").cast(pa.int64()).to_numpy() // DAY_US
        lists = lists.fill_null([])
        buckets = lists.flatten().to_numpy().astype(np.int64)
        self._cells.append(((days[pc.list_parent_indices(lists).to_numpy()] << _BITS) | buckets, sign))
        self._n_rows += batch.num_rows
        if sign > 0:
            self._learn(batch.column("text").slice(0, _SAMPLE))
        else:
            self._unnamed |= set(buckets.tolist())

    def _learn(self, column: pa.Array) -> None:
        texts = TextBatch.of(column)
        for j in np.flatnonzero(_telling(texts)).tolist():
            bucket = int(texts.words[j]) & ((1 << _BITS) - 1)
            if bucket not in self._names:
                self._names[bucket] = texts.word(j)

    def flush(self, tx: sa.Connection, offset: int, *, everything: bool) -> int:
        """Write the counts once enough posts came, or at once when something is taken back."""
        if not (everything or self._unnamed or self._n_rows >= _EVERY):
            return self._written
        rows = self._sums()
        if rows:
            tx.exec_driver_sql(_ADD, rows)
        less = [(day, bucket) for day, bucket, n in rows if n < 0]
        if less:
            tx.exec_driver_sql(_DROP, less)
        self._name(tx, {bucket for _, bucket, n in rows if n > 1})
        self._cells.clear()
        self._n_rows, self._written = 0, offset
        return offset

    def _sums(self) -> list[tuple[int, int, int]]:
        """Return (day, bucket, n) of what is not yet written, in the order of the table."""
        if not self._cells:
            return []
        signs = np.repeat([sign for _, sign in self._cells], [len(cells) for cells, _ in self._cells])
        cells, inverse = np.unique(np.concatenate([cells for cells, _ in self._cells]), return_inverse=True)
        n = np.bincount(inverse, weights=signs, minlength=len(cells)).astype(np.int64)
        cells, n = cells[n != 0], n[n != 0]
        return list(zip((cells >> _BITS).tolist(), (cells & ((1 << _BITS) - 1)).tolist(), n.tolist(), strict=True))

    def _name(self, tx: sa.Connection, used: set[int]) -> None:
        for bucket in self._unnamed:
            self._names.pop(bucket, None)
        if self._unnamed:
            tx.exec_driver_sql("DELETE FROM word_name WHERE bucket = ?", [(bucket,) for bucket in self._unnamed])
            self._unnamed = set()
        names = [(bucket, self._names[bucket]) for bucket in used if bucket in self._names]
        if names:
            tx.exec_driver_sql("INSERT OR IGNORE INTO word_name VALUES (?, ?)", names)
        if len(self._names) > 200_000:
            self._names.clear()

    def load(self, tx: sa.Connection, offset: int) -> None:
        """Counts and names stand in their tables."""
        del tx
        self._cells.clear()
        self._written = offset

    def clear(self, tx: sa.Connection, first: int) -> None:
        """Empty the tables."""
        del first
        self._cells.clear()
        self._names.clear()
        tx.execute(sa.delete(word))
        tx.execute(sa.delete(word_name))
