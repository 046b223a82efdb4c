"""Cues: what a reader who knows no grammar sees in a post, as a few small integers for all heads."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.settings import Settings
from gehoor.core.text import URL, TextBatch, hash_words
from gehoor.understand.cue_words import GROUPS, CueWords
from gehoor.understand.intent import LABELS as INTENTS
from gehoor.understand.intent import Intent
from gehoor.understand.sentiment import Sentiment

__all__ = ["MOST", "NAMES", "N_CUES", "Cues"]

_TONE = (
    "good", "bad", "best", "worst", "good_end", "bad_end", "good_start", "bad_start", "tone_up", "tone_down",
    "good_and_bad", "bad_and_asked", "bad_and_thanks",
)  # fmt: skip
_SAID = tuple(f"said_{intent}" for intent in INTENTS[:-1])
_SIGNS = ("question_marks", "exclamation_marks", "ellipsis", "quotes", "percent", "asked_at_end", "asked_and_shouted")
_WRITTEN = dict(zip(_SIGNS, ("?", "!", "...", '"', "%", "?", "?!"), strict=True))
_SHAPE = (
    "capitals", "shouted_words", "lines", "links", "mentions", "begins_with_mention", "tags", "numbers",
    "long_numbers", "words", "at_most_3", "at_most_8", "at_most_16", "over_40", "over_80",
)  # fmt: skip
_SPOKEN = ("nl", "en", "other_language")

NAMES = (*_TONE, *_SAID, *_SIGNS, *_SHAPE, *_SPOKEN, *GROUPS)
"""What each column of the cues is about."""

N_CUES = len(NAMES)

MOST = 127
"""No cue is larger: what is multiplied with them stays exact in float32."""

_SIZES = np.array([0, 16, 24, 32], np.int16)  # once, twice, more often: it hardly grows
_TRUE = 16
_STEP = 8.0  # of tone and of phrases, a unit
_SATURATION = 15.0

I16 = npt.NDArray[np.int16]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_URL = hash_words([URL])[0]
_CLASSES = b'?!."%'
_QUESTION, _EXCLAMATION, _DOT, _QUOTE, _PERCENT = range(5)
_CLASS = np.full(256, -1, np.int8)
_CLASS[np.frombuffer(_CLASSES, np.uint8)] = np.arange(len(_CLASSES))


class Cues:
    """Counts what is written rather than what it is made of: tone, phrases, signs, shape, groups of words.

    Each column of `NAMES` is an integer from 0 to `MOST`, so that a head's product with them is exact in any order.
    Cost: 7 us a post, of which tone and phrases take half.

    Examples
    --------
    >>> texts = TextBatch.of(pa.array(["WAAR BLIJFT mijn pakket???", None]))
    >>> cues = Cues().of(texts, {"language": pa.array(["nl", "und"])})
    >>> seen = {name: int(cue) for name, cue in zip(NAMES, cues[0], strict=True) if cue}
    >>> [seen[name] for name in ("bad", "question_marks", "capitals", "shouted_words", "delivery", "me")]
    [19, 32, 38, 24, 24, 16]
    >>> cues[1].any(), cues.shape == (2, N_CUES)
    (np.True_, True)
    """

    def __init__(self) -> None:
        self._sentiment, self._intent = Sentiment(Settings()), Intent(Settings())
        self._words = CueWords.load()

    def of(self, texts: TextBatch, known: dict[str, pa.Array]) -> I16:
        """Return the cues of n texts, int16, shape (n, N_CUES).

        Parameters
        ----------
        texts : TextBatch
            n texts and their features.
        known : dict of str to pyarrow.Array
            `language`.
        """
        language = known["language"]
        signs = _signs(texts)
        groups = self._words.counts(texts, language)
        columns = [
            self._tone(texts, language, signs, groups),
            _steps(self._intent.said(texts, language)[:, :-1]),
            _marks(texts, signs),
            _shape(texts),
            _spoken(language),
            _sizes(groups),
        ]
        return np.concatenate(columns, axis=1, dtype=np.int16)

    def words(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[dict[str, str]]:
        """Return for each text the words or signs behind its cues, by name; for showing a few posts.

        Cues of shape, such as the length, have none.
        """
        signs = _marks(texts, _signs(texts)) > 0
        named = [{sign: _WRITTEN[sign] for sign, there in zip(_SIGNS, row, strict=True) if there} for row in signs]
        found = self._words.find(texts, known["language"])
        for post, group, start, end in zip(found.post, found.phrase, found.start, found.end, strict=True):
            named[post].setdefault(GROUPS[group], _between(texts, start, end))
        valued = self._sentiment.valued(texts, known["language"])
        for i in np.argsort(-np.abs(valued.worth), kind="stable"):
            side = ("good", "best", "tone_up") if valued.worth[i] > 0 else ("bad", "worst", "tone_down")
            for name in side:
                named[valued.post[i]].setdefault(name, _between(texts, valued.start[i], valued.end[i]))
        return named

    def _tone(self, texts: TextBatch, language: pa.Array, signs: I64, groups: I64) -> I16:
        """Return how good and how bad it sounds: in all, at its strongest, in its last and in its first sentence."""
        valued = self._sentiment.valued(texts, language)
        post, n = valued.post, len(texts)
        good, bad = np.maximum(valued.worth, 0.0), np.maximum(-valued.worth, 0.0)
        first_end, last_start = _sentences(texts)
        at_end, at_start = valued.start >= last_start[post], valued.start < first_end[post]
        sums = [np.bincount(post, side * span, n) for span in (1.0, at_end, at_start) for side in (good, bad)]
        peaks = [np.zeros(n), np.zeros(n)]
        for peak, side in zip(peaks, (good, bad), strict=True):
            np.maximum.at(peak, post, side)
        total = sums[0] - sums[1]
        size = _STEP * total / np.sqrt(total * total + _SATURATION)
        loud = np.stack([*sums[:2], *peaks, *sums[2:], np.maximum(size, 0.0), np.maximum(-size, 0.0)], axis=1)
        is_bad = sums[1] > 1.0
        thanks = groups[:, GROUPS.index("gratitude")]
        besides = np.stack([sums[0] > 1.0, signs[:, _QUESTION] > 0, thanks > 0], axis=1)
        return np.concatenate([_steps(loud), _TRUE * (is_bad[:, None] & besides)], axis=1, dtype=np.int16)


def _between(texts: TextBatch, start: int, end: int) -> str:
    return texts.data[start:end].tobytes().decode()


def _steps(worth: F64) -> I16:
    return np.minimum(np.rint(worth * _STEP), MOST).astype(np.int16)


def _sizes(counts: I64) -> I16:
    return np.asarray(_SIZES[np.minimum(counts, len(_SIZES) - 1)])


def _signs(texts: TextBatch) -> I64:
    """Return how often each sign of `_CLASSES` stands in each text, shape (n, 5)."""
    classes = _CLASS[texts.data]
    at = np.flatnonzero(classes >= 0)
    post = np.searchsorted(texts.starts, at, side="right") - 1
    cells = post * len(_CLASSES) + classes[at]
    return np.bincount(cells, minlength=len(texts) * len(_CLASSES)).reshape(-1, len(_CLASSES))


def _marks(texts: TextBatch, signs: I64) -> I16:
    ends = np.maximum(texts.starts[1:] - 2, 0)
    is_asked = (texts.data[ends] == ord("?")) if len(texts.data) else np.zeros(len(texts), np.bool_)
    dots = np.flatnonzero(texts.data == ord("."))
    ellipses = dots[1:][np.diff(dots) == 1] if len(dots) else dots
    ellipsis = np.diff(np.searchsorted(ellipses, texts.starts))
    both = np.minimum(signs[:, _QUESTION], signs[:, _EXCLAMATION])
    counts = [signs[:, _QUESTION], signs[:, _EXCLAMATION], ellipsis, signs[:, _QUOTE] // 2, signs[:, _PERCENT]]
    return _sizes(np.stack([*counts, is_asked.astype(np.int64), both], axis=1))


def _sentences(texts: TextBatch) -> tuple[I64, I64]:
    """Return where the first sentence of each text ends and where its last one begins."""
    ends = np.flatnonzero((_CLASS[texts.data] >= 0) & (_CLASS[texts.data] <= _DOT))
    padded = np.concatenate([[-1], ends, [len(texts.data)]])
    first_end = padded[np.searchsorted(ends, texts.starts[:-1]) + 1]
    last_word = np.zeros(len(texts), np.int64)
    filled = np.flatnonzero(np.diff(texts.first_word))
    last_word[filled] = texts.word_starts[texts.first_word[filled + 1] - 1]
    return first_end, padded[np.searchsorted(ends, last_word)]


def _shape(texts: TextBatch) -> I16:
    """Return capitals, lines, links, handles, tags, numbers and length."""
    starts, ends = texts.word_starts, texts.word_ends
    first = texts.data[starts] if len(starts) else np.zeros(0, np.uint8)
    is_digit = (first >= ord("0")) & (first <= ord("9"))
    is_handle = first == ord("@")
    sorts = (texts.words == _URL, is_handle, first == ord("#"), is_digit, is_digit & (ends - starts >= 5))
    links, mentions, tags, numbers, long = (np.bincount(texts.word_post[s], minlength=len(texts)) for s in sorts)
    begins = np.zeros(len(texts), np.int64)
    filled = np.flatnonzero(np.diff(texts.first_word))
    begins[filled] = is_handle[texts.first_word[filled]]
    n_words = np.diff(texts.first_word)
    lengths = [n_words <= 3, n_words <= 8, n_words <= 16, n_words > 40, n_words > 80]
    capitals, shouted, lines = _written(texts.raw)
    return np.concatenate(
        [
            capitals[:, None],
            _sizes(np.stack([shouted, lines, links, mentions, begins, tags, numbers, long], axis=1)),
            np.minimum(n_words, MOST)[:, None],
            _TRUE * np.stack(lengths, axis=1),
        ],
        axis=1,
        dtype=np.int16,
    )


def _written(raw: pa.StringArray) -> tuple[I64, I64, I64]:
    """Return per cent of capitals, words of three capitals and more, and line ends, of each text as it was written."""
    _, offsets, data = raw.buffers()
    if data is None:
        nothing = np.zeros(len(raw), np.int64)
        return nothing, nothing, nothing
    ends = np.frombuffer(offsets, np.int32)[raw.offset : raw.offset + len(raw) + 1]
    letters = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    edges = ends - ends[0]
    is_capital = (letters >= ord("A")) & (letters <= ord("Z"))
    at = np.flatnonzero(is_capital)
    three = at[2:][(at[2:] - at[:-2] == 2)]
    begins = three[np.diff(three, prepend=-9) > 1] - 2
    lines = np.flatnonzero(letters == ord("\n"))
    counts = (np.diff(np.searchsorted(found, edges)) for found in (at, begins, lines))
    capitals, shouted, breaks = counts
    return np.minimum(100 * capitals // np.maximum(np.diff(edges), 1), 100), shouted, breaks


def _spoken(language: pa.Array) -> I16:
    codes = pc.index_in(language, value_set=pa.array(_SPOKEN[:2])).fill_null(2).to_numpy()
    return np.asarray(_TRUE * (codes[:, None] == np.arange(len(_SPOKEN))), np.int16)
