"""What a topic is called: three to five words of its own language, and the post that says most of it."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from gehoor.core.stopwords import STOPWORDS
from gehoor.core.text import TextBatch

__all__ = ["TopicName", "name_topic"]

_LEAST_CHARS, _LEAST_WORDS, _MOST_WORDS = 3, 3, 5
_TOGETHER = 0.5  # of the rarer word's posts: two words that stand side by side in so many are said as one
_OFTEN = 0.15  # of the posts: rarer words name nothing


class TopicName(NamedTuple):
    """The words, those that belong together with a blank between, and which of the posts says most of them."""

    name: str
    telling: int


def name_topic(texts: Sequence[str], background: Callable[[Sequence[str]], Sequence[float]]) -> TopicName:
    """Name a topic after some of its posts.

    A word counts by its share of these posts and by how much more frequent it is than in all posts: class-based TF-IDF
    (Grootendorst 2022, "BERTopic"). Two words that nearly always stand side by side count as one. Words of the
    topic's posts only, so its language is theirs.

    Parameters
    ----------
    texts : sequence of str
        Some of its posts, at most some dozens; at least one.
    background : callable
        Takes words, normalised, and returns which share of all that was said each of them is.

    Returns
    -------
    TopicName
        Three to five words where the posts have as many; an empty name where they have none.

    Examples
    --------
    >>> posts = ["mijn koffer is kwijt op Schiphol", "koffer kwijt, al drie dagen", "koffer kwijt op schiphol!"]
    >>> name_topic(posts, lambda words: [0.001] * len(words))
    TopicName(name='koffer kwijt, schiphol', telling=2)
    """
    said = TextBatch.of(pa.array(texts, pa.string()))
    words = [said.words_of(i) for i in range(len(said))]
    counts = Counter(word for own in words for word in dict.fromkeys(own) if _tells(word))
    names = sorted(counts)
    rare = dict(zip(names, background(names), strict=True))
    n = len(texts)
    worth = {word: counts[word] / n * math.log(1 + counts[word] / n / (10 * rare[word])) for word in names}
    pairs = Counter(pair for own in words for pair in dict.fromkeys(pairwise(own)))
    name = _chosen(worth, counts, pairs, n)
    return TopicName(name, _telling(words, worth))


def _tells(word: str) -> bool:
    return len(word) >= _LEAST_CHARS and word[0].isalpha() and word not in STOPWORDS


def _chosen(worth: dict[str, float], counts: Counter[str], pairs: Counter[tuple[str, str]], n: int) -> str:
    """Return the words worth most, each with the neighbour that it is nearly always said with."""
    best = sorted(worth, key=lambda word: (-worth[word], word))
    often = [word for word in best if counts[word] >= max(2, _OFTEN * n)]
    parts: list[str] = []
    used: set[str] = set()
    for word in often if len(often) >= _LEAST_WORDS else best:
        part = [one for one in _with_neighbour(word, worth, counts, pairs) if one not in used]
        if word in used or len(used) + len(part) > _MOST_WORDS:
            continue
        parts.append(" ".join(part))
        used |= set(part)
        if len(used) >= _LEAST_WORDS:
            break
    return ", ".join(parts)


def _with_neighbour(
    word: str, worth: dict[str, float], counts: Counter[str], pairs: Counter[tuple[str, str]]
) -> tuple[str, ...]:
    found = [
        (times, pair)
        for pair, times in pairs.items()
        if word in pair
        and pair[0] != pair[1]
        and all(one in worth for one in pair)
        and times >= max(2.0, _TOGETHER * min(counts[pair[0]], counts[pair[1]]))
    ]
    return min(found, key=lambda one: (-one[0], one[1]))[1] if found else (word,)


def _telling(words: Sequence[Sequence[str]], worth: dict[str, float]) -> int:
    """Return the post that says most of what counts in fewest words; of equals the earliest."""

    def says(own: Sequence[str]) -> float:
        return sum(worth.get(word, 0.0) for word in set(own)) / math.sqrt(len(own) + 4)

    return max(range(len(words)), key=lambda i: (says(words[i]), -i))
