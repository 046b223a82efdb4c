"""Whether a post sounds negative, neutral or positive: lexicons, emoji, negation, emphasis."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.base import Reason
from gehoor.understand.lexicon import BOOSTER, CONTRAST, DAMPER, NEGATOR, Lexicon, groups_of
from gehoor.understand.phrases import Matches

__all__ = ["LABELS", "Sentiment", "Valued"]

LABELS = ("negative", "neutral", "positive")

_REACH = 3  # words over which a negation or an intensifier works: Hutto and Gilbert 2014
_NEGATED, _BOOSTED, _DAMPED = -0.6, 1.3, 0.6
_BEFORE_BUT, _AFTER_BUT = 0.6, 1.2
_EXCLAIMED = 0.3
_MOST_EXCLAIMED = 4
_SATURATION = 15.0  # S / sqrt(S^2 + 15): VADER's, about 4 words to saturate
_SLOPE, _NEUTRAL = 5.0, 0.5

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_ENDS = np.isin(np.arange(256, dtype=np.uint8), np.frombuffer(b".!?;:,\n", np.uint8))
_EXCLAMATION = ord("!")


@dataclass(frozen=True, slots=True, eq=False)
class Valued:
    """What counts in a batch, words and phrases, shape (k,): text, place in `TextBatch.data`, first word, worth."""

    post: I64
    start: I64
    end: I64
    word: I64
    worth: F64


class Sentiment:
    """Scores each text by the words, idioms, emoticons and emoji in it, in the language that it is written in.

    Dutch: Pattern's adjectives and our own webcare words. English: VADER, then Pattern. German, French, Spanish: a
    small list each. Any language: emoji. A negation within three words in the same clause turns a word round, an
    intensifier strengthens it, and what comes after "but" counts more than what came before. Cost: 1.5 µs a post. Blind
    to: irony, and to who or what is meant.

    Sources: De Smedt and Daelemans 2012, "Vreselijk mooi!"; Hutto and Gilbert 2014, "VADER".

    Examples
    --------
    >>> sentiment = Sentiment(Settings())
    >>> texts = TextBatch.of(pa.array(["Fijn geholpen, dank je wel!", "Niet blij met jullie service", "Hoi", None]))
    >>> known = {"language": pa.array(["nl", "nl", "nl", "und"])}
    >>> sentiment.annotate(texts, known)["sentiment"].to_pylist()
    ['positive', 'negative', 'neutral', None]
    """

    name = "sentiment"
    columns: tuple[str, ...] = ("sentiment", "sentiment_p")

    def __init__(self, settings: Settings) -> None:
        self._lexicon = Lexicon.load()

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return `sentiment` and `sentiment_p`; null where there is no text."""
        valued = self.valued(texts, known["language"])
        score = np.bincount(valued.post, valued.worth, len(texts))
        p = _probabilities(score + _emphasis(texts) * np.sign(score))
        label = p.argmax(axis=1)
        missing = np.diff(texts.starts) < 2
        return {
            "sentiment": pa.array(LABELS, pa.string()).take(pa.array(label, mask=missing)),
            "sentiment_p": pa.array(p.max(axis=1).astype(np.float32), mask=missing),
        }

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Reason]]:
        """Return the words that counted, negated where they were, for and against the sentiment that was given."""
        valued = self.valued(texts, known["language"])
        labels = self.annotate(texts, known)["sentiment"].to_pylist()
        reasons: list[list[Reason]] = []
        for i, label in enumerate(labels):
            mine = np.flatnonzero((valued.post == i) & (valued.worth != 0))
            side = -1.0 if label == "negative" else 1.0
            mine = mine[np.argsort(-side * valued.worth[mine], kind="stable")]
            words = (texts.data[valued.start[j] : valued.end[j]].tobytes().decode() for j in mine)
            terms = tuple(zip(words, (side * valued.worth[mine]).round(2).tolist(), strict=True))
            reasons.append([Reason("sentiment", terms)] if terms else [])
        return reasons

    def valued(self, texts: TextBatch, language: pa.Array) -> Valued:
        """Return what counts, each thing with its worth in its context: below 0 negative, above 0 positive."""
        groups = groups_of(language)
        word, row = self._lexicon.find(texts)
        column = groups[texts.word_post[word]]
        roles = np.zeros(len(texts.words) + 2 * _REACH, np.uint8)  # with room on both sides: no borders to mind
        roles[word + _REACH] = self._lexicon.roles[row, column]
        worth = self._lexicon.scores[row, column]
        found = self._phrases(texts, groups)
        counts = (worth != 0) & ~_covered(texts.word_starts[word], found)
        counts &= ~_said_twice(texts, word) & ~_only_strengthens(texts, word, worth, self._lexicon.roles[row, column])
        word, worth = word[counts], worth[counts]
        valued = Valued(
            post=np.concatenate([texts.word_post[word], found.post]),
            start=np.concatenate([texts.word_starts[word], found.start]),
            end=np.concatenate([texts.word_ends[word], found.end]),
            word=np.concatenate([word, np.searchsorted(texts.word_starts, found.start)]),
            worth=np.concatenate([worth, self._lexicon.phrase_scores[found.phrase, groups[found.post]]]).astype(float),
        )
        valued.worth[:] *= _context(texts, valued, roles) * _contrast(texts, valued, roles)
        return valued

    def _phrases(self, texts: TextBatch, groups: I64) -> Matches:
        found = self._lexicon.phrases.find(texts)
        is_spoken = ~np.isnan(self._lexicon.phrase_scores[found.phrase, groups[found.post]])
        return found.where(is_spoken).outermost()


