"""The words of spammers, looked for in a whole batch at once: up to four words in a row, by their hashes."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.hashing import U64, finalise, hash_words
from gehoor.core.text import TextBatch

__all__ = ["Found", "SpamTerms", "is_number"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_NUMBER = "<n>"
_LONG = 5
_MOST_WORDS = 4
_FILTER_BITS = 18
_STEP = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where terms stand: one row a post and term, however often it stands there.

    Attributes
    ----------
    post, term : int64, shape (k,)
        Index of the text, and of the term in `SpamTerms.terms`; in order of post.
    worth : float64, shape (k,)
        What the term weighs.
    """

    post: I64
    term: I64
    worth: F64


def is_number(texts: TextBatch) -> Mask:
    """Tell which words of a batch are numbers of five digits or more; a phone number, an account."""
    if not len(texts.words):
        return np.zeros(0, np.bool_)
    first, last = texts.data[texts.word_starts], texts.data[texts.word_ends - 1]
    is_long = texts.word_ends - texts.word_starts >= _LONG
    return np.asarray(is_long & (first >= ord("0")) & (first <= ord("9")) & (last >= ord("0")) & (last <= ord("9")))


def _runs(hashes: U64, n: int) -> U64:
    """Return the hash of each n words in a row."""
    total = hashes[: max(0, len(hashes) - n + 1)].copy()
    for k in range(1, n):
        total *= _STEP
        total += hashes[k : k + len(total)]
    return finalise(total)


@dataclass(frozen=True, slots=True, eq=False)
class SpamTerms:
    """The terms that gehoor carries (`data/spam.toml`).

    Attributes
    ----------
    terms : list of str
        As they stand in a normalised text.

    Notes
    -----
    Cost: 0.6 us a post. A bit table tells 99 words in 100 apart without a search.
    """

    terms: list[str]
    _worth: F64
    _hashes: U64
    _rows: I64
    _seen: Mask

    @staticmethod
    @cache
    def load() -> "SpamTerms":
        """Read the terms; once a process."""
        worth = dict(_weighed())
        terms = list(worth)
        batch = TextBatch.of(pa.array([term.replace(_NUMBER, " 0 ") for term in terms], pa.string()))
        hashes = np.zeros(len(terms), np.uint64)
        for row, term in enumerate(terms):
            words = batch.words[batch.first_word[row] : batch.first_word[row + 1]].copy()
            if _NUMBER in term:
                words[[word == "0" for word in batch.words_of(row)]] = _hash_of_number()
            if 0 < len(words) <= _MOST_WORDS:
                hashes[row] = _runs(words, len(words))[0]
        order = np.argsort(hashes)
        seen = np.zeros(1 << _FILTER_BITS, np.bool_)
        seen[hashes >> np.uint64(64 - _FILTER_BITS)] = True
        return SpamTerms(terms, np.array([*worth.values()]), hashes[order], order, seen)

    def find(self, texts: TextBatch) -> Found:
        """Return which terms stand in which texts."""
        words = np.where(is_number(texts), _hash_of_number(), texts.words)
        posts, rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for n in range(1, _MOST_WORDS + 1):
            runs = _runs(words, n)
            at = np.flatnonzero(self._seen[runs >> np.uint64(64 - _FILTER_BITS)])
            at = at[texts.word_post[at] == texts.word_post[at + n - 1]]
            place = np.minimum(np.searchsorted(self._hashes, runs[at]), len(self._hashes) - 1)
            hit = self._hashes[place] == runs[at]
            posts.append(texts.word_post[at[hit]])
            rows.append(self._rows[place[hit]])
        pairs = np.unique(np.concatenate(posts) * len(self.terms) + np.concatenate(rows))
        post, term = np.divmod(pairs, len(self.terms))
        return Found(post, term, self._worth[term])


def _hash_of_number() -> np.uint64:
    return np.uint64(hash_words([_NUMBER])[0])


def _weighed() -> Iterator[tuple[str, float]]:
    """Yield each term with its weight; one that stands in two lists has the greater."""
    tables = tomllib.loads((files("gehoor.sift") / "data/spam.toml").read_text("utf-8"))
    pairs = ((term, float(weight)) for table in tables.values() for weight, terms in table.items() for term in terms)
    yield from sorted(pairs, key=lambda pair: pair[1])
