"""Groups of words that tell what a post is about and how it is meant, counted in a whole batch at once."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.text import TextBatch, hash_words
from gehoor.understand.phrases import Matches, Phrases, expand, normalised

__all__ = ["GROUPS", "CueWords"]

GROUPS = (
    "delivery", "refund", "invoice", "payment", "outage", "product", "staff", "price", "app", "account",
    "cancellation", "contract", "booking", "information", "waiting", "safety", "privacy", "accessibility",
    "environment", "range", "design", "ease", "trust", "society",
    "anger", "worry", "disappointment", "joy", "gratitude", "thanks_ahead",
    "now", "deadline", "again", "stranded", "calm",
    "request", "asking", "wish", "leaving", "irony", "laughter", "resolved", "news", "lure", "money", "span",
    "me", "you", "they", "formal", "greeting", "negation", "but", "condition",
    "emoji_joy", "emoji_love", "emoji_anger", "emoji_sad", "emoji_fear", "emoji_thanks", "emoji_irony", "emoji_lure",
)  # fmt: skip
"""What the lists of `data/cues.toml` are about."""

_NL, _EN, _ELSE = 1, 2, 4
_SPOKEN = {"nl": _NL | _ELSE, "en": _EN | _ELSE, "any": _NL | _EN | _ELSE, "phrases": _NL | _EN | _ELSE}
"""In texts of which languages a list counts; what is neither Dutch nor English may be a mixture."""

_TOP = np.uint64(46)  # 2^18 flags tell nearly all other words apart without a search

I64 = npt.NDArray[np.int64]
Roles = dict[int, int]
"""Of which groups a word is, and in texts of which languages."""


class CueWords:
    """Some 4,000 words, beginnings of words and phrases, in groups: 2 us a post.

    Examples
    --------
    >>> texts = TextBatch.of(pa.array(["Mijn factuur is te hoog en de bezorger was boos", "Hi"]))
    >>> counts = CueWords.load().counts(texts, pa.array(["nl", "en"]))
    >>> [GROUPS[group] for group in np.flatnonzero(counts[0])]
    ['delivery', 'invoice', 'anger', 'me']
    """

    def __init__(self, words: Mapping[str, Roles], phrases: Phrases, roles: Mapping[str, Roles]) -> None:
        hashes = hash_words(list(words))
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._may_be = np.zeros(1 << (64 - int(_TOP)), np.bool_)
        self._may_be[hashes >> _TOP] = True
        self._phrases = phrases
        rows = [*words.values()]
        rows = [*(rows[i] for i in order), *(roles[phrase] for phrase in phrases.phrases)]
        self._first = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        self._group = np.array([group for row in rows for group in row], np.int64)
        self._spoken = np.array([spoken for row in rows for spoken in row.values()], np.int64)

    def counts(self, texts: TextBatch, language: pa.Array) -> I64:
        """Return how many words of each group stand in each text, shape (n, len(GROUPS))."""
        found = self.find(texts, language)
        cells = found.post * len(GROUPS) + found.phrase
        return np.bincount(cells, minlength=len(texts) * len(GROUPS)).reshape(-1, len(GROUPS))

    def find(self, texts: TextBatch, language: pa.Array) -> Matches:
        """Return each place that counts, in no order; its `phrase` is the index of its group."""
        word, row = self._words(texts)
        phrases = self._phrases.find(texts)
        row = np.concatenate([row, phrases.phrase + len(self._hashes)])
        post = np.concatenate([texts.word_post[word], phrases.post])
        start = np.concatenate([texts.word_starts[word], phrases.start])
        end = np.concatenate([texts.word_ends[word], phrases.end])
        times = self._first[row + 1] - self._first[row]
        place = np.repeat(np.arange(len(row)), times)
        entry = np.arange(len(place)) + np.repeat(self._first[row] - np.cumsum(times) + times, times)
        codes = pc.index_in(language, value_set=pa.array(["nl", "en"])).fill_null(2).to_numpy()
        is_spoken = (self._spoken[entry] >> codes[post[place]]) & 1 == 1
        place = place[is_spoken]
        return Matches(self._group[entry[is_spoken]], start[place], end[place], post[place])

    def _words(self, texts: TextBatch) -> tuple[I64, I64]:
        """Return which words of the batch are in the lists, and their rows."""
        word = np.flatnonzero(self._may_be[texts.words >> _TOP])
        hashes = texts.words[word]
        row = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        is_it = self._hashes[row] == hashes
        return word[is_it], row[is_it]

    @staticmethod
    @cache
    def load() -> "CueWords":
        """Read the lists that gehoor carries; once a process."""
        lists = tomllib.loads((files("gehoor.understand") / "data/cues.toml").read_text("utf-8"))
        words: dict[str, Roles] = defaultdict(dict)
        phrases: dict[str, Roles] = defaultdict(dict)
        stems: dict[str, Roles] = defaultdict(dict)
        for group, part in lists.items():
            for section, entries in part.items():
                written = [text for entry in _listed(entries) for text in expand(entry)]
                texts = normalised(text.removesuffix("*") for text in written)
                for text, given, is_word in zip(texts, written, _are_words(texts), strict=True):
                    kind = stems if given.endswith("*") else words if is_word else phrases
                    roles = kind[text]
                    roles[GROUPS.index(group)] = roles.get(GROUPS.index(group), 0) | _SPOKEN[section]
        for text in stems.keys() & phrases.keys():
            stems[text] |= phrases.pop(text)
        return CueWords(words, Phrases(phrases, stems), {**phrases, **stems})


def _listed(entries: str | list[str]) -> list[str]:
    return entries.split() if isinstance(entries, str) else entries


def _are_words(texts: list[str]) -> list[bool]:
    """Tell which texts are one whole word, or one emoji, as texts are cut into them."""
    batch = TextBatch.of(pa.array(texts, pa.string()))
    return [batch.words_of(i) == [text] for i, text in enumerate(texts)]
