"""One customer who orders at random while active, pauses, and may come back: what that makes probable, in closed form.

An interrupted Poisson process: orders at rate l while active; active to pausing at rate m, back at rate v. After an
order a customer is active, so that all gaps between orders have one distribution.
"""

from typing import NamedTuple

import numpy as np

from gehoor.know.base import Floats

__all__ = ["Ahead", "Silence", "ahead", "silence"]


class Silence(NamedTuple):
    """Nobody ordered for some weeks since an order: how probable, and in which state that ends."""

    active: Floats
    pausing: Floats


class Ahead(NamedTuple):
    """What the coming weeks bring, of whom is active now and of whom is pausing."""

    mean: tuple[Floats, Floats]
    pairs: tuple[Floats, Floats]
    """The mean of N (N - 1): the variance is that + mean - mean^2."""
    none: tuple[Floats, Floats]


def silence(l: Floats, m: Floats, v: float, weeks: Floats | float) -> Silence:  # noqa: E741  # lambda, as in the papers
    """Return how probable a silence of so many weeks is after an order, by the state in which it ends."""
    fast, slow, gap = _roots(l, m, v)
    late, early = np.exp(slow * weeks), np.exp(fast * weeks)
    return Silence(((slow + v) * late - (fast + v) * early) / gap, m * (late - early) / gap)


def ahead(l: Floats, m: Floats, v: float, weeks: float) -> Ahead:  # noqa: E741  # lambda, as in the papers
    """Return what to expect of the weeks to come."""
    k = m + v
    share = v / k
    wears = -np.expm1(-k * weeks)
    level, bend = share * weeks, wears / k
    mean_active, mean_pausing = l * (level + (1 - share) * bend), l * (level - share * bend)
    rises = share * weeks**2 / 2 + (1 - share) / k * (weeks - bend)
    turns = share * (weeks - bend) / k + (1 - share) / k * (bend - weeks * np.exp(-k * weeks))
    pairs = 2 * l**2
    fast, slow, gap = _roots(l, m, v)
    late, early = np.exp(slow * weeks), np.exp(fast * weeks)
    after = silence(l, m, v, weeks)
    none_pausing = (v * (late - early) + (slow + l + m) * late - (fast + l + m) * early) / gap
    return Ahead(
        (mean_active, mean_pausing),
        (pairs * (share * rises + (1 - share) * turns), pairs * share * (rises - turns)),
        (after.active + after.pausing, none_pausing),
    )


def _roots(l: Floats, m: Floats, v: float) -> tuple[Floats, Floats, Floats]:  # noqa: E741  # lambda, as in the papers
    """Return the two rates at which a silence dies out, both negative, and how far they lie apart."""
    total = l + m + v
    gap = np.sqrt(total**2 - 4 * l * v)
    fast = -(total + gap) / 2
    return fast, l * v / fast, gap
