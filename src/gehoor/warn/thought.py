"""The thought that travels: the shortest wording that the posts of a cascade have in common."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

from gehoor.core.stopwords import STOPWORDS

__all__ = ["thought_of"]

_ASIDE = re.compile(r"^(?:RT|MT)\s+@?\S+\s*|https?://\S+|(?<!\w)@[\w.@-]+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MOST_TEXTS, _MOST_WORDS, _LONGEST = 200, 60, 8
_SHARED, _PLAIN = 0.5, 0.15
_RARE = 7.0  # what a word weighs that was never heard before: one in a thousand posts
_LOOSE = 4


def thought_of(texts: Sequence[str], usual: Mapping[str, float] | None = None) -> str:
    """Return the shortest wording that most of the texts share; empty where they share none.

    Runs of up to eight words that at least half of the texts have, weighed by how many have them and how much their
    words tell, without the stop words at their ends. Where no two words stand together so often, the few words that
    set these texts apart, with dots between. Any language; stop words of Dutch, English and their neighbours.

    Parameters
    ----------
    texts : sequence of str
        A sample; the first 200 are read.
    usual : mapping, optional
        In which share of all posts a (lower-case) word stands: a word that everybody uses tells little.

    Examples
    --------
    >>> thought_of(["Boycot de nieuwe app van Acme!", "Doe mee: boycot de nieuwe app", "Ik boycot de nieuwe app nu"])
    'Boycot de nieuwe app'
    """
    read = [_words(text) for text in texts[:_MOST_TEXTS]]
    read = [words for words in read if words]
    if len(read) < 2:
        return ""
    weights = _weights(read, usual or {})
    counts = Counter(run for words in read for run in _runs([word.lower() for word in words]))
    least = max(2.0, _SHARED * len(read))
    shared = {
        run: n for run, n in counts.items() if n >= least and run[0] not in STOPWORDS and run[-1] not in STOPWORDS
    }
    best = max(shared, key=lambda run: (shared[run] * sum(weights[word] for word in run), run), default=())
    if len(best) > 1:
        return _as_written(read, best)
    return " … ".join(_telling(read, weights, least))


def _words(text: str) -> list[str]:
    return _WORD.findall(_ASIDE.sub(" ", text))[:_MOST_WORDS]


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {
        tuple(words[start : start + length])
        for length in range(1, _LONGEST + 1)
        for start in range(len(words) - length + 1)
    }


def _weights(read: Sequence[Sequence[str]], usual: Mapping[str, float]) -> dict[str, float]:
    """Return how much each word tells: c-TF-IDF with what is usual as the other class."""
    found = {word.lower() for words in read for word in words}
    return {
        word: _PLAIN if word in STOPWORDS else max(_PLAIN, min(_RARE, -log(max(usual.get(word, 0.0), 1e-9))))
        for word in found
    }


def _as_written(read: Sequence[Sequence[str]], run: tuple[str, ...]) -> str:
    for words in read:
        low = [word.lower() for word in words]
        for start in range(len(low) - len(run) + 1):
            if tuple(low[start : start + len(run)]) == run:
                return " ".join(words[start : start + len(run)])
    return " ".join(run)


def _telling(read: Sequence[Sequence[str]], weights: Mapping[str, float], least: float) -> list[str]:
    """Return the words that most of them have, in the order of the first text that has them all, or most."""
    counts = Counter(word for words in read for word in {word.lower() for word in words})
    usable = [word for word, n in counts.items() if n >= least and word not in STOPWORDS and len(word) > 2]
    chosen = set(sorted(usable, key=lambda word: (-counts[word] * weights[word], word))[:_LOOSE])
    fullest = max(read, key=lambda words: len(chosen & {word.lower() for word in words}))
    return list(dict.fromkeys(word.lower() for word in fullest if word.lower() in chosen))
