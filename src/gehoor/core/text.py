"""The one shared feature pass over texts: normalised once, cut into words once, hashed once, for every row stage.

Everything is done for a whole batch in numpy, and yet each row stands alone: the same text gives the same features
in any batch, order, process or machine.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.hashing import U64, hash_runs, hash_spans, hash_words, prefix_sums
from gehoor.core.normalising import NONE, ONE, READ_CHARS, URL, Bits, Points, clean

__all__ = ["READ_CHARS", "URL", "TextBatch", "hash_words", "normalise"]

I64 = npt.NDArray[np.int64]

_NL, _HASH = map(ord, "\n#")


@dataclass(frozen=True, slots=True, eq=False)
class TextBatch:
    """n texts, normalised, and their words.

    Normalised: HTML entities read, NFKC, case folded, any URL one word `<url>`, straight apostrophes, three or more of
    a letter in a row two, no control, zero-width, bidi, skin tone or variation characters, single blanks. A word is a
    run of letters, digits and `_`, with apostrophes inside (don't, foto's) and its leading @ or #; a tag is followed
    by itself without the sign, so that #klm is klm too; each emoji is a word. Of a very long text the first
    `READ_CHARS` characters are read. A missing text has no words.

    Attributes
    ----------
    raw : pyarrow.StringArray, shape (n,)
        The texts as given, nulls included.
    data : uint8, shape (bytes,)
        Normalised UTF-8 of all texts, each followed by one newline; there is no other newline in it.
    starts : int64, shape (n + 1,)
        Text i is `data[starts[i] : starts[i + 1] - 1]`.
    words : uint64, shape (m,)
        Hash of each word, as from `hash_words`.
    word_starts, word_ends : int64, shape (m,)
        Where each word stands in `data`.
    word_post : int64, shape (m,)
        Which text it stands in.
    first_word : int64, shape (n + 1,)
        The words of text i are `first_word[i]` to `first_word[i + 1]`.

    Notes
    -----
    Cost: 5-6 µs of CPU a post of 100 characters, in batches of 1,024 and more. Blind to: words of scripts that
    put no blanks between them (a run is one word; n-grams see inside), `bit.ly/x` without http or www.

    Examples
    --------
    >>> batch = TextBatch.of(pa.array(["Nooooit meer!! 😡 http://t.co/x #KLM", None]))
    >>> batch.normalised(0)
    'nooit meer!! 😡 <url> #klm'
    >>> batch.words_of(0)
    ['nooit', 'meer', '😡', '<url>', '#klm', 'klm']
    """

    raw: pa.StringArray
    data: Bits
    starts: I64
    words: U64
    word_starts: I64
    word_ends: I64
    word_post: I64
    first_word: I64
    _prefix: U64
    _whole: Points
    _whole_edges: I64
    _word_points: I64
    _word_point_ends: I64

    @classmethod
    def of(cls, texts: pa.StringArray) -> Self:
        """Normalise and cut a batch of texts; nulls are texts without words."""
        whole, points, kinds = clean(texts)
        edges = _edges(points)
        word_starts, word_ends = _spans(points, kinds)
        first_word = np.searchsorted(word_starts, edges)
        prefix = prefix_sums(points)
        data, offsets = _encode(points)
        return cls(
            raw=texts,
            data=data,
            starts=offsets[edges],
            words=hash_spans(prefix, word_starts, word_ends),
            word_starts=offsets[word_starts],
            word_ends=offsets[word_ends],
            word_post=np.repeat(np.arange(len(texts)), np.diff(first_word)),
            first_word=first_word,
            _prefix=prefix,
            _whole=whole,
            _whole_edges=_edges(whole),
            _word_points=word_starts,
            _word_point_ends=word_ends,
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    def normalised(self, i: int) -> str:
        """Return text i, normalised; empty where it is missing."""
        return self.data[self.starts[i] : self.starts[i + 1] - 1].tobytes().decode()

    def word(self, j: int) -> str:
        """Return word j of the batch, as it stands in the normalised text."""
        return self.data[self.word_starts[j] : self.word_ends[j]].tobytes().decode()

    def words_of(self, i: int) -> list[str]:
        """Return the words of text i, in order."""
        return [self.word(j) for j in range(self.first_word[i], self.first_word[i + 1])]

    def grams(self, low: int, high: int) -> tuple[U64, I64]:
        """Return every run of `low` to `high` characters inside a word, with the text that it stands in.

        Returns
        -------
        hashes : uint64, shape (k,)
            Ordered by length, then by place; repeats stay.
        post : int64, shape (k,)
            Index of the text.
        """
        words = np.flatnonzero(~self.is_again())
        hashes, index = self.pieces(words, low, high)
        return hashes, self.word_post[words[index]]

    def is_again(self) -> npt.NDArray[np.bool_]:
        """Tell which words follow as themselves the tag in which they stand: their characters were there before."""
        is_again = np.zeros(len(self.words), np.bool_)
        is_again[1:] = self._word_points[1:] < self._word_point_ends[:-1]
        return is_again

    def pieces(self, words: I64, low: int, high: int) -> tuple[U64, I64]:
        """Return every run of `low` to `high` characters inside some words, shape (m,), with its index in `words`.

        Ordered by length, then by place.
        """
        starts, ends = self._word_points[words], self._word_point_ends[words]
        hashes, owners = [], []
        for n in range(low, high + 1):
            counts = np.maximum(ends - starts - n + 1, 0)
            at = np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
            hashes.append(hash_spans(self._prefix, at, at + n))
            owners.append(np.repeat(np.arange(len(words)), counts))
        return np.concatenate(hashes), np.concatenate(owners)

    def windows(self, n: int) -> tuple[U64, I64]:
        """Return every run of n characters of each whole text: blanks, signs and URLs included, as near copies share.

        Returns
        -------
        hashes : uint64, shape (k,)
            In order of the texts; repeats stay.
        first : int64, shape (len(self) + 1,)
            The runs of text i are `hashes[first[i] : first[i + 1]]`; none where it is shorter than n.
        """
        edges = self._whole_edges
        first = np.zeros(len(self) + 1, np.int64)
        np.cumsum(np.maximum(np.diff(edges) - n, 0), out=first[1:])
        hashes = hash_runs(self._whole, n)
        is_inside = np.ones(len(hashes), np.bool_)
        for k in range(n):  # a run may not reach the newline that ends its text
            at = np.maximum(edges[1:] - 1 - k, 0)
            is_inside[at[at < len(hashes)]] = False
        return hashes[is_inside], first

    def digests(self) -> tuple[U64, npt.NDArray[np.bool_]]:
        """Return a hash of each whole text, shape (n,), URLs included, and which texts have any character."""
        edges = self._whole_edges
        starts, ends = edges[:-1], edges[1:] - 1
        return hash_spans(prefix_sums(self._whole), starts, ends), starts < ends


def normalise(text: str) -> str:
    """Return one text as `TextBatch` normalises it; for a few words or phrases, not for the stream.

    Examples
    --------
    >>> normalise("Dat’s  TOPPPP &amp; klaar")
    "dat's topp & klaar"
    """
    return TextBatch.of(pa.array([text], pa.string())).normalised(0)


def _edges(points: Points) -> I64:
    """Return where each text begins, and where the last one ends."""
    ends = np.flatnonzero(points == _NL)
    return np.concatenate([np.zeros(1, np.int64), ends + 1])


def _spans(points: Points, kinds: Bits) -> tuple[I64, I64]:
    """Return where each word begins and ends; a tag is followed by itself without its sign."""
    is_border = np.ones(len(kinds) + 1, np.bool_)
    is_border[1:-1] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == ONE)
    starts = np.flatnonzero(is_border[:-1] & (kinds != NONE))
    ends = np.flatnonzero(is_border[1:] & (kinds != NONE)) + 1
    times = 1 + (points[starts] == _HASH).astype(np.int64)
    again = np.cumsum(times)[times == 2] - 1
    starts, ends = np.repeat(starts, times), np.repeat(ends, times)
    starts[again] += 1
    return starts, ends


def _encode(points: Points) -> tuple[Bits, I64]:
    """Return the points as UTF-8, and where in it each of them begins."""
    offsets = np.arange(len(points) + 1)
    if not len(points) or points.max() < 0x80:
        return points.astype(np.uint8), offsets
    for least in (0x80, 0x800, 0x10000):
        offsets[1:] += np.cumsum(points >= least)
    return np.frombuffer(points.tobytes().decode("utf-32-le").encode(), np.uint8), offsets
