"""Which earlier answers of ours, or words that we keep, fit what somebody asks now."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

__all__ = ["LEAST", "Draft", "Earlier", "best", "filled"]

LEAST = 0.52
"""The least likeness of two questions at which an answer is offered: below it most were about something else."""

Ended = Literal["satisfied", "quiet", "unhappy"]
_WORTH: Mapping[Ended, float] = {"satisfied": 1.08, "quiet": 1.0, "unhappy": 0.0}
_SAME_NEED, _OTHER_NEED = 1.05, 0.9
_SNIPPET = 1.1
_ALIKE = 0.7
_WORD = re.compile(r"\w+")
_SHORTEST = 4


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """What we answered before, or keep to answer with.

    Attributes
    ----------
    source : str
        Where it comes from: `c17` a conversation, `s3` a canned reply.
    text : str
        Our words, without what was that customer's own.
    likeness : float
        How much the question then was like the one now, 0 to 1.
    need : str, optional
        What was asked for.
    ended : str
        `satisfied`: they said so, or sounded so; `unhappy`: they came back with a complaint; else `quiet`.
    """

    source: str
    text: str
    likeness: float
    need: str | None = None
    ended: Ended = "quiet"
    at: int = 0


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Words to answer with: a person reads, corrects and sends them."""

    text: str
    sources: tuple[str, ...]
    score: float


def best(earlier: Sequence[Earlier], need: str | None, k: int = 2, least: float = LEAST) -> list[Draft]:
    """Return the best answers, the best first; none where nothing is good enough.

    Answers of nearly the same words are one, and speak for each other.

    Parameters
    ----------
    earlier : sequence of Earlier
        All in the language of who asks.
    need : str, optional
        What is asked for now.
    k : int
        How many at most.

    Examples
    --------
    >>> told = Earlier(source="c1", text="We zoeken je koffer vandaag nog.", likeness=0.8)
    >>> [draft.sources for draft in best([told], None)], best([told], None, least=0.9)
    ([('c1',)], [])
    """
    scored = [(_score(one, need), one) for one in earlier if len(_WORD.findall(one.text)) >= _SHORTEST]
    kept = sorted(((score, one) for score, one in scored if score >= least), key=lambda each: (-each[0], -each[1].at))
    groups: list[tuple[float, Earlier, list[str]]] = []
    for score, one in kept:
        same = next((group for group in groups if _alike(group[1].text, one.text)), None)
        if same is not None:
            same[2].append(one.source)
        elif len(groups) < k:
            groups.append((score, one, [one.source]))
    return [Draft(text=one.text, sources=tuple(sources[:3]), score=round(score, 3)) for score, one, sources in groups]


def _score(one: Earlier, need: str | None) -> float:
    about = (
        1.0
        if not (need and one.need) or "none" in (need, one.need)
        else _SAME_NEED
        if need == one.need
        else _OTHER_NEED
    )
    return one.likeness * about * _WORTH[one.ended] * (_SNIPPET if one.source.startswith("s") else 1.0)


def _alike(one: str, other: str) -> bool:
    mine, theirs = (set(_WORD.findall(text.casefold())) for text in (one, other))
    return len(mine & theirs) >= _ALIKE * max(1, len(mine | theirs))


def filled(text: str, known: Mapping[str, str]) -> str:
    """Return words with their variables filled in; one that is not known becomes a blank to be filled in by hand.

    What is filled in is put as it is, and never read as a variable again.

    Examples
    --------
    >>> filled("Dag {name}, order {order}.", {"name": "{order}"})
    'Dag {order}, order […].'
    """
    known_in = {variable: value for variable, value in known.items() if value}
    return _VARIABLE.sub(lambda hit: known_in.get(hit.group(1), _blank(hit.group(1))), text)


_VARIABLE = re.compile(r"\{(name|naam|order|agent|me|ik)\}")


def _blank(variable: str) -> str:
    return "" if variable in ("name", "naam") else "[…]"
