"""Keyed stage: which language somebody usually writes, for posts too short or too mixed to tell."""

import re
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["HABIT_P", "WITHDRAWN", "Authored", "Habits", "code_of", "language_of", "languages_of"]

I64 = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]

HABIT_P = 0.6
"""`language_p` of a language that is the author's habit; a channel's claim has 0.5, what was judged 0.75 and more."""

WITHDRAWN = np.int16(-1)
"""Stands where a post told its language and was deleted or edited since."""

_SURE_P = 0.9  # below, "Dutch" was wrong for all of 33 posts to two English brands
_UNSURE_P, _CLAIM_P = 0.75, 0.5
_SHORT_CHARS = 25  # a longer text that is none of our languages is in another one
_UND = "und"
_OTHER = np.int16(1)
_SAYS = pa.array(["Create", "Update"])
_ASIDE = re.compile(r"https?://\S+|(?<!\w)@\S+|[\W\d_]+")

_LATEST, _LEAST = 10, 5  # an author's habit: of the last ten posts at least five, and eight in ten alike
_MOST_STEPS = 64
_MOST_POSTS = 524_288
_MOST_AT_ONCE = 4_096
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Authored(Protocol):
    """What is known of n posts."""

    @property
    def actor_key(self) -> I64:
        """Who wrote them; 0: nobody knows."""
        ...

    @property
    def language(self) -> Codes:
        """Code of the language that each is surely in; 0 where it tells nothing, -1 where it was withdrawn."""
        ...

    @property
    def is_doubtful(self) -> Mask:
        """Which posts take their author's habit."""
        ...


class _Chunk(NamedTuple):
    """Rows of known authors that tell something or ask, and the cell of each author."""

    seqs: I64
    actors: I64
    language: Codes
    is_doubtful: Mask
    cells: I64


def code_of(language: str | None) -> int:
    """Return a language of two letters as a number, 0 for any other.

    Examples
    --------
    >>> language_of(code_of("nl")), code_of("und")
    ('nl', 0)
    """
    if language is None or len(language) != 2 or not language.isascii():
        return 0
    return ord(language[0]) << 8 | ord(language[1])


def language_of(code: int) -> str:
    """Return the language of a code."""
    return chr(code >> 8) + chr(code & 0xFF)


def languages_of(batch: pa.RecordBatch) -> tuple[Codes, Mask]:
    """Return for each row the code of the language that it is surely in (0: it tells nothing), and which are doubtful.

    Doubtful is what somebody said, and what is unsure: mixed, or too short. A long text in none of our languages is
    surely in another one, and what a channel claims of a long text holds.
    """
    column = batch.column("language").dictionary_encode()
    names = column.dictionary.to_pylist()
    places = column.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    codes = np.array([*map(code_of, names), 0], np.int16)[places]
    is_und = np.array([*(name == _UND for name in names), False])[places]
    p = batch.column("language_p").fill_null(-1.0).to_numpy(zero_copy_only=False)
    said = pc.and_(pc.is_in(batch.column("type"), _SAYS), pc.is_valid(batch.column("text_digest")))
    is_said = np.asarray(said.to_numpy(zero_copy_only=False) & (p >= 0))
    is_doubtful = is_said & (p < _SURE_P)
    is_settled = is_doubtful & np.where(is_und, p == 0, p == np.float32(_CLAIM_P))
    for row in np.flatnonzero(is_settled).tolist():
        is_settled[row] = _is_long(batch.column("text")[row].as_py())
    codes[is_settled & is_und] = _OTHER
    is_doubtful &= ~is_settled
    codes[~is_said | is_doubtful] = 0
    return codes, is_doubtful


def _is_long(text: str) -> bool:
    return len(_ASIDE.sub("", text)) >= _SHORT_CHARS


