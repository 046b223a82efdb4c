"""Which post is asked about next, and what: the one that a head is least sure of, or one that chance drew."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

import msgspec
import numpy as np

from gehoor.core.draw import is_chance
from gehoor.core.example import Origin
from gehoor.core.examples import Examples, Judged, Shown
from gehoor.core.judgement import JUDGED, JUDGEMENTS
from gehoor.core.post import Post
from gehoor.web.frame import Frame

__all__ = [
    "KEYS",
    "RANDOM_SHARE",
    "Asked",
    "Option",
    "Question",
    "Wanted",
    "question_again",
    "question_of",
    "read_wanted",
]

RANDOM_SHARE = 0.15
"""How many of the posts chance draws: enough to measure by, few enough to learn quickly."""

KEYS = "1234567890qwertyiopasdfhlzxcv"
"""What chooses the first, second ... answer; `n`, `u`, `g`, `j` and `k` have another meaning."""

_NEWEST = 5_000
_ORDER = ("spam", *JUDGED, "language")


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants to go through: everything, only what chance draws, or what a head is unsure of.

    Attributes
    ----------
    measure : bool
        Only what chance draws.
    task, language, value : str
        Only what this head said, in this language, was this; empty: whatever.
    """

    measure: bool = False
    task: str = ""
    language: str = ""
    value: str = ""

    @property
    def query(self) -> str:
        """The query string of it."""
        given = {"only": "random" if self.measure else "", "task": self.task, "language": self.language}
        return urlencode({name: value for name, value in {**given, "value": self.value}.items() if value})


class Option(msgspec.Struct, frozen=True):
    """One answer: our word for it, and the key that chooses it."""

    value: str
    word: str
    key: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement that is asked for; `value` is the head's, and is chosen already."""

    task: str
    value: str
    p: float | None
    options: list[Option]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A post, and what is asked of it."""

    post: Post
    origin: Origin
    asked: list[Asked]

    @property
    def tasks(self) -> list[str]:
        """What is asked."""
        return [one.task for one in self.asked]


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks to go through; what is unknown narrows nothing."""
    task = query.get("task", "")
    return Wanted(
        measure=query.get("only") == "random",
        task=task if task in JUDGEMENTS else "",
        language=query.get("language", "")[:8],
        value=query.get("value", "")[:40],
    )


def question_of(frame: Frame, wanted: Wanted) -> Question | None:
    """Return what is asked next; None when there is nothing left to ask."""
    examples = Examples(frame.site.reader)
    shown = examples.shown()
    if wanted.measure or is_chance(len(shown.seqs) + 1, RANDOM_SHARE):
        post = examples.next_drawn(shown)
        if post is not None:
            return Question(post=post, origin="random", asked=[_asked(frame, post, task) for task in _all(post, shown)])
    return None if wanted.measure else next(_unsure(frame, examples, shown, wanted), None)


def question_again(frame: Frame, seq: int, tasks: Sequence[str], origin: Origin) -> Question | None:
    """Return a question that was asked before; None when its post is gone."""
    post = Examples(frame.site.reader).post(seq)
    known = [task for task in tasks if task in JUDGEMENTS]
    if post is None or not known:
        return None
    return Question(post=post, origin=origin, asked=[_asked(frame, post, task) for task in known])


def _all(post: Post, shown: Shown) -> list[str]:
    """Return everything that can be asked of a post: what a head said, and what a person put right before."""
    is_judged = {task: getattr(post, f"{task}_p") is not None or (post.seq, task) in shown.said for task in _ORDER}
    # no need is an answer too, where the heads judge such things; and so is no spam
    is_judged |= {"spam": True, "need": is_judged["need"] or (is_judged["intent"] and is_judged["urgency"])}
    return [task for task in _ORDER if is_judged[task]]


def _unsure(frame: Frame, examples: Examples, shown: Shown, wanted: Wanted) -> Iterator[Question]:
    """Yield questions, least certain first; what came and went since is left out."""
    for seq, task in _least_certain(examples.judged(_NEWEST), shown, wanted):
        post = examples.post(seq)
        if post is not None and getattr(post, f"{task}_p") is not None:
            yield Question(post=post, origin="uncertain", asked=[_asked(frame, post, task)])


def _least_certain(judged: Judged, shown: Shown, wanted: Wanted) -> Iterator[tuple[int, str]]:
    """Yield (seq, task), each post once, by how far its head is from sure: 0 is sure, 1 is as good as guessing."""
    tasks = [wanted.task] if wanted.task else [*JUDGED]
    doubts = np.stack([_doubt(judged, task, wanted) for task in tasks]) if judged.seqs else np.empty((len(tasks), 0))
    best = np.argmax(doubts, axis=0) if doubts.size else np.empty(0, np.intp)
    most = doubts.max(axis=0) if doubts.size else np.empty(0)
    for row in np.argsort(-most, kind="stable").tolist():
        task, seq = tasks[best[row]], judged.seqs[row]
        if most[row] > 0 and seq not in shown.seqs and (seq, task) not in shown.said:
            yield seq, task


def _doubt(judged: Judged, task: str, wanted: Wanted) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    n_classes = len(JUDGEMENTS[task])
    doubt = np.nan_to_num((1.0 - judged.p[task]) / (1.0 - 1.0 / n_classes), nan=0.0)
    if wanted.language:
        doubt = doubt * [language == wanted.language for language in judged.languages]
    if wanted.value:
        doubt = doubt * [label == wanted.value for label in judged.labels[task]]
    return np.minimum(doubt, 1.0)


def _asked(frame: Frame, post: Post, task: str) -> Asked:
    words = frame.tongues(post.language) if task == "language" else JUDGEMENTS[task]
    value = getattr(post, task) or ""
    value = "person" if task == "spam" and value else value
    group = {"intent": "facet.intent", "spam": "ask.spam"}.get(task, task)
    options = [
        Option(word, str(frame.speech.word(group, word)), KEYS[i] if i < len(KEYS) else "")
        for i, word in enumerate(words)
    ]
    return Asked(task=task, value=value, p=getattr(post, f"{task}_p"), options=options)
