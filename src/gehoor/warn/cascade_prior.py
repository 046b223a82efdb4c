"""Cascades as they are thought to grow: what is known of them before any was seen."""

import numpy as np

from gehoor.warn.base import Floats

__all__ = ["simulated_cascades"]

_SLOW_MINUTES, _POWER = 5.0, 0.242
_QUICK = _POWER / (1 + _POWER)
_ROOT, _ROOT_SPREAD = 150.0, 1.0
_MOST_CONTAGIOUS = 0.9
_MARK_SPREAD = 1.5
_FADES_MINUTES, _FADES_SPREAD = 600.0, 1.0
_AGAIN_P, _AGAIN_MINUTES = 0.5, (10.0, 3_000.0)
_END_MINUTES = 7 * 1_440.0
_MOST = 5_000


def simulated_cascades(rng: np.random.Generator, n: int) -> list[Floats]:
    """Return whole lives of n cascades, in minutes since their root.

        A Hawkes process: whoever sees a post passes it on with some chance, sees it after the waits that were published
    for Twitter [1], and the interest fades. How many follow the root, how contagious it is and how fast it fades
    differ from one to the next; some voices reach a hundred times as many as others, and half of the cascades are
    taken up a second time, minutes or days later, by a voice as large as the first.

    References
    ----------
    [1] Zhao, Erdogdu, He, Rajaraman and Leskovec (2015). SEISMIC: a self-exciting point process model for predicting
    tweet popularity. KDD. A fifth of the waits are shorter than five minutes; the tail has the exponent 1.242.
    """
    return [_life(rng) for _ in range(n)]


def _life(rng: np.random.Generator) -> Floats:
    root = _ROOT * np.exp(_ROOT_SPREAD * rng.standard_normal())
    contagion = _MOST_CONTAGIOUS * rng.random()
    fades = _FADES_MINUTES * np.exp(_FADES_SPREAD * rng.standard_normal())
    front = _waits(rng, rng.poisson(root))
    if rng.random() < _AGAIN_P:
        when = np.exp(rng.uniform(*np.log(_AGAIN_MINUTES)))
        again = _ROOT * np.exp(_ROOT_SPREAD * rng.standard_normal())
        front = np.concatenate([front, when + _waits(rng, rng.poisson(again))])
    minutes = [np.zeros(1)]
    n = 1
    while len(front) and n < _MOST:
        front = front[rng.random(len(front)) < np.exp(-front / fades)]
        front = front[front < _END_MINUTES]
        minutes.append(front)
        n += len(front)
        marks = np.exp(_MARK_SPREAD * rng.standard_normal(len(front)) - _MARK_SPREAD**2 / 2)
        n_after = rng.poisson(contagion * marks)
        front = np.repeat(front, n_after) + _waits(rng, int(n_after.sum()))
    return np.sort(np.concatenate(minutes))


def _waits(rng: np.random.Generator, n: int) -> Floats:
    """Return how long n people wait until they see and pass on a post."""
    u, is_quick = rng.random(n), rng.random(n) < _QUICK
    return np.where(is_quick, u * _SLOW_MINUTES, _SLOW_MINUTES * np.maximum(u, 1e-12) ** (-1 / _POWER))
