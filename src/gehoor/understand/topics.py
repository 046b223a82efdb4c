"""What a set of posts is about: up to eight topics, each the words that set its posts apart from the others."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from gehoor.core.stopwords import STOPWORDS
from gehoor.core.text import TextBatch

__all__ = ["Background", "Topic", "topics_of"]

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_MOST_TOPICS, _MOST_TERMS = 8, 4
_LEAST_POSTS, _LEAST_SHARE = 3, 0.005
_CANDIDATES = 800
_LEAST_CHARS = 3
_TOGETHER = 0.12  # of a topic's posts: a word in fewer says little about it
_ANYWAY = 0.3  # what a word weighs that is no more frequent than before, beside one bit a doubling
_FRESH = 0.4  # of its posts must lie outside of the topics before it


class Topic(msgspec.Struct, frozen=True):
    """One subject: its words, the leading one first, and the posts in which that word stands."""

    terms: tuple[str, ...]
    posts: tuple[int, ...]


@dataclass(frozen=True)
class Background:
    """What was said before: in how many of `n` posts each of some words stood.

    Parameters
    ----------
    n : int
        Posts; 0 is nothing known.
    count : callable
        Takes words, returns in how many posts each of them stood; missing is none.
    """

    n: int = 0
    count: Callable[[Sequence[str]], Mapping[str, int]] = lambda _words: {}


@dataclass(frozen=True)
class _Words:
    """Which words stand in which of n posts: word j in `posts[first[j] : first[j + 1]]`, in order."""

    names: list[str]
    posts: I64
    first: I64
    n: int

    @property
    def counts(self) -> I64:
        """In how many posts each word stands."""
        return np.diff(self.first)

    def of(self, j: int) -> I64:
        """The posts of a word."""
        return self.posts[self.first[j] : self.first[j + 1]]

    def within(self, mask: npt.NDArray[np.bool_]) -> I64:
        """In how many of the posts of a mask each word stands."""
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(mask[self.posts])])
        return np.asarray(sums[self.first[1:]] - sums[self.first[:-1]])


def topics_of(
    texts: TextBatch, background: Background | None = None, ignore: Collection[str] = (), most: int = _MOST_TOPICS
) -> list[Topic]:
    """Return the topics of these texts, largest first; equal ones by their words.

    A word leads a topic when it stands in many posts, and in more than what was said before makes likely. The posts
    in which it stands are the topic's class, and its other words are those of the highest class-based TF-IDF
    (Grootendorst 2022, "BERTopic"): frequent in the class, rare outside of it. Function words of nl, en, de, fr and
    es lead nothing and describe nothing. Cost: 8 us a post.

    Parameters
    ----------
    texts : TextBatch
        n posts; some thousands.
    background : Background, optional
        What was said before; without it, frequent words lead.
    ignore : collection of str
        Words that everything here is about, such as the brand's own name, normalised.
    most : int
        Topics at most.

    Returns
    -------
    list of Topic
        Each with one to four terms. Empty where no three posts share a word. Blind to: subjects that are said in ever
        other words.

    Examples
    --------
    >>> import pyarrow as pa
    >>> posts = ["koffer kwijt op schiphol", "mijn koffer is kwijt", "waar is de koffer", "app laadt", "de app!", "app"]
    >>> [(topic.terms, len(topic.posts)) for topic in topics_of(TextBatch.of(pa.array(posts)))]
    [(('app',), 3), (('koffer', 'kwijt'), 3)]
    """
    words = _words_of(texts, frozenset(ignore))
    leads = _leads(words, _weights(words, background or Background()), most)
    topics = [Topic(_terms(words, lead), tuple(words.of(lead).tolist())) for lead in leads]
    return sorted(topics, key=lambda topic: (-len(topic.posts), topic.terms))


def _words_of(texts: TextBatch, ignore: frozenset[str]) -> _Words:
    """Return the telling words that stand in two posts or more, most frequent first."""
    kept = np.flatnonzero(texts.word_ends - texts.word_starts >= _LEAST_CHARS)
    order = kept[np.lexsort((texts.word_post[kept], texts.words[kept]))]
    hashes, posts = texts.words[order], texts.word_post[order]
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (hashes[1:] != hashes[:-1]) | (posts[1:] != posts[:-1])
    order, hashes, posts = order[is_new], hashes[is_new], posts[is_new]
    _, starts = np.unique(hashes, return_index=True)
    counts = np.diff(np.append(starts, len(order)))
    frequent = np.argsort(-counts, kind="stable")
    found: dict[str, I64] = {}
    for at in frequent[counts[frequent] > 1].tolist():
        name = texts.word(int(order[starts[at]]))
        if len(found) < _CANDIDATES and _tells(name) and name not in ignore:
            found[name] = posts[starts[at] : starts[at] + counts[at]]
    first = np.cumsum([0, *map(len, found.values())])
    return _Words([*found], np.concatenate([np.zeros(0, np.int64), *found.values()]), first, len(texts))


def _tells(word: str) -> bool:
    return word[0].isalpha() and word not in STOPWORDS


def _weights(words: _Words, background: Background) -> F64:
    """Return what each word is worth in a post: how much more frequent it is than before, in doublings."""
    before = background.count(words.names) if background.n else {}
    if not before:
        return np.ones(len(words.names))
    was = (np.array([before.get(name, 0) for name in words.names]) + 0.5) / (background.n + 1)
    now = (words.counts + 0.5) / (words.n + 1)
    return np.asarray(_ANYWAY + np.maximum(0.0, np.log2(now / was)))


def _leads(words: _Words, weights: F64, most: int) -> list[int]:
    """Return the words that lead: each time the one that is worth most in posts that no earlier one covers."""
    least = max(_LEAST_POSTS, _LEAST_SHARE * words.n)
    is_free = np.ones(words.n, np.bool_)
    leads: list[int] = []
    while len(leads) < most:
        fresh = words.within(is_free)
        is_own = (fresh >= least) & (fresh >= _FRESH * words.counts)
        if not is_own.any():
            break
        leads.append(int(np.argmax(np.where(is_own, fresh * weights, -1.0))))
        is_free[words.of(leads[-1])] = False
    return leads


def _terms(words: _Words, lead: int) -> tuple[str, ...]:
    """Return the leading word and what sets its posts apart."""
    in_class = np.zeros(words.n, np.bool_)
    in_class[words.of(lead)] = True
    inside = words.within(in_class)
    worth = inside * np.log1p(words.n / words.counts)
    worth[inside < max(2.0, _TOGETHER * words.counts[lead])] = 0.0
    worth[lead] = np.inf
    order = sorted(np.flatnonzero(worth).tolist(), key=lambda j: (-worth[j], words.names[j]))
    return tuple(words.names[j] for j in order[:_MOST_TERMS])
