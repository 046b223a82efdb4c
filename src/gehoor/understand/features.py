"""The row that every head and the table read: hashed words, word pairs and pieces of words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gehoor.core.hashing import U64, finalise
from gehoor.core.text import TextBatch

__all__ = ["BUCKETS", "LONGEST", "SHORTEST", "Features", "features_of", "pair_hashes"]

BUCKETS = 1 << 17
"""Into so many buckets features are hashed; what shares one is told apart by its neighbours."""

SHORTEST, LONGEST = 3, 5  # characters of a piece: 2-5 and 3-4 are no better for their cost
_PAIR = np.uint64(0x9E3779B97F4A7C15)

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The features of n texts, each as the bucket that it falls into.

    Attributes
    ----------
    bucket : int32, shape (k,)
        Grouped by text; a feature that occurs twice stands there twice.
    first : int64, shape (n + 1,)
        Those of text i are `bucket[first[i] : first[i + 1]]`.
    """

    bucket: npt.NDArray[np.int32]
    first: I64

    def __len__(self) -> int:
        return len(self.first) - 1


def features_of(texts: TextBatch) -> Features:
    """Return the features of a batch: words, pairs of neighbouring words, and 3 to 5 characters inside a word.

    Each text stands alone: the same text has the same features, in the same order, in any batch. Cost: 5 us a post.

    Examples
    --------
    >>> import pyarrow as pa
    >>> features = features_of(TextBatch.of(pa.array(["niet ok", None])))
    >>> np.diff(features.first).tolist()  # niet, ok; niet ok; nie, iet, niet
    [6, 0]
    """
    grams, gram_post = texts.grams(SHORTEST, LONGEST)
    pairs, pair_post = _pairs(texts)
    hashes = np.concatenate([texts.words, pairs, grams])
    post = np.concatenate([texts.word_post, pair_post, gram_post])
    # numpy sorts numbers of 16 bits by radix: 20 times as fast as wider ones
    order = np.argsort(post.astype(np.uint16) if len(texts) < 1 << 16 else post, kind="stable")
    first = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.bincount(post, minlength=len(texts)), out=first[1:])
    return Features((hashes[order] & np.uint64(BUCKETS - 1)).astype(np.int32), first)


def pair_hashes(words: U64) -> U64:
    """Return a hash of each two neighbouring words, shape (n - 1,), from the hashes of n words."""
    return finalise(words[:-1] * _PAIR + words[1:])


def _pairs(texts: TextBatch) -> tuple[U64, I64]:
    """Return a hash of each two neighbouring words of a text, and which text it is."""
    is_same = texts.word_post[1:] == texts.word_post[:-1]
    return pair_hashes(texts.words)[is_same], texts.word_post[1:][is_same]
