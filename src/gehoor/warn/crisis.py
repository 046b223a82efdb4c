"""How grave a burst is: how strong, how negative, how widely said, how far it reaches, and who says it.

Each of five factors is a number from 0 to 1. They add up as log-odds: the score is ``1 / (1 + exp(6 - sum w v))``, so
that each factor multiplies the odds and no single one makes a crisis. The weights are set such that five times the
usual by ten people, a third of it negative, stands at about one half, and ten times by fifty people, four in ten of it
negative, at 0.89. What is not known counts as 0.35 and has no share: then less is known, and it is said.
"""

from collections.abc import Mapping
from math import exp, log, log10

import msgspec

from gehoor.core.alert import Crisis, Factor, Role

__all__ = ["Facts", "Spreading", "crisis_of", "spread_value"]

_WEIGHTS = {"burst": 3.0, "negativity": 4.0, "spread": 4.0, "reach": 2.0, "who": 2.0}
_MIDDLE, _UNKNOWN = 6.0, 0.35
_MOST_TIMES, _MOST_NEGATIVE, _MOST_PEOPLE = 20.0, 0.6, 500.0
_FEW = 3.0  # posts that are taken for not negative beside those that were heard: three angry ones are no storm
_WHO: dict[Role, tuple[float, int]] = {
    "press": (0.8, 2), "official": (0.8, 1), "staff": (0.7, 3), "supplier": (0.5, 3), "competitor": (0.3, 3),
    "customer": (0.6, 5), "critic": (0.4, 5), "fan": (0.1, 5),
}  # fmt: skip
"""How much each role adds, and how many of them it takes for all of that."""


class Spreading(msgspec.Struct, frozen=True, kw_only=True):
    """How widely something is said; `doubling_s`: seconds in which it doubles, where cascades tell it."""

    n_people: int
    n_channels: int = 1
    share_passed_on: float = 0.0
    doubling_s: float | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a burst: posts so far, how many are normal, negative ones among them; followers; roles."""

    n: float
    expected: float
    n_negative: float
    spreading: Spreading
    reach: int | None = None
    roles: Mapping[Role, int] = {}


def crisis_of(facts: Facts) -> Crisis:
    """Return how grave it is, 0 to 1, and the share of each factor in that.

    Examples
    --------
    >>> storm = Facts(n=400, expected=20, n_negative=240, spreading=Spreading(n_people=150, n_channels=2))
    >>> calm = Facts(n=30, expected=10, n_negative=1, spreading=Spreading(n_people=12))
    >>> round(crisis_of(storm).score, 2), round(crisis_of(calm).score, 2)
    (0.99, 0.1)
    """
    values = {
        "burst": _clip(log(max(facts.n / max(facts.expected, 1.0), 1.0)) / log(_MOST_TIMES)),
        "negativity": _clip(facts.n_negative / (facts.n + _FEW) / _MOST_NEGATIVE),
        "spread": spread_value(facts.spreading),
        "reach": None if facts.reach is None else _clip((log10(max(facts.reach, 1)) - 2) / 5),
        "who": _who(facts.roles),
    }
    parts = {name: weight * (values[name] or 0.0) for name, weight in _WEIGHTS.items()}
    known = sum(parts.values())
    total = known + sum(_UNKNOWN * weight for name, weight in _WEIGHTS.items() if values[name] is None)
    factors = [
        Factor(name, None if value is None else round(value, 3), round(parts[name] / known, 3) if known else 0.0)  # type: ignore[arg-type]  # the names of Factor
        for name, value in values.items()
    ]
    return Crisis(round(1 / (1 + exp(_MIDDLE - total)), 3), factors)


def spread_value(spreading: Spreading) -> float:
    """Return how widely something is said, 0 to 1: people most, then channels and what is passed on, then the pace.

    Examples
    --------
    >>> spread_value(Spreading(n_people=1)), round(spread_value(Spreading(n_people=500, n_channels=3)), 2)
    (0.0, 0.85)
    """
    people = _clip(log(max(spreading.n_people, 1)) / log(_MOST_PEOPLE))
    channels, passed_on = _clip((spreading.n_channels - 1) / 2), _clip(2 * spreading.share_passed_on)
    slow = 0.7 * people + 0.15 * channels + 0.15 * passed_on
    if spreading.doubling_s is None:
        return slow
    return 0.8 * slow + 0.2 * _clip(600 / max(spreading.doubling_s, 1.0))


def _who(roles: Mapping[Role, int]) -> float | None:
    if not any(roles.values()):
        return None
    left = 1.0
    for role, n in roles.items():
        weight, enough = _WHO[role]
        left *= (1 - weight) ** min(1.0, n / enough)
    return 1 - left


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)
