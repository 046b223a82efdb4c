"""One 64-bit hash for words, n-grams and whole texts: any span of a batch by one subtraction.

A polynomial in an odd base, modulo 2^64, over the code points: with the prefix sums of a batch, the hash of a span is
`(prefix[end] - prefix[start]) / base^start`. Modulo 2^64 the lowest bits of a polynomial hardly depend on the high
bits of its characters, so a finaliser (that of splitmix64) mixes all bits before anybody takes a part of them.

Not for secrets: a stranger who works at it can make texts that collide for any base (Thue-Morse strings of more than
1,000 characters). All he gains is that his own posts are taken for copies of each other.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["U64", "finalise", "hash_runs", "hash_spans", "hash_words", "prefix_sums"]

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

_BASE = 0x9E6C63D0876A9A47  # odd, picked by chance
_INVERSE = pow(_BASE, -1, 1 << 64)
_KEPT = 1 << 21
"""Powers are kept for batches of up to so many characters (2 x 16 MB); for more they are made for the call."""


class _Powers:
    """Powers of an odd number modulo 2^64, kept and grown by doubling. The same whoever asks: a cache, no state."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.kept = np.ones(1, np.uint64)

    def upto(self, n: int) -> U64:
        """Return powers 0 to n - 1 at least."""
        powers = self.kept
        while len(powers) < n:
            step = np.uint64(pow(self.base, len(powers), 1 << 64))
            powers = np.concatenate([powers, powers * step])
        if len(powers) <= _KEPT:
            self.kept = powers
        return powers


_UP, _DOWN = _Powers(_BASE), _Powers(_INVERSE)


def finalise(values: U64) -> U64:
    """Mix all bits of each value: the finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def prefix_sums(points: npt.NDArray[np.uint32]) -> U64:
    """Return the prefix sums of n code points, shape (n + 1,): what `hash_spans` subtracts."""
    n = len(points)
    sums = np.zeros(n + 1, np.uint64)
    terms = points.astype(np.uint64)
    terms += np.uint64(1)
    terms *= _UP.upto(n)[:n]
    np.cumsum(terms, out=sums[1:])
    return sums


def hash_spans(prefix: U64, starts: I64, ends: I64) -> U64:
    """Return the hash of each span `points[start:end]`, wherever in the batch it stands."""
    return finalise((prefix[ends] - prefix[starts]) * _DOWN.upto(len(prefix))[starts])


def hash_words(words: Sequence[str]) -> U64:
    """Return the hashes of words as they stand in a normalised text, in the order given.

    Parameters
    ----------
    words : sequence of str
        Normalised (`core.text.normalise`): lower case, straight apostrophes, at most two of a letter in a row.

    Examples
    --------
    >>> from gehoor.core.text import TextBatch
    >>> import pyarrow as pa
    >>> bool((TextBatch.of(pa.array(["Niet OK!"])).words == hash_words(["niet", "ok"])).all())
    True
    """
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    ends = np.cumsum(lengths)
    points = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    return hash_spans(prefix_sums(points), ends - lengths, ends)


def hash_runs(points: npt.NDArray[np.uint32], n: int) -> U64:
    """Return the hash of every n code points in a row, shape (len(points) - n + 1,); without prefix sums, so cheaper.

    Not the hash of `hash_words`.
    """
    terms = points.astype(np.uint64)
    terms += np.uint64(1)
    m = max(len(points) - n + 1, 0)
    hashes = terms[:m].copy()
    for k in range(1, n):
        hashes *= np.uint64(_BASE)
        hashes += terms[k : k + m]
    return finalise(hashes)
