"""What a post wants of us: phrase lists, with the question mark and the sentiment as further evidence."""

import tomllib
from collections import defaultdict
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch, hash_words
from gehoor.understand.base import Reason
from gehoor.understand.phrases import Matches, Phrases, expand, normalised

__all__ = ["EVIDENCE", "LABELS", "MOST", "WEIGHTS", "Intent"]

LABELS = ("help", "complaint", "question", "praise", "improvement", "leaving", "other")
_HELP, _COMPLAINT, _QUESTION, _PRAISE, _IMPROVEMENT, _LEAVING, _OTHER = range(7)

_LANGUAGES = ("nl", "en")
_BOTH = len(_LANGUAGES)
_BOTH_WEIGHT = 0.7  # in a text of another or unknown language a phrase may mean something else
MOST = 3.5  # a long mail with ten complaints is a complaint, not five
_LEAST_P = 0.34
_SHARPNESS = 1.3

# what speaks for each intent besides its phrases, set by hand: always, a question mark, negative and positive sentiment
EVIDENCE = np.array(
    [
        # help, complaint, question, praise, improvement, leaving, other
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.3],
        [0.4, -0.4, 1.2, -0.8, 0.1, 0.0, -0.3],
        [0.6, 1.6, -0.6, -1.5, -0.5, 0.3, -0.3],
        [-0.3, -1.0, 0.0, 1.1, 0.2, -0.6, 0.0],
    ]
)
WEIGHTS = np.array([1.0, 1.0, 1.0, 1.0, 1.25, 1.25, 1.0])

