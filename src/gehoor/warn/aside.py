"""Another matter, while a burst lasts: a word that is suddenly everywhere, in posts that say nothing of the first."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain, pairwise
from math import log, log10

import msgspec
import numpy as np
import pyarrow as pa

from gehoor.core.clock import SECOND_US
from gehoor.core.post import Post
from gehoor.core.stopwords import STOPWORDS
from gehoor.core.text import TextBatch
from gehoor.core.words import buckets_of_words
from gehoor.warn.noise import surprise

__all__ = ["Aside", "aside_of"]

_LEAST_POSTS, _LEAST_PEOPLE, _LEAST_BEFORE = 10, 8, 20
_LOOKS_A_WEEK = 400.0
"""How often a week somebody looks, at two windows, if bursts last an hour or two of it."""

_DISPERSION = np.array([0.3])  # a word comes in clumps: as `terms` has it
_CORE_SHARE, _CORE, _MOST_SHARED = 0.08, 12, 0.34


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """What another matter is known by: its word and that word's bucket.

    Attributes
    ----------
    score : float
        -log10 of how many such a week come by chance, over all words.
    began_at : int
        Its first post in the window, seconds since 1970.
    normal : float
        Posts with that word which were to be expected in ten seconds.
    """

    word: str
    bucket: int
    score: float
    began_at: int
    normal: float


def aside_of(
    before: Sequence[Post], recent: Sequence[Post], own: Collection[str], normal: float, threshold: float
) -> Aside | None:
    """Return another matter that came up of late in a burst; None where there is none.

    It takes ten posts by eight people with one word, as many as all posts of the brand on an ordinary day; more than
    the burst itself lets expect, be it by the share of its posts or by the minute; and two in three of them have none
    of the words that the burst was about until then. What somebody asks next about the same matter is no other.

    Parameters
    ----------
    before, recent : sequence of Post
        What was said in the burst, or shortly before it: until a moment a few minutes ago, and since.
    own : collection of str
        Words of the brand, which tell nothing.
    normal : float
        Posts of the brand in an ordinary minute.
    threshold : float
        How strong a score must be.
    """
    if len(before) < _LEAST_BEFORE or len(recent) < _LEAST_POSTS:
        return None
    old, new = _words(before, own), _words(recent, own)
    counts, known = Counter(chain.from_iterable(new)), Counter(chain.from_iterable(old))
    window_s, span_s = _span_s(recent[0], recent[-1]), _span_s(before[0], recent[0])
    least = max(_LEAST_POSTS, normal * window_s / 60)
    often = max(len(recent) / (len(before) + 1), window_s / max(window_s, span_s))
    core = {word for word, n in known.most_common(_CORE) if n >= _CORE_SHARE * len(before)}
    found = []
    for word, n in counts.items():
        if n < least or word in core:
            continue
        expected = (known[word] + 0.5) * often
        score = _score(n, expected, len(counts))
        mine = [place for place, words in enumerate(new) if word in words]
        people = {recent[place].actor or recent[place].id for place in mine}
        shared = sum(bool(core & new[place]) for place in mine)
        if score >= threshold and len(people) >= _LEAST_PEOPLE and shared <= _MOST_SHARED * n:
            found.append((score, word, mine[0], expected))
    if not found:
        return None
    score, word, first, expected = max(found)
    return Aside(
        word=word, bucket=buckets_of_words([word])[0], score=score, normal=expected * 10 / window_s,
        began_at=recent[first].event_at // SECOND_US,
    )  # fmt: skip


def _span_s(first: Post, last: Post) -> float:
    return max(1.0, (last.event_at - first.event_at) / SECOND_US)


def _score(n: int, expected: float, n_words: int) -> float:
    if n <= expected:
        return -9.0
    strange = float(surprise(np.array([float(n)]), np.array([expected]), _DISPERSION)[0])
    return strange / log(10) - log10(n_words * _LOOKS_A_WEEK)


def _words(posts: Sequence[Post], own: Collection[str]) -> list[set[str]]:
    """Return the telling words of each post; each different word is read once, as most are said again and again."""
    texts = TextBatch.of(pa.array([post.text for post in posts], pa.string()))
    _, first, codes = np.unique(texts.words, return_index=True, return_inverse=True)
    words = map(texts.word, first.tolist())
    told = [word if _tells(word) and word not in own else "" for word in words]
    said = [told[code] for code in codes.tolist()]
    edges = texts.first_word.tolist()
    return [{word for word in said[begin:end] if word} for begin, end in pairwise(edges)]


def _tells(word: str) -> bool:
    return len(word) > 3 and word[0].isalpha() and word not in STOPWORDS
