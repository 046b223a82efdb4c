"""What single words and phrases are worth: the sentiment lexicons, looked up for a whole batch by word hash."""

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.text import TextBatch, hash_words
from gehoor.understand.phrases import Phrases, expand, normalised

__all__ = ["BOOSTER", "CONTRAST", "DAMPER", "LANGUAGES", "NEGATOR", "UNSURE", "Lexicon", "groups_of"]

LANGUAGES = ("nl", "en", "de", "fr", "es")
"""Languages with words of their own; each is a column of the tables."""

OTHER, UNSURE = len(LANGUAGES), len(LANGUAGES) + 1
"""The columns of any other language (emoji alone) and of texts whose language nobody knows."""

NEGATOR, BOOSTER, DAMPER, CONTRAST = 1, 2, 4, 8
_ROLES = {"negators": NEGATOR, "boosters": BOOSTER, "dampers": DAMPER, "contrast": CONTRAST}

_UNSURE_WEIGHT = 0.6
_FILTER_BITS = 18

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]


def groups_of(language: pa.Array) -> I64:
    """Return for each text the column of the tables that its language has."""
    codes = pc.index_in(language, value_set=pa.array([*LANGUAGES, "und"])).fill_null(-1).to_numpy()
    columns = np.array([*range(OTHER), UNSURE, OTHER])
    unknown = language.is_null().to_numpy(zero_copy_only=False)
    return np.where(unknown, UNSURE, columns[codes])


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Words and phrases with their worth in each language, -4 (very negative) to 4 (very positive).

    Attributes
    ----------
    scores : float32, shape (w, 7)
        Worth of each word in each language; 0 where it has none.
    roles : uint8, shape (w, 7)
        Bits: NEGATOR, BOOSTER, DAMPER, CONTRAST.
    phrases : Phrases
        Idioms and emoticons.
    phrase_scores : float32, shape (p, 7)
        Their worth; a phrase that is worth 0 hides the words that it is made of. NaN: no phrase of that language.
    """

    hashes: npt.NDArray[np.uint64]
    seen: npt.NDArray[np.bool_]
    scores: F32
    roles: U8
    phrases: Phrases
    phrase_scores: F32

    def find(self, texts: TextBatch) -> tuple[I64, I64]:
        """Return which words of the batch are in the lexicon, and their rows in `scores` and `roles`."""
        shift = np.uint64(64 - _FILTER_BITS)
        # the bits tell four words in five apart without a search
        word = np.flatnonzero(self.seen[texts.words >> shift])
        hashes = texts.words[word]
        row = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        hit = self.hashes[row] == hashes
        return word[hit], row[hit]

    @staticmethod
    @cache
    def load() -> "Lexicon":
        """Read the lexicon that gehoor carries; once a process."""
        own = tomllib.loads((files("gehoor.understand") / "data/sentiment.toml").read_text("utf-8"))
        scores, roles = _words(own)
        phrases, phrase_scores = _phrases(own)
        words = sorted(scores.keys() | roles.keys())
        hashes = hash_words(words)
        order = np.argsort(hashes)
        seen = np.zeros(1 << _FILTER_BITS, np.bool_)
        seen[hashes >> np.uint64(64 - _FILTER_BITS)] = True
        worth = np.array([scores[word] for word in words], np.float32)
        part = np.array([roles[word] for word in words], np.uint8)
        return Lexicon(hashes[order], seen, worth[order], part[order], phrases, phrase_scores)


def _columns(section: str) -> list[int]:
    return list(range(UNSURE + 1)) if section == "any" else [LANGUAGES.index(section)]


def _own_words(own: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    for section, table in own.items():
        for score, words in table.get("words", {}).items():
            yield from ((section, word, float(score)) for word in normalised(words.split()))


def _words(own: Mapping[str, Any]) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Fill a row of scores and one of roles for each word; our own entries win over the carried ones."""
    scores: dict[str, list[float]] = defaultdict(lambda: [0.0] * (UNSURE + 1))
    roles: dict[str, list[int]] = defaultdict(lambda: [0] * (UNSURE + 1))
    with (files("gehoor.understand") / "data/lexicon.csv").open("r", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    words = normalised(word for _, word, _ in rows)
    carried = [(row[0], word, float(row[2])) for row, word in zip(rows, words, strict=True)]
    for section, word, score in [*carried, *_own_words(own)]:
        for column in _columns(section):
            scores[word][column] = score
    for section, table in own.items():
        for name, role in _ROLES.items():
            for word in normalised(table.get(name, "").split()):
                for column in (*_columns(section), UNSURE):
                    roles[word][column] |= role
    for row in scores.values():
        known = [score for score in row[:OTHER] if score]
        row[UNSURE] = row[OTHER] or (_UNSURE_WEIGHT * sum(known) / len(known) if known else 0.0)
    return scores, roles


def _phrases(own: Mapping[str, Any]) -> tuple[Phrases, F32]:
    worth: dict[str, dict[int, float]] = defaultdict(dict)
    for section, table in own.items():
        for score, patterns in table.get("phrases", {}).items():
            for phrase in normalised(text for pattern in patterns for text in expand(pattern)):
                worth[phrase] |= dict.fromkeys(_columns(section), float(score))
                worth[phrase].setdefault(UNSURE, _UNSURE_WEIGHT * float(score))
    phrases = Phrases(worth)
    scores = [[worth[phrase].get(column, np.nan) for column in range(UNSURE + 1)] for phrase in phrases.phrases]
    return phrases, np.array(scores, np.float32)
