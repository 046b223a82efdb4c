"""Why a head says what it says: the words of a text that decided, strongest first."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gehoor.core.hashing import hash_words
from gehoor.core.text import TextBatch
from gehoor.understand.base import Reason
from gehoor.understand.features import BUCKETS, LONGEST, SHORTEST, has_pieces, pair_hashes, word_hashes
from gehoor.understand.head import Head
from gehoor.understand.heads import Heads

__all__ = ["reasons_of"]

_MOST_TERMS = 6
_LEAST_SHARE = 0.1  # of the strongest term; what is weaker explains nothing

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


def reasons_of(
    heads: Heads, texts: TextBatch, cues: npt.NDArray[np.int16] | None = None, names: Sequence[str] = ()
) -> list[list[Reason]]:
    """Return for each text one reason a task: the words, and the cues by name, that speak for or against its label.

    What a piece of a word weighs is given to that word; what a pair of words weighs, half to each of them. A weight is
    how much a term adds to the logit of the label that is given, over what it adds to all classes on average.

    Parameters
    ----------
    cues, names
        The cues of the texts, and what each is called; those without a name are left out.
    """
    judged = heads.judge(texts, cues)
    return [
        [
            Reason(head.task, _strongest(_terms(heads, head, texts, i) + _cue_terms(head, cues, names, i), winner))
            for head in heads.heads
            for winner in (int(judged.logits[head.task][i].argmax()),)
        ]
        for i in range(len(texts))
    ]


Weighed = list[tuple[str, F64]]


def _terms(heads: Heads, head: Head, texts: TextBatch, i: int) -> Weighed:
    """Return each word of a text, once, with what it adds to the logit of each class."""
    words = texts.words_of(i)
    buckets, owner, share = _features(texts, i, words)
    if not len(buckets):
        return []
    table = heads.table
    idf = table.idf[buckets].astype(np.float64) * share
    added = np.zeros((len(buckets), len(head.classes)))
    if head.grams is not None and head.gram_scale is not None:
        norm = float(np.sqrt(np.square(table.idf[buckets].astype(np.float64)) @ share)) or 1.0
        added += idf[:, None] * head.grams[buckets] * head.gram_scale / norm
    if head.vector is not None and head.vector_scale is not None:
        parts = idf[:, None] * table.weights[buckets] * table.scale
        length = float(np.linalg.norm(parts.sum(axis=0))) or 1.0
        added += (parts * (127.0 / length)) @ (head.vector * head.vector_scale.astype(np.float64))
    weighed: dict[str, F64] = {}
    for place, amount in zip(owner.tolist(), added, strict=True):
        weighed[words[place]] = weighed.get(words[place], np.zeros(len(head.classes))) + amount
    return list(weighed.items())


def _features(texts: TextBatch, i: int, words: list[str]) -> tuple[I64, I64, F64]:
    """Return the buckets of one text, the word that each belongs to, and which share of it."""
    first, end = int(texts.first_word[i]), int(texts.first_word[i + 1])
    own, is_read = word_hashes(texts)[first:end], has_pieces(texts)[first:end]
    places = np.arange(len(words))
    pairs = pair_hashes(own)
    pieces = [
        (word[at : at + n], place)
        for place, word in enumerate(words)
        if is_read[place]
        for n in range(SHORTEST, LONGEST + 1)
        for at in range(len(word) - n + 1)
    ]
    hashes = np.concatenate([own, pairs, pairs, hash_words([piece for piece, _ in pieces])])
    owner = np.concatenate([places, places[:-1], places[1:], np.array([place for _, place in pieces], np.int64)])
    share = np.ones(len(hashes))
    share[len(own) : len(own) + 2 * len(pairs)] = 0.5
    return (hashes & np.uint64(BUCKETS - 1)).astype(np.int64), owner, share


def _cue_terms(head: Head, cues: npt.NDArray[np.int16] | None, names: Sequence[str], i: int) -> Weighed:
    if head.cues is None or head.cue_scale is None or cues is None:
        return []
    weights = head.cues * head.cue_scale.astype(np.float64)
    return [(name, cues[i, j] * weights[j]) for j, name in enumerate(names) if name and cues[i, j]]


def _strongest(terms: Weighed, winner: int) -> tuple[tuple[str, float], ...]:
    weighed = [(term, float(amount[winner] - amount.mean())) for term, amount in terms]
    weighed.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    top = abs(weighed[0][1]) if weighed else 0.0
    kept = [(term, round(weight, 3)) for term, weight in weighed[:_MOST_TERMS] if abs(weight) >= _LEAST_SHARE * top]
    return tuple((term, weight) for term, weight in kept if weight)
