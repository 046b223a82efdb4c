"""Counts what is said, in buckets of ten seconds: by brand and measure; by channel, motive, need; each word and link.

A bucket is closed once nothing more comes.
"""

from collections.abc import Iterable
from typing import get_args

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.alert import Measure
from gehoor.core.clock import SECOND_US
from gehoor.core.text import TextBatch
from gehoor.core.words import buckets_of
from gehoor.warn.base import Floats, Ints
from gehoor.warn.finer import Finer
from gehoor.warn.spread_links import LINK_BITS, links_by_row

__all__ = ["GRACE_S", "MEASURES", "STEP_S", "Buckets", "Closed", "key_of", "term_of"]

STEP_S = 10
GRACE_S = 1
"""How long a bucket stays open after its end: what a channel takes. What comes later counts in the next one.

What we take ourselves needs no grace: rows tell the time, in the order in which they were heard.
"""

_OFF_S, _LATE_S = 6 * 3_600, 3_600

MEASURES: tuple[str, ...] = tuple(name for name in get_args(Measure) if name != "silence")
_WISHES = MEASURES[3:]
_AUTHORS, _NEGATIVE = MEASURES.index("authors"), MEASURES.index("negative")

_PEOPLE_BITS = 48
_TERM_BITS = 20  # what `core.words` gives a word; the brand stands above
_IS_LINK = 1 << 62


class Closed(msgspec.Struct, frozen=True):
    """A bucket that is complete.

    Attributes
    ----------
    at : int
        When it began, seconds.
    counts : float64, shape (n_brands, n_measures)
    finer : float64, shape (n,)
        By the series of `Finer`, as many as there were then.
    terms, n_terms : int64 and float64, shape (m,)
        Words and links of a brand's posts (see `term_of`), and in how many posts each stood.
    """

    at: int
    counts: Floats
    finer: Floats
    terms: Ints
    n_terms: Floats


class _Open(msgspec.Struct):
    """A bucket that still fills: cells of brand and measure, series of `Finer`, (brand, actor), terms."""

    cells: list[Ints] = []
    finer: list[Ints] = []
    people: list[Ints] = []
    terms: list[Ints] = []


class _Saved(msgspec.Struct):
    brands: list[str]
    finer: list[tuple[int, int, str]]
    now: int
    closed_to: int
    open: dict[int, list[bytes]]