_NEGATORS = "niet geen nooit zonder not never don't no isn't wasn't won't can't"
_TURNED = (_PRAISE, _LEAVING)  # "niet opzeggen", "not impressed": these mean the opposite, or nothing, once denied
_QUESTION_MARK = ord("?")

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class Intent:
    """Tells help, complaint, question, praise, improvement, leaving and other apart.

    One pass over the batch finds some 8,000 Dutch and English phrases; each speaks for an intent with a weight. A
    question mark and the sentiment (which must be known) add to it; a denied praise does not count. What is not clear
    is `other`. The probabilities are a softmax of the scores: an ordering, not yet calibrated. Cost: 2 µs a post.
    Accuracy on strangers' posts: 0.59 (majority 0.30), see `tests/bench/test_understand.py`.
    Blind to: irony, intents said in no listed phrase, other languages but for their sentiment and question marks.

    Examples
    --------
    >>> texts = TextBatch.of(pa.array(["Waar blijft mijn pakket?", "I'm cancelling my subscription", "Hoi allemaal"]))
    >>> known = {
    ...     "language": pa.array(["nl", "en", "nl"]),
    ...     "sentiment": pa.array(["neutral"] * 3),
    ...     "sentiment_p": pa.array([0.5] * 3, pa.float32()),
    ... }
    >>> Intent(Settings()).annotate(texts, known)["intent"].to_pylist()
    ['help', 'leaving', 'other']
    """

    name = "intent"
    columns: tuple[str, ...] = ("intent", "intent_p")

    def __init__(self, settings: Settings) -> None:
        self._phrases, self._weights = _load()
        self._negators = np.sort(hash_words(_NEGATORS.split()))

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return `intent` and `intent_p`; null where there is no text."""
        scores = self.said(texts, known["language"]) * WEIGHTS + _evidence(texts, known)
        odds = np.exp(_SHARPNESS * (scores - scores.max(axis=1, keepdims=True)))
        p = odds / odds.sum(axis=1, keepdims=True)
        label = np.where(p.max(axis=1) < _LEAST_P, _OTHER, p.argmax(axis=1))
        missing = np.diff(texts.starts) < 2
        return {
            "intent": pa.array(LABELS, pa.string()).take(pa.array(label, mask=missing)),
            "intent_p": pa.array(p[np.arange(len(label)), label].astype(np.float32), mask=missing),
        }

    def said(self, texts: TextBatch, language: pa.Array) -> F64:
        """Return what the phrases alone say for each intent, shape (n, 7), 0 to 3.5."""
        found, worth = self._found(texts, language)
        cells = found.post[:, None] * len(LABELS) + np.arange(len(LABELS))
        said = np.bincount(cells.ravel(), worth.ravel(), len(texts) * len(LABELS))
        return np.minimum(said.reshape(-1, len(LABELS)), MOST)

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Reason]]:
        """Return the phrases in each text, strongest first, for and against the intent that was given."""
        found, worth = self._found(texts, known["language"])
        labels = self.annotate(texts, known)["intent"].to_pylist()
        reasons: list[list[Reason]] = []
        for i, label in enumerate(labels):
            mine = np.flatnonzero(found.post == i)
            column = LABELS.index(label or "other")
            weights = {
                self._phrases.phrases[found.phrase[j]]: float(2 * worth[j, column] - worth[j].sum()) for j in mine
            }
            terms = tuple(sorted(weights.items(), key=lambda term: -term[1]))
            reasons.append([Reason("intent", terms)] if terms else [])
        return reasons

    def _found(self, texts: TextBatch, language: pa.Array) -> tuple[Matches, F64]:
        """Return the phrases that count, and what each is worth to each intent, shape (k, 7)."""
        codes = pc.index_in(language, value_set=pa.array(_LANGUAGES)).fill_null(_BOTH).to_numpy()
        found = self._phrases.find(texts)
        group = codes[found.post]
        spoken = self._weights[found.phrase, group].any(axis=1)
        found = found.where(spoken).outermost()
        worth = self._weights[found.phrase, codes[found.post]]
        denied = self._is_denied(texts, found)
        for column in _TURNED:
            worth[denied, column] = 0.0
        return found, worth

    def _is_denied(self, texts: TextBatch, found: Matches) -> npt.NDArray[np.bool_]:
        """Tell which phrases stand right after a negation in the same text."""
        word = np.searchsorted(texts.word_starts, found.start)
        first = texts.first_word[found.post]
        denied = np.zeros(len(word), np.bool_)
        for back in (1, 2):
            near = np.flatnonzero(word - back >= first)
            hashes = texts.words[word[near] - back]
            at = np.minimum(np.searchsorted(self._negators, hashes), len(self._negators) - 1)
            denied[near] |= self._negators[at] == hashes
        return denied


def _evidence(texts: TextBatch, known: dict[str, pa.Array]) -> F64:
    """Return what speaks for each intent besides phrases, shape (n, 7)."""
    marks = np.flatnonzero(texts.data == _QUESTION_MARK)
    asked = np.diff(np.searchsorted(marks, texts.starts)) > 0
    p = known["sentiment_p"].fill_null(0.0).to_numpy()
    tone = pc.index_in(known["sentiment"], value_set=pa.array(["negative", "positive"])).fill_null(-1).to_numpy()
    evidence = np.stack([np.ones(len(p)), asked, p * (tone == 0), p * (tone == 1)], axis=1)
    # no BLAS: its last bit hangs on the size of the batch
    return np.asarray((evidence[:, :, None] * EVIDENCE).sum(axis=1))


@cache
def _load() -> tuple[Phrases, F64]:
    """Read the phrase lists that gehoor carries, and their weights, shape (phrases, 3, 7); once a process."""
    lists = tomllib.loads((files("gehoor.understand") / "data/intent.toml").read_text("utf-8"))
    weights: dict[str, F64] = defaultdict(lambda: np.zeros((_BOTH + 1, len(LABELS))))
    for language, intents in lists.items():
        for intent, entries in intents.items():
            for weight, patterns in entries.items():
                for phrase in normalised(text for pattern in patterns for text in expand(pattern)):
                    row = weights[phrase]
                    row[_LANGUAGES.index(language), LABELS.index(intent)] = float(weight)
    phrases = Phrases(weights)
    table = np.array([weights[phrase] for phrase in phrases.phrases])
    table[:, _BOTH] = _BOTH_WEIGHT * table[:, :_BOTH].max(axis=1)
    return phrases, table
