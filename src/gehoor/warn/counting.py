"""Counts what is said, in buckets of ten seconds, by brand and measure; a bucket is closed once nothing more comes."""

from typing import get_args

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.alert import Measure
from gehoor.core.clock import SECOND_US
from gehoor.warn.base import Floats

__all__ = ["MEASURES", "STEP_S", "Buckets", "Closed"]

STEP_S = 10
_GRACE_S = 3
"""How long a bucket stays open after its end: what row stages and the ledger take."""

_OFF_S, _LATE_S = 6 * 3_600, 3_600

MEASURES: tuple[str, ...] = get_args(Measure)
_WISHES = MEASURES[3:]

Ints = npt.NDArray[np.int64]


class Closed(msgspec.Struct, frozen=True):
    """A bucket that is complete: when it began (seconds), and its counts, shape (n_brands, n_measures)."""

    at: int
    counts: Floats


class _Saved(msgspec.Struct):
    brands: list[str]
    now: int
    closed_to: int
    counts: dict[int, list[list[float]]]
    people: dict[int, list[tuple[int, int]]]


class Buckets:
    """Open buckets, and which brands there are; the first brand, "", is everything together.

    An activity counts in the bucket of its event time; when that one is closed already, in the oldest that is open.
    A feed tells of its posts minutes later: they count when they arrive. What is more than an hour late does not count:
    that is no crowd which gathers now.
    """

    def __init__(self) -> None:
        self.brands = [""]
        self.now = self.closed_to = 0
        self._code = {"": 0}
        self._counts: dict[int, Floats] = {}
        self._people: dict[int, list[tuple[Ints, Ints]]] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the posts of a batch that people said just now."""
        received = pc.max(batch.column("received")).cast(pa.int64()).as_py() if batch.num_rows else 0
        self.now = max(self.now, received // SECOND_US)
        rows = batch.filter(_is_said(batch))
        if not rows.num_rows:
            return
        at = rows.column("event_at").cast(pa.int64()).to_numpy() // (STEP_S * SECOND_US) * STEP_S
        if not self.closed_to:
            self.closed_to = int(at.min())
        is_late = at < self.closed_to - _LATE_S
        if is_late.any():
            rows, at = rows.filter(pa.array(~is_late)), at[~is_late]
        at = np.clip(at, self.closed_to, self.now // STEP_S * STEP_S)
        row, code = self._brands_of(rows)
        flags = _flags(rows)[row]
        people = rows.column("actor_key").fill_null(0).to_numpy(zero_copy_only=False)[row]
        for bucket in np.unique(at).tolist():
            mine = at[row] == bucket
            counts = self._bucket(bucket)
            for measure in range(len(MEASURES)):
                counts[:, measure] += np.bincount(code[mine & flags[:, measure]], minlength=len(self.brands))
            self._people.setdefault(bucket, []).append((code[mine], people[mine]))

    def _brands_of(self, rows: pa.RecordBatch) -> tuple[Ints, Ints]:
        """Return (row, brand) pairs; every row is of "" too."""
        lists = rows.column("brands").fill_null([])
        names = lists.flatten().dictionary_encode()
        for name in names.dictionary.to_pylist():
            if name not in self._code:
                self._code[name] = len(self.brands)
                self.brands.append(name)
        known = np.array([self._code[name] for name in names.dictionary.to_pylist()], np.int64)
        code = known[names.indices.to_numpy()] if len(known) else np.empty(0, np.int64)
        every = np.arange(rows.num_rows)
        return np.concatenate([every, pc.list_parent_indices(lists).to_numpy()]), np.concatenate([0 * every, code])

    def _bucket(self, at: int) -> Floats:
        counts = self._counts.get(at, np.zeros((0, len(MEASURES))))
        if len(counts) < len(self.brands):
            counts = np.vstack([counts, np.zeros((len(self.brands) - len(counts), len(MEASURES)))])
            self._counts[at] = counts
        return counts

    def close(self, now: int) -> list[Closed]:
        """Return the buckets that are complete at a moment (seconds), oldest first; empty ones are among them."""
        self.now = max(self.now, now)
        closed: list[Closed] = []
        while self.closed_to and self.closed_to + STEP_S + _GRACE_S <= self.now:
            until = min(self._counts, default=self.now // STEP_S * STEP_S)
            if until - self.closed_to > _OFF_S:  # nobody listened: that is no silence
                self.closed_to = until
                continue
            closed.append(self._close_one())
        return closed

    def _close_one(self) -> Closed:
        at, counts = self.closed_to, self._bucket(self.closed_to)
        pairs = self._people.pop(at, [])
        if pairs:
            both = np.stack([np.concatenate(column) for column in zip(*pairs, strict=True)])
            distinct = np.unique(both, axis=1)[0]
            counts[:, MEASURES.index("authors")] = np.bincount(distinct, minlength=len(self.brands))
        self._counts.pop(at, None)
        self.closed_to += STEP_S
        return Closed(at, counts)

    def state(self) -> bytes:
        """Return all that is open."""
        counts = {at: counts.tolist() for at, counts in self._counts.items()}
        people = {
            at: [pair for codes, keys in pairs for pair in zip(codes.tolist(), keys.tolist(), strict=True)]
            for at, pairs in self._people.items()
        }
        return msgspec.msgpack.encode(_Saved(self.brands, self.now, self.closed_to, counts, people))

    @classmethod
    def of(cls, state: bytes) -> "Buckets":
        """Return the buckets that gave this state."""
        saved, fresh = msgspec.msgpack.decode(state, type=_Saved), cls()
        fresh.brands, fresh.now, fresh.closed_to = saved.brands, saved.now, saved.closed_to
        fresh._code = {name: code for code, name in enumerate(saved.brands)}
        fresh._counts = {at: np.array(counts, np.float64) for at, counts in saved.counts.items()}
        fresh._people = {
            at: [(np.array([code for code, _ in pairs], np.int64), np.array([key for _, key in pairs], np.int64))]
            for at, pairs in saved.people.items()
        }
        return fresh


def _is_said(batch: pa.RecordBatch) -> pa.Array:
    """Tell which rows are posts that somebody else said now: no edit, no answer of ours, no spam, no back-fill."""
    is_post = pc.and_(pc.equal(batch.column("type"), "Create"), pc.equal(batch.column("direction"), "in"))
    is_live = pc.and_(pc.invert(batch.column("is_backfill")), pc.is_null(batch.column("spam")))
    return pc.and_(is_post, is_live)


def _flags(rows: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Return which measures each row counts for, shape (n, n_measures); people are counted when a bucket closes."""
    flags = np.zeros((rows.num_rows, len(MEASURES)), np.bool_)
    flags[:, 0] = True
    flags[:, MEASURES.index("negative")] = _is(rows, "sentiment", "negative")
    for wish in _WISHES:
        flags[:, MEASURES.index(wish)] = _is(rows, "intent", wish)
    return flags


def _is(rows: pa.RecordBatch, column: str, value: str) -> npt.NDArray[np.bool_]:
    found = pc.fill_null(pc.equal(rows.column(column), value), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False))
