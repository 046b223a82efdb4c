"""What comes first, and why: urgency x need x reach x what somebody is worth x time left, and nobody starves.

A score is a sum of logarithms, so factors multiply: something twice as costly to leave is so at any other factor. All
but the waiting is bounded, and waiting counts in a straight line: who has waited three days longer than somebody else
comes first, whatever else there is. With new messages for ever, everybody is therefore reached.

The facts decide, never a person's name or tone of voice.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gehoor.core.clock import DAY_US

__all__ = ["LONGEST_AHEAD_US", "Facts", "Priority", "Why", "WhyKind", "priority"]

WhyKind = Literal[
    "late", "left", "waits", "critical", "high", "need", "years", "worth", "messages", "reach", "said", "learned"
]
LONGEST_AHEAD_US = 3 * DAY_US
"""By so much more waiting one comes before anybody."""

_MOST_SHOWN, _LEAST_SHOWN = 3, 0.15
_URGENCY = (-0.5, 0.0, 0.8, 1.6)
_NEED: Mapping[str, float] = {
    "safety": 1.0, "privacy": 0.7, "outage": 0.6, "accessibility": 0.5, "cancellation": 0.5, "refund": 0.4,
    "payment": 0.4, "booking": 0.3, "delivery": 0.3, "account": 0.3, "waiting": 0.3, "contract": 0.2, "invoice": 0.2,
    "app": 0.2, "staff": 0.2, "product": 0.1, "price": 0.1,
}  # fmt: skip
"""How much worse it gets while it is left: what hurts people first, what costs them money next."""
_REACH, _WORTH, _YEARS, _MESSAGES, _LEFT, _LATE, _SAID, _LEARNED = 0.8, 0.8, 0.5, 0.8, 1.5, 0.5, 1.5, 0.8
_EVERYBODY, _MOST_YEARS, _MOST_MESSAGES = 1e7, 10, 6
_HIGHEST = _URGENCY[3] + _NEED["safety"] + _REACH + _WORTH + _YEARS + _MESSAGES + _LEFT + _LATE + _SAID + _LEARNED
_LOWEST = _URGENCY[0] - _SAID - _LEARNED


@dataclass(frozen=True)
class Facts:
    """What is known of a conversation that waits.

    Attributes
    ----------
    urgency : int
        0 low, 1 normal, 2 high, 3 critical.
    need : str, optional
        As in `core.judgement`.
    reach : int
        Followers.
    worth_fifth, years : int
        Of the customer: 1 to 5 (5 spends most; 0 not known), and for how many years we know them.
    n_messages : int
        How many of theirs there are.
    waited_us : int
        Since the first that nobody answered; 0: nobody waits.
    left_us, target_us : int
        Working time that is left of what was promised, negative when late; a target of 0: nothing was promised.
    said : int
        -1, 0, 1: what a person said of this very conversation.
    learned : float
        -1 to 1: what people said of others like it, see `leaning`.
    """

    urgency: int = 1
    need: str | None = None
    reach: int = 0
    worth_fifth: int = 0
    years: int = 0
    n_messages: int = 1
    waited_us: int = 0
    left_us: int = 0
    target_us: int = 0
    said: int = 0
    learned: float = 0.0


@dataclass(frozen=True)
class Why:
    """One reason and its figure: microseconds (late, left, waits), a number, the need; -1 or 1 where people spoke."""

    kind: WhyKind
    value: int | str


@dataclass(frozen=True)
class Priority:
    """A score, the natural logarithm of what a moment more costs, and at most three reasons, the heaviest first."""

    score: float
    why: tuple[Why, ...]


def priority(facts: Facts) -> Priority:
    """Weigh the facts of one conversation. Cost: 8 us.

    Examples
    --------
    >>> minute = 60_000_000
    >>> storm = Facts(years=9, n_messages=3, left_us=40 * minute, target_us=480 * minute, waited_us=440 * minute)
    >>> [(why.kind, why.value) for why in priority(storm).why]
    [('left', 2400000000), ('years', 9), ('messages', 3)]
    """
    weighed = _weighed(facts)
    age = max(facts.waited_us, 0) / LONGEST_AHEAD_US * (_HIGHEST - _LOWEST)
    score = sum(weight for weight, _ in weighed) + age
    if facts.target_us <= 0:
        weighed.append((age, Why("waits", facts.waited_us)))
    heaviest = sorted(weighed, key=lambda one: -abs(one[0]))
    shown = [why for weight, why in heaviest if weight >= _LEAST_SHOWN or (why.kind in ("said", "learned") and weight)]
    return Priority(score, tuple(shown[:_MOST_SHOWN]))


def _weighed(facts: Facts) -> list[tuple[float, Why]]:
    urgency = min(max(facts.urgency, 0), 3)
    reach = min(math.log1p(max(facts.reach, 0)) / math.log1p(_EVERYBODY), 1.0)
    messages = min(max(facts.n_messages, 1), _MOST_MESSAGES)
    return [
        (_URGENCY[urgency], Why("critical" if urgency == 3 else "high", 1)),
        (_NEED.get(facts.need or "", 0.0), Why("need", facts.need or "")),
        (_REACH * reach, Why("reach", facts.reach)),
        (_WORTH * min(max(facts.worth_fifth, 0), 5) / 5, Why("worth", facts.worth_fifth)),
        (_YEARS * min(max(facts.years, 0), _MOST_YEARS) / _MOST_YEARS, Why("years", facts.years)),
        (_MESSAGES * (messages - 1) / (_MOST_MESSAGES - 1), Why("messages", facts.n_messages)),
        (_time(facts), Why("left", facts.left_us) if facts.left_us > 0 else Why("late", -facts.left_us)),
        (_SAID * min(max(facts.said, -1), 1), Why("said", facts.said)),
        (_LEARNED * min(max(facts.learned, -1.0), 1.0), Why("learned", 1 if facts.learned > 0 else -1)),
    ]


def _time(facts: Facts) -> float:
    """Weigh what is left of a promise: little at first, all at its end, and somewhat more when as late again."""
    if facts.target_us <= 0:
        return 0.0
    left = min(facts.left_us / facts.target_us, 1.0)
    return _LEFT * (1 - left) ** 2 if left > 0 else _LEFT + _LATE * min(-left, 1.0)
