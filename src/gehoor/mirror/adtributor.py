"""Which dimension explains a change, and which values of it: Adtributor.

Bhagwan, R., Kumar, R., Ramjee, R., Varghese, G., Mohapatra, S., Manoharan, H., Shah, P. (2014). Adtributor: revenue
debugging in advertising systems. NSDI, 43-55.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gehoor.mirror.base import Floats

__all__ = ["Cause", "causes"]

_EXPLAINS = 0.85  # of the change, before a dimension is told; at the paper's 0.67 a second value is often left out
_EACH_EXPLAINS = 0.1
"""A value that explains less is not told: the paper's."""


@dataclass(frozen=True)
class Cause:
    """A dimension in which a few values explain a change.

    Attributes
    ----------
    dimension : str
    values : tuple of int
        Places of the values, the most surprising first.
    explains : float
        Which part of the change they make: 1 is all of it, and more is possible when others went the other way.
    surprise : float
        How far their shares are from what was expected, in nats.
    """

    dimension: str
    values: tuple[int, ...]
    explains: float
    surprise: float


def _surprise(expected: Floats, found: Floats) -> Floats:
    """Return each value's part of the Jensen-Shannon divergence of the shares."""
    p, q = expected / expected.sum(), found / found.sum()
    middle = np.maximum((p + q) / 2, 1e-300)
    return np.asarray(0.5 * (_cross(p, middle) + _cross(q, middle)))


def _cross(p: Floats, q: Floats) -> Floats:
    return np.asarray(p * np.log(np.maximum(p, 1e-300) / q))


def causes(expected: Mapping[str, Floats], found: Mapping[str, Floats]) -> list[Cause]:
    """Rank the dimensions whose few values explain why a count is not what was expected; the best first.

    Parameters
    ----------
    expected, found : mapping
        From a dimension's name to a count a value, shape (n_values,), none negative. All dimensions divide the same
        total. Empty when nothing changed, or no dimension explains 85 % of it.

    Examples
    --------
    >>> expected = {"channel": np.array([50.0, 50.0]), "brand": np.array([60.0, 40.0])}
    >>> found = {"channel": np.array([50.0, 100.0]), "brand": np.array([90.0, 60.0])}
    >>> [(cause.dimension, cause.values) for cause in causes(expected, found)]
    [('channel', (1,)), ('brand', (0, 1))]
    """
    told = [_cause(name, expected[name].astype(np.float64), found[name].astype(np.float64)) for name in expected]
    return sorted((cause for cause in told if cause), key=lambda cause: -cause.surprise)


def _cause(dimension: str, expected: Floats, found: Floats) -> Cause | None:
    change = found.sum() - expected.sum()
    if change == 0 or expected.sum() <= 0 or found.sum() <= 0:
        return None
    power, surprise = (found - expected) / change, _surprise(expected, found)
    chosen: list[int] = []
    for place in np.argsort(-surprise, kind="stable").tolist():
        if power[place] > _EACH_EXPLAINS:
            chosen.append(place)
        if power[chosen].sum() > _EXPLAINS:
            return Cause(dimension, tuple(chosen), float(power[chosen].sum()), float(surprise[chosen].sum()))
    return None
