"""What the first minutes of a cascade look like, as numbers that speak of what is to come."""

from collections.abc import Sequence

import numpy as np

from gehoor.warn.base import Floats

__all__ = ["shape_of", "shapes_of"]

_EDGES = np.array([0, 1 / 12, 1 / 6, 1 / 4, 5 / 12, 7 / 12, 3 / 4, 1])
_MIDDLES = np.arange(-3.0, 4.0)
_PARTS = (1 / 60, 1 / 12, 1 / 6, 1 / 3, 1 / 2, 3 / 4)
_LAST = (1 / 12, 1 / 6, 1 / 3, 1 / 2)
_HALVES = (1 / 6, 1 / 4, 1 / 2)
_DECAYS = (1 / 30, 1 / 10, 1 / 3, 1, 3)
_HINGES = (5, 6, 7, 8)
_SLOW_MINUTES, _POWER = 5.0, 0.242  # the memory of people on Twitter [1]


def shapes_of(cascades: Sequence[Floats], observed: float) -> Floats:
    """Return the shapes of n cascades, shape (n, features)."""
    return np.array([shape_of(minutes, observed) for minutes in cascades])


def shape_of(minutes: Floats, observed: float) -> Floats:
    """Return what the first minutes of a cascade look like, shape (features,).

    Parameters
    ----------
    minutes : float64, ascending
        When each post came, the root included; at least one. What lies after `observed` may not stand here.
    observed : float
        How many minutes are known. All but the memory of people is measured in parts of them, so that the same shape
        stands for the same course at any length.

    Notes
    -----
    Counts are logarithms of base 2, so that one more of it is twice as much. Cost: 0.1 ms.

    References
    ----------
    [1] Zhao, Erdogdu, He, Rajaraman and Leskovec (2015). SEISMIC: a self-exciting point process model for predicting
    tweet popularity. KDD.
    """
    when, n = minutes / observed, len(minutes)
    log_n = np.log2(n)
    counted = np.histogram(when, _EDGES)[0]
    fine = np.histogram(when, 30, (0.0, 1.0))[0]
    twelfths = np.histogram(when, 12, (0.0, 1.0))[0]
    pace = np.log2((counted + 0.5) / np.diff(_EDGES) / 60)
    since = 1 - when
    return np.array(
        [
            log_n,
            *(max(0.0, log_n - hinge) for hinge in _HINGES),
            *(np.log2(((when <= part).sum() + 1) / (n + 1)) for part in _PARTS),
            *(np.log2(((since < part).sum() + 0.5) / (n + 1)) for part in _LAST),
            *(_turn(since, part) for part in _HALVES),
            *(np.log2(np.exp(-since / decay).sum() + 0.5) for decay in _DECAYS),
            when.mean(), when.std(), *np.quantile(when, (0.1, 0.25, 0.5, 0.75, 0.9)),
            (_MIDDLES * pace).sum() / 28, ((_MIDDLES**2 - 4) * pace).sum() / 84,
            np.log2(1 / 60 + since[-1]), np.log2(1 / 60 + since[max(0, n - 10)]),
            np.log2((fine.max() + 1) / (n + 1)), fine.argmax() / 30,
            np.log2((when < 1e-3).sum() + 1), twelfths.std() / twelfths.mean(),
            np.log2((twelfths[-3:].max() + 1) / (twelfths.max() + 1)),
            *_gaps(when), *_contagion(minutes, observed),
        ]
    )  # fmt: skip


def _turn(since: Floats, part: float) -> float:
    """Return how much came in the last part against the part before it."""
    last, both = (since < part).sum(), (since < 2 * part).sum()
    return float(np.log2((last + 0.7) / (both - last + 0.7)))


def _gaps(when: Floats) -> list[float]:
    """Return how long the last waits were, and all of them, between one post and the next."""
    gaps = np.diff(when) if len(when) > 1 else np.ones(1)
    last = gaps[-max(1, len(gaps) // 4) :]
    return [float(np.log2(x + 1e-3)) for x in (np.median(gaps[-10:]), last.mean(), gaps.mean())]


def _contagion(minutes: Floats, observed: float) -> list[float]:
    """Return how many follow on a post, as far as people have seen it: of all, and of late."""
    age = observed - minutes
    seen = _seen(age)
    found = [np.log2(len(minutes) / seen.sum())]
    for part in (1 / 6, 1 / 3):
        late = (seen - _seen(age - part * observed)).sum()
        found.append(np.log2(((age < part * observed).sum() + 0.5) / (late + 0.5)))
    return [float(x) for x in found]


def _seen(age: Floats) -> Floats:
    """Return the share of those who will see a post that have seen it, after so many minutes."""
    level = _POWER / (_SLOW_MINUTES * (1 + _POWER))
    early = np.clip(age, 0.0, _SLOW_MINUTES) * level
    tail = (np.maximum(age, _SLOW_MINUTES) / _SLOW_MINUTES) ** -_POWER
    return np.where(age <= _SLOW_MINUTES, early, 1 - (1 - _SLOW_MINUTES * level) * tail)
