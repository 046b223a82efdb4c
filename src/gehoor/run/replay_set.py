"""What came with gehoor to learn from, seen again at every refit, so that a head does not forget it."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from gehoor.core.judgement import JUDGED
from gehoor.core.languages import ISO_639_1

__all__ = ["OwnText", "replay_set"]

_FOLDERS = ("voices", "labelled")


class OwnText(NamedTuple):
    """A text, the language that it is said to be in, its label, and with which others it is held out."""

    text: str
    language: str | None
    label: str
    group: str


class _Voice(msgspec.Struct):
    """One line of `understand/data/voices` and `understand/data/labelled`."""

    text: str
    language: str
    trade: str
    sentiment: str
    intent: str
    actionability: str
    urgency: str
    emotion: str
    motive: str


@cache
def _voices() -> tuple[_Voice, ...]:
    data = files("gehoor.understand").joinpath("data")
    pages = [page for folder in _FOLDERS for page in data.joinpath(folder).iterdir() if page.name.endswith(".jsonl")]
    decoder = msgspec.json.Decoder(_Voice)
    return tuple(
        voice for page in sorted(pages, key=lambda page: page.name) for voice in decoder.decode_lines(page.read_bytes())
    )


def replay_set(task: str) -> list[OwnText]:
    """Return every text that came with gehoor and has a label for a task; none for a task that it does not know.

    Examples
    --------
    >>> {text.label for text in replay_set("sentiment")} == {"negative", "neutral", "positive"}
    True
    """
    return list(_labelled(task)) if task in JUDGED else []


def _labelled(task: str) -> Iterator[OwnText]:
    for voice in _voices():
        wish, _, need = voice.intent.partition("/")
        label = {"intent": wish, "need": need}[task] if task in ("intent", "need") else getattr(voice, task)
        if label:
            yield OwnText(voice.text, voice.language if voice.language in ISO_639_1 else None, label, voice.trade)
