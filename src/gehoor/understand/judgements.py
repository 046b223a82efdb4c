"""What gehoor itself makes of each post: sentiment, intent and need, actionability, urgency, emotion, motive."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.core.promoted import promoted_folders
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.base import Reason
from gehoor.understand.cues import NAMES, Cues
from gehoor.understand.head import Head
from gehoor.understand.head_reasons import reasons_of
from gehoor.understand.heads import Heads, Judged
from gehoor.understand.model_folder import read_model
from gehoor.understand.table import Table
from gehoor.understand.tone import in_context, with_phrases

__all__ = ["SHIPPED", "SPAM_TEXT_P", "TASKS", "Judgements", "columns_of", "shipped_heads"]

SHIPPED = Path(__file__).parent / "data" / "judgements"
"""One model folder a task."""

TASKS = ("sentiment", "intent", "need", "actionability", "urgency", "emotion", "motive")
"""What is judged: a column each, with its probability beside it."""

SPAM_TEXT_P = "spam_text_p"
"""How probable the words alone make it that a post is spam: for `sift`, which knows more; no column of the record."""

_SPAM, _CHATTER, _OTHER = "spam", "chatter", "other"
_INNER = (_SPAM, _CHATTER)
"""Heads whose answers are no columns: one for `sift`, one for what is said to nobody in particular."""

Mask = npt.NDArray[np.bool_]


class Judgements:
    """Judges with the heads that come with gehoor, or with those that a workspace fitted on its own corrections.

    Linear heads over hashed words, the vector of the table, and cues (tone, phrases, signs); trained on posts of our
    own (`data/voices`). Where a head is not sure enough it says what says least: neutral, other, general, normal, none,
    with the low probability that it has. The need says what the wish is about, and is null where there is none.

    Figures on trades that were held out, and on strangers' posts: `bench/judgements.json`. Cost: 25 us a post, all
    together. Blind to: what is meant but not said, what a conversation said before.

    Examples
    --------
    >>> texts = TextBatch.of(pa.array(["Waar blijft mijn pakket? Ik wacht al drie weken!", "Dank voor de snelle hulp"]))
    >>> columns = Judgements(Settings()).annotate(texts, {"language": pa.array(["nl", "nl"])})
    >>> columns["sentiment"].to_pylist(), columns["emotion"].to_pylist()[1]
    (['negative', 'positive'], 'gratitude')
    """

    name = "judgements"
    columns: tuple[str, ...] = (*(c for task in TASKS for c in (task, f"{task}_p")), "vector", SPAM_TEXT_P)

    def __init__(self, settings: Settings) -> None:
        self._heads = {**shipped_heads(), **_promoted_heads(settings.root)}
        self._guests: dict[str, Head] = {}
        self._cues = Cues()

    def judge_too(self, heads: Sequence[Head]) -> None:
        """Let heads of somebody's own judge in the same pass, before the first text: `own/<task>`, and `_p` behind it.

        They were fitted on the table that comes with gehoor. Cost: 0.2 us a post and class.
        """
        self._guests = {f"own/{head.task}": head.with_facts(task=f"own/{head.task}") for head in heads}

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return the columns of `columns`; null where there is no text."""
        cues = self._cues.of(texts, known)
        judged = self._stacked.judge(texts, cues)
        if all(self._heads[task] is shipped_heads()[task] for task in ("sentiment", "intent")):
            self._put_in_context(judged, cues)
        missing = np.diff(texts.starts) < 2
        columns: dict[str, pa.Array] = {}
        for task in TASKS:
            labels = self._heads[task].labels
            mask = missing
            if task == "need":
                wish = self._heads["intent"].labels
                mask = missing | (judged.label["intent"] == wish.index(_OTHER))
            columns[task] = pa.array(labels, pa.string()).take(pa.array(judged.label[task], mask=mask))
            columns[f"{task}_p"] = pa.array(judged.p[task], mask=mask)
        for name, head in self._guests.items():
            columns |= columns_of(name, head, judged, texts)
        columns["vector"] = _bytes(judged.vectors, missing)
        p_spam = np.round(self._shares(judged, _SPAM)[:, 1], 4).astype(np.float32)
        columns[SPAM_TEXT_P] = pa.array(p_spam, mask=missing)
        return columns

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Reason]]:
        """Return for each judgement the words and signs of the text that decided, for and against."""
        named = self._cues.words(texts, known)
        reasons = reasons_of(self._stacked, texts, self._cues.of(texts, known), NAMES)
        columns = self.annotate(texts, known)
        given = zip(*(columns[task].is_valid().to_pylist() for task in TASKS), strict=True)
        there = [{task for task, is_given in zip(TASKS, row, strict=True) if is_given} for row in given]
        return [
            [Reason(reason.column, _in_text(reason, words)) for reason in mine if reason.column in tasks]
            for mine, words, tasks in zip(reasons, named, there, strict=True)
        ]

    def _put_in_context(self, judged: Judged, cues: npt.NDArray[np.int16]) -> None:
        """Judge intent and sentiment anew by what word lists and other heads say."""
        judged.logits["intent"] = with_phrases(judged.logits["intent"], cues)
        judged.label["intent"], judged.p["intent"] = self._heads["intent"].judge(judged.logits["intent"])
        p_chatter = self._shares(judged, _CHATTER)[:, 1]
        logits = in_context(judged.logits["sentiment"], p_chatter, self._shares(judged, "intent"), cues)
        judged.label["sentiment"], judged.p["sentiment"] = self._heads["sentiment"].judge(logits)

    def _shares(self, judged: Judged, task: str) -> npt.NDArray[np.float64]:
        logits = judged.logits[task]
        shares = np.exp((logits - logits.max(axis=1, keepdims=True)) / self._heads[task].temperature)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)

    @cached_property
    def _stacked(self) -> Heads:
        if self._heads == shipped_heads() and not self._guests:
            return _shipped_stack()
        return Heads(_table(), [*self._heads.values(), *self._guests.values()])

    def warm(self) -> None:
        """Load what else would be loaded at the first post."""
        _shipped_stack()


