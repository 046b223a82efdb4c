"""Who goes against a storm: those who defend, who help, who put things right."""

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Literal, NamedTuple

__all__ = ["CounterMovement", "Stance", "counter_movement", "stance_of"]

Stance = Literal["defends", "helps", "mends"]

_STANCES: tuple[Stance, ...] = ("mends", "helps", "defends")
_DENIES = re.compile(
    r"(?:\b(?:niet|nooit|geen|not|never|nobody|niemand|nothing|niets|niks)|n't)\s+(?:\w+\s+){0,2}$", re.IGNORECASE
)
_AWAITED = re.compile(
    r"\b(?:until|unless|if|when|once|hope|hopefully|wish|wanneer|als|zodra|hopelijk|hoop|tot|totdat)\s+(?:\S+\s+){0,3}$",
    re.IGNORECASE,
)
"""Before what was found: it is yet to come."""
_ASKED = re.compile(r"[^.!?\n]*\?(?!\w)|.*\?\s*$", re.DOTALL)
"""Behind what was found: its sentence is a question, or the last one is."""

_AND_YOU = re.compile(
    r"[,.!;]?\s*\b(?:bij (?:jullie|anderen|iemand|meer mensen)|iemand anders|voor anderen|anyone else|(?:for )?you too"
    r"|same for you|is it back for|waarom (?:deelt|delen|verspreidt|gelooft)|(?:kunnen|zullen) we (?:stoppen|ophouden)"
    r"|why (?:are|is|do|does|would) [^?.!\n]{0,20}(?:shar|spread|believ)|can (?:we|people|everyone) (?:\w+ )?stop)"
    r"[^?.!\n]{0,40}\?",
    re.IGNORECASE,
)
"""A question that doubts nothing of what was said before it: whether it is so for others too, why people share it."""


def _by_words() -> dict[Stance, re.Pattern[str]]:
    text = (files("gehoor.warn") / "data" / "counter_movement.txt").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {
        stance: re.compile(rf"\b(?:{'|'.join(part for name, part in rows if name == stance)})\b", re.IGNORECASE)
        for stance in _STANCES
    }


_BY_WORDS = _by_words()


class CounterMovement(NamedTuple):
    """Who of a storm's voices goes against it: places of posts, by what they do."""

    defends: list[int]
    helps: list[int]
    mends: list[int]


def stance_of(text: str, sentiment: str | None = None) -> Stance | None:
    """Return how somebody goes against a storm; None where the words do not say so.

    A small list of Dutch and English turns of phrase, and the sentiment: what is said negatively defends nobody, and
    what is asked promises no help. It misses whoever says it otherwise and does not see irony: good for showing
    examples, not for a share.

    Examples
    --------
    >>> stance_of("Stranded in Oslo? We can offer a bed, DM me if you need it", "neutral")
    'helps'
    >>> stance_of("Het is nog steeds niet opgelost", "negative") is None
    True
    """
    text = _AND_YOU.sub(".", text.replace("’", "'"))
    for stance, words in _BY_WORDS.items():
        found = words.search(text)
        if found is None or _DENIES.search(text[: found.start()]):
            continue
        if stance == "mends" and _AWAITED.search(text[: found.start()]):
            continue
        if stance == "defends" and sentiment == "negative":
            continue
        if _ASKED.match(text, found.end()) and stance != "helps":
            continue
        return stance
    return None


def counter_movement(texts: Sequence[str], sentiments: Sequence[str | None]) -> CounterMovement:
    """Return which of the posts of a storm go against it."""
    found = CounterMovement([], [], [])
    for place, (text, sentiment) in enumerate(zip(texts, sentiments, strict=True)):
        stance = stance_of(text, sentiment)
        if stance is not None:
            getattr(found, stance).append(place)
    return found