def _covered(start: I64, found: Matches) -> npt.NDArray[np.bool_]:
    """Tell which words stand in a phrase: its worth replaces theirs."""
    if not len(found.start):
        return np.zeros(len(start), np.bool_)
    last = np.searchsorted(found.start, start, side="right") - 1
    return np.asarray((last >= 0) & (start < found.end[last]))


def _said_twice(texts: TextBatch, word: I64) -> npt.NDArray[np.bool_]:
    """Tell which words directly follow the same word: ten hearts in a row are one heart."""
    return np.asarray((word > texts.first_word[texts.word_post[word]]) & (texts.words[word] == texts.words[word - 1]))


def _only_strengthens(
    texts: TextBatch, word: I64, worth: npt.NDArray[np.float32], roles: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Tell which words merely strengthen the valued word right after them: "vreselijk mooi" is praise."""
    is_next = np.zeros(len(word), np.bool_)
    is_next[:-1] = (word[1:] == word[:-1] + 1) & (worth[1:] != 0)
    is_next[:-1] &= texts.word_post[word[1:]] == texts.word_post[word[:-1]]
    return np.asarray(is_next & ((roles & BOOSTER) > 0))


def _context(texts: TextBatch, valued: Valued, roles: npt.NDArray[np.uint8]) -> F64:
    """Return what the words just before it make of each valued word, within its clause."""
    borders = np.flatnonzero(_ENDS[texts.data])
    clause = np.concatenate([[-1], borders])[np.searchsorted(borders, valued.start)]
    before = np.zeros(len(valued.word), np.uint8)
    starts = np.concatenate([np.full(_REACH, -1), texts.word_starts])
    for back in range(1, _REACH + 1):
        near = starts[valued.word - back + _REACH] > clause
        before |= np.where(near, roles[valued.word - back + _REACH], 0).astype(np.uint8)
    factor = np.where(before & NEGATOR, _NEGATED, 1.0)
    factor[(before & BOOSTER) > 0] *= _BOOSTED
    factor[(before & DAMPER) > 0] *= _DAMPED
    return factor


def _contrast(texts: TextBatch, valued: Valued, roles: npt.NDArray[np.uint8]) -> F64:
    """Return how much each valued word counts beside the last `but` of its text."""
    buts = np.flatnonzero(roles[_REACH : _REACH + len(texts.words)] & CONTRAST)
    last = np.full(len(texts), -1)
    last[texts.word_post[buts]] = buts  # ascending, so the last one stays
    mine = last[valued.post]
    return np.where(mine < 0, 1.0, np.where(valued.word < mine, _BEFORE_BUT, _AFTER_BUT))


def _emphasis(texts: TextBatch) -> F64:
    marks = np.flatnonzero(texts.data == _EXCLAMATION)
    counts = np.diff(np.searchsorted(marks, texts.starts))
    return _EXCLAIMED * np.minimum(counts, _MOST_EXCLAIMED)


def _probabilities(score: F64) -> F64:
    """Return P(negative), P(neutral), P(positive) for each total score."""
    size = score / np.sqrt(score * score + _SATURATION)
    up, down = np.exp(_SLOPE * size - _NEUTRAL), np.exp(-_SLOPE * size - _NEUTRAL)
    odds = np.stack([down, np.ones_like(size), up], axis=1)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