@cache
def _table() -> Table:
    return Table.load()


@cache
def _shipped_stack() -> Heads:
    return Heads(_table(), list(shipped_heads().values()))


@cache
def shipped_heads() -> dict[str, Head]:
    """Read the heads that come with gehoor; once a process.

    Raises
    ------
    SettingError
        A head is missing, broken, or was fitted on another table.
    """
    heads = {}
    for task in (*TASKS, *_INNER):
        model = read_model(SHIPPED / task)
        if model.table != _table().digest:
            raise SettingError(f"{SHIPPED / task} was fitted on another table. Make it anew: tools/build_judgements.py")
        heads[task] = model.head
    return heads


def _promoted_heads(root: Path) -> dict[str, Head]:
    """Return the heads that a workspace fitted on its own corrections; one that is broken or unfit counts as none."""
    heads: dict[str, Head] = {}
    with suppress(SettingError):
        for task, folder in promoted_folders(root).items():
            with suppress(SettingError):
                model = read_model(folder)
                fits = task in shipped_heads() and set(model.head.labels) <= set(shipped_heads()[task].labels)
                if fits and model.table == _table().digest:
                    heads[task] = model.head
    return heads


def columns_of(name: str, head: Head, judged: Judged, texts: TextBatch) -> dict[str, pa.Array]:
    """Return what a head of somebody's own says, as columns: null, with 0, where a text has no words."""
    is_wordless = np.diff(texts.first_word) == 0
    labels = pa.array(head.labels, pa.string()).take(pa.array(judged.label[head.task], mask=is_wordless))
    return {name: labels, f"{name}_p": pa.array(np.where(is_wordless, 0.0, judged.p[head.task]), pa.float32())}


def _bytes(vectors: npt.NDArray[np.int8], missing: Mask) -> pa.Array:
    """Return each vector as its bytes."""
    n, width = vectors.shape
    valid = pa.array(~missing).buffers()[1]
    data = pa.py_buffer(np.ascontiguousarray(vectors))
    return pa.Array.from_buffers(pa.binary(width), n, [valid, data])


def _in_text(reason: Reason, words: dict[str, str]) -> tuple[tuple[str, float], ...]:
    """Return the terms of a reason with cues as the words that they stand for, each word once, strongest first."""
    weights: dict[str, float] = {}
    for term, weight in reason.terms:
        word = words.get(term, "") if term in _NAMED else term
        if word:
            weights[word] = round(weights.get(word, 0.0) + weight, 3)
    return tuple(sorted(weights.items(), key=lambda pair: (-abs(pair[1]), pair[0])))


_NAMED = frozenset(NAMES)