class Habits:
    """Remembers in which languages the authors of the last posts wrote, and which one each of them usually writes.

    The habit is the language of eight in ten of an author's last ten posts that told their language surely, at least
    five. It gives a language to posts that are too short or too mixed; those add nothing to a habit.

    Everything depends on offsets alone: a habit is the same however the rows come in batches, and after a restart.
    Memory: 42 bytes for each offset of the window, 22 MB at the most.

    Parameters
    ----------
    window : int
        How many offsets back a post may lie; at most 524,288 are remembered.

    Notes
    -----
    Posts of authors whose keys fall into one cell stand in one chain, newest first; a walk along it ends after
    64 posts. Cost: 0.4 us a post. Blind to: somebody who writes one language to some and another to others.

    Examples
    --------
    >>> class Given(NamedTuple):
    ...     actor_key: I64
    ...     language: Codes
    ...     is_doubtful: Mask
    >>> spoken = Given(np.full(6, 7), np.array([code_of("nl")] * 5 + [0], np.int16), np.arange(6) == 5)
    >>> [language_of(code) for code in Habits(window=1000).judge(np.arange(1, 7), spoken).tolist() if code]
    ['nl']
    """

    def __init__(self, window: int) -> None:
        self._window = min(window, _MOST_POSTS)
        self._span = max(1, min(_MOST_AT_ONCE, self._window // 4))
        self._bits = max(2 * self._window - 1, 1).bit_length()
        self._heads = np.zeros(1 << self._bits, np.int64)
        self._seqs = np.zeros(self._window, np.int64)
        self._actors = np.zeros(self._window, np.int64)
        self._before = np.zeros(self._window, np.int64)
        self._languages = np.zeros(self._window, np.int16)

    def judge(self, seqs: I64, numbers: Authored) -> Codes:
        """Return for each doubtful post the code of the language that its author usually writes, 0 if none; remember.

        Parameters
        ----------
        seqs : int64, shape (n,)
            Offsets from 1, ascending, higher than any before.
        numbers : Authored
            Their authors and languages.
        """
        usual = np.zeros(len(seqs), np.int16)
        for rows in self._chunks(seqs, numbers):
            chunk = self._chunk(seqs, numbers, rows)
            latest = self._remember(chunk)
            asks = np.flatnonzero(chunk.is_doubtful)
            usual[rows[asks]] = self._usual(chunk.seqs[asks], chunk.actors[asks], latest[asks])
        return usual

    def restore(self, seqs: I64, numbers: Authored) -> None:
        """Take up posts of before a restart, ascending."""
        for rows in self._chunks(seqs, numbers):
            self._remember(self._chunk(seqs, numbers, rows))

    def withdraw(self, seqs: I64) -> None:
        """Let posts that were deleted or edited tell nothing any more."""
        slots = seqs % self._window
        slots = slots[(self._seqs[slots] == seqs) & (self._languages[slots] != 0)]
        self._languages[slots] = WITHDRAWN

    def _chunks(self, seqs: I64, numbers: Authored) -> list[I64]:
        """Cut the rows that tell something or ask so that no row can push out what an earlier one still may reach."""
        rows = np.flatnonzero(((numbers.language != 0) | numbers.is_doubtful) & (numbers.actor_key != 0))
        if not len(rows):
            return []
        return np.split(rows, np.flatnonzero(np.diff(seqs[rows] // self._span)) + 1)

    def _chunk(self, seqs: I64, numbers: Authored, rows: I64) -> _Chunk:
        actors = numbers.actor_key[rows]
        cells = ((actors.view(np.uint64) * _SPREAD) >> np.uint64(64 - self._bits)).astype(np.int64)
        return _Chunk(seqs[rows], actors, numbers.language[rows], numbers.is_doubtful[rows], cells)

    def _remember(self, chunk: _Chunk) -> I64:
        """Put the rows that tell something into their chains; return for each row the latest before it in its chain."""
        tells = chunk.language != 0
        latest = _latest_before(chunk.cells, np.where(tells, chunk.seqs, 0), self._heads[chunk.cells])
        slots = chunk.seqs[tells] % self._window
        self._seqs[slots], self._actors[slots] = chunk.seqs[tells], chunk.actors[tells]
        self._before[slots], self._languages[slots] = latest[tells], chunk.language[tells]
        self._heads[chunk.cells[tells]] = chunk.seqs[tells]  # where two rows meet, numpy leaves the last: the latest
        return latest

    def _usual(self, seqs: I64, actors: I64, at: I64) -> Codes:
        """Return the habit of each author, as it stood at `seqs`; `at` is where the chain of each begins."""
        found = np.zeros((len(seqs), _LATEST), np.int16)
        n = np.zeros(len(seqs), np.int64)
        rows = np.arange(len(seqs))
        for _ in range(_MOST_STEPS):
            slots = at % self._window
            is_near = seqs[rows] - at < self._window - self._span
            stays = (at > 0) & (self._seqs[slots] == at) & is_near & (n[rows] < _LATEST)
            rows, slots = rows[stays], slots[stays]
            if not len(rows):
                break
            counts = (self._actors[slots] == actors[rows]) & (self._languages[slots] > 0)
            found[rows[counts], n[rows[counts]]] = self._languages[slots[counts]]
            n[rows[counts]] += 1
            at = self._before[slots]
        return _of_most(found, n)


def _latest_before(cells: I64, seqs: I64, heads: I64) -> I64:
    """Return for each row the last offset that is not 0 of a row before it in its cell, else the head of the cell."""
    order = np.argsort(cells, kind="stable")
    place = np.arange(len(order))
    begins = np.ones(len(order), np.bool_)
    begins[1:] = np.diff(cells[order]) != 0
    first = np.maximum.accumulate(np.where(begins, place, 0))
    last = np.full(len(order), -1)
    last[1:] = np.maximum.accumulate(np.where(seqs[order] != 0, place, -1))[:-1]
    latest = np.empty_like(seqs)
    latest[order] = np.where(last >= first, seqs[order][last], heads[order])
    return latest


def _of_most(found: Codes, n: I64) -> Codes:
    """Return the language of eight in ten of the n codes of each row; 0 where there is none, or n is under five."""
    inner = np.sort(found, axis=1)[np.arange(len(n)), _LATEST - 1 - n // 2]  # if one has most, it is in the middle
    alike = (found == inner[:, None]).sum(axis=1)
    return np.where((n >= _LEAST) & (5 * alike >= 4 * n) & (inner != _OTHER), inner, np.int16(0)).astype(np.int16)