class Buckets:
    """Open buckets, and which brands there are; the first brand, "", is everything together.

    An activity counts in the bucket of its event time; when that one is closed already, in the oldest that is open.
    A feed tells of its posts minutes later: they count when they arrive. What is more than an hour late does not count:
    that is no crowd which gathers now.

    Parameters
    ----------
    brands : iterable of str
        Those that are counted from the beginning, whether they are spoken of or not; others come when they are.
    """

    def __init__(self, brands: Iterable[str] = ()) -> None:
        self.brands = [""]
        self.finer = Finer()
        self.now = self.closed_to = 0
        self._code = {"": 0}
        self._open: dict[int, _Open] = {}
        for name in brands:
            self._number(name)

    def _number(self, brand: str) -> int:
        if brand not in self._code:
            self._code[brand] = len(self.brands)
            self.brands.append(brand)
        return self._code[brand]

    def begin(self, since: int, now: int) -> None:
        """Count from a moment on, though nothing is said; it is `now` (both seconds)."""
        self.closed_to, self.now = since // STEP_S * STEP_S, max(self.now, now)

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
        self._count(rows, np.clip(at, self.closed_to, self.now // STEP_S * STEP_S))

    def _count(self, rows: pa.RecordBatch, at: Ints) -> None:
        row, code = self._brands_of(rows)
        pair, measure = np.nonzero(_flags(rows)[row])
        cells = code[pair] * len(MEASURES) + measure
        finer = self.finer.rows_of(rows, row, code)
        people = _people(rows.column("actor_key"), row, code)
        term_row, terms = _terms(rows, row, code)
        link_row, links = _links(rows, row, code)
        for bucket in np.unique(at).tolist():
            mine = at == bucket
            pairs = mine[row]
            one = self._open.setdefault(bucket, _Open())
            one.cells.append(cells[pairs[pair]])
            one.finer.append(finer[:, pairs].ravel())
            one.people.append(people[pairs])
            one.terms += [terms[mine[term_row]], links[mine[link_row]]]

    def _brands_of(self, rows: pa.RecordBatch) -> tuple[Ints, Ints]:
        """Return (row, brand) pairs; every row is of "" too."""
        lists = rows.column("brands").fill_null([])
        names = lists.flatten().dictionary_encode()
        known = np.array([self._number(name) for name in names.dictionary.to_pylist()], np.int64)
        code = known[names.indices.to_numpy()] if len(known) else np.empty(0, np.int64)
        every = np.arange(rows.num_rows)
        return np.concatenate([every, pc.list_parent_indices(lists).to_numpy()]), np.concatenate([0 * every, code])

    def close(self, now: int) -> list[Closed]:
        """Return the buckets that are complete at a moment (seconds), oldest first; empty ones are among them."""
        self.now = max(self.now, now)
        closed: list[Closed] = []
        while self.closed_to and self.closed_to + STEP_S + GRACE_S <= self.now:
            until = min(self._open, default=self.now // STEP_S * STEP_S)
            if until - self.closed_to > _OFF_S:  # nobody listened: that is no silence
                self.closed_to = until
                continue
            closed.append(self._close_one())
        return closed

    def _close_one(self) -> Closed:
        at, one = self.closed_to, self._open.pop(self.closed_to, None)
        shape = (len(self.brands), len(MEASURES))
        self.closed_to += STEP_S
        if one is None:  # most of a quiet past
            return Closed(at, np.zeros(shape), np.zeros(len(self.finer.keys)), _joined([]), np.empty(0))
        counts = np.bincount(_joined(one.cells), minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)
        people = np.unique(_joined(one.people)) >> _PEOPLE_BITS
        counts[:, _AUTHORS] = np.bincount(people, minlength=len(self.brands))
        terms, n_terms = np.unique(_joined(one.terms), return_counts=True)
        return Closed(at, counts, self.finer.counts(_joined(one.finer)), terms, n_terms.astype(np.float64))

    def state(self) -> bytes:
        """Return all that is open."""
        opened = {
            at: [_joined(parts).tobytes() for parts in (one.cells, one.finer, one.people, one.terms)]
            for at, one in self._open.items()
        }
        return msgspec.msgpack.encode(_Saved(self.brands, self.finer.keys, self.now, self.closed_to, opened))

    @classmethod
    def of(cls, state: bytes, brands: Iterable[str] = ()) -> "Buckets":
        """Return the buckets that gave this state, with these brands too."""
        saved, fresh = msgspec.msgpack.decode(state, type=_Saved), cls()
        fresh.brands, fresh.now, fresh.closed_to = saved.brands, saved.now, saved.closed_to
        fresh.finer = Finer.of(saved.finer)
        fresh._code = {name: code for code, name in enumerate(saved.brands)}
        for name in brands:
            fresh._number(name)
        fresh._open = {
            at: _Open(*[[np.frombuffer(part, np.int64)] for part in parts]) for at, parts in saved.open.items()
        }
        return fresh


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _is_said(batch: pa.RecordBatch) -> pa.Array:
    """Tell which rows are posts that somebody else said now: no edit, no answer of ours, no spam, no back-fill."""
    is_post = pc.and_(pc.equal(batch.column("type"), "Create"), pc.equal(batch.column("direction"), "in"))
    is_live = pc.and_(pc.invert(batch.column("is_backfill")), pc.is_null(batch.column("spam")))
    return pc.and_(is_post, is_live)


def _flags(rows: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Return which measures each row counts for, shape (n, n_measures); people are counted when a bucket closes."""
    flags = np.zeros((rows.num_rows, len(MEASURES)), np.bool_)
    flags[:, 0] = True
    flags[:, _NEGATIVE] = _is(rows, "sentiment", "negative")
    for wish in _WISHES:
        flags[:, MEASURES.index(wish)] = _is(rows, "intent", wish)
    return flags


def _is(rows: pa.RecordBatch, column: str, value: str) -> npt.NDArray[np.bool_]:
    found = pc.fill_null(pc.equal(rows.column(column), value), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False))


def _people(actors: pa.Array, row: Ints, code: Ints) -> Ints:
    """Return a number for each (brand, actor) pair: the brand above the lowest bits of the actor's key."""
    keys = actors.fill_null(0).to_numpy(zero_copy_only=False)[row]
    return np.asarray((code << _PEOPLE_BITS) | (keys & ((1 << _PEOPLE_BITS) - 1)))


def _terms(rows: pa.RecordBatch, row: Ints, code: Ints) -> tuple[Ints, Ints]:
    """Return for each word of each post of a brand the row, and a number for brand and word."""
    row, code = _of_a_brand(row, code)
    words = rows.column("words") if "words" in rows.schema.names else buckets_of(TextBatch.of(rows.column("text")))
    lists = words.take(pa.array(row)).fill_null([])
    pair = pc.list_parent_indices(lists).to_numpy()
    return row[pair], (code[pair] << _TERM_BITS) | lists.flatten().to_numpy().astype(np.int64)


def _links(rows: pa.RecordBatch, row: Ints, code: Ints) -> tuple[Ints, Ints]:
    """Return for each link of each post of a brand the row, and a number for brand and link."""
    found = links_by_row(rows)
    row, code = _of_a_brand(row, code)
    pairs = [
        (place, _IS_LINK | (brand << LINK_BITS) | (name & ((1 << LINK_BITS) - 1)))
        for place, brand in zip(row.tolist(), code.tolist(), strict=True)
        for name in set(found.get(place, ()))
    ]
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _of_a_brand(row: Ints, code: Ints) -> tuple[Ints, Ints]:
    is_of_brand = code > 0 if code.any() else code == 0
    return row[is_of_brand], code[is_of_brand]


def key_of(brand: int, word: int) -> int:
    """Return the key of a term: a word's bucket, said of a brand."""
    return (brand << _TERM_BITS) | word


def term_of(key: int) -> tuple[int, tuple[str, int]]:
    """Return the brand of a term, and which it is: `term` and a word's bucket, or `link` and its name's lowest bits."""
    if key & _IS_LINK:
        rest = key ^ _IS_LINK
        return rest >> LINK_BITS, ("link", rest & ((1 << LINK_BITS) - 1))
    return key >> _TERM_BITS, ("term", key & ((1 << _TERM_BITS) - 1))
