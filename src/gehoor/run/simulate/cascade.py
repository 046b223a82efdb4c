"""How a post spreads: who passes it on makes others do so."""

import numpy as np

__all__ = ["cascade"]

_BRANCHING = 0.55
_SHAPE = 1.4


def cascade(rng: np.random.Generator, n: float, spread_h: float) -> list[float]:
    """Return when a post is passed on, in hours after it was posted, rising: about `n` times, heavy-tailed.

    A self-exciting process: readers of the post pass it on, and each time that happens moves 0.55 others to do the
    same. Waiting times have a power-law tail, as shares of posts do.

    Parameters
    ----------
    n : float
        How often on average.
    spread_h : float
        Half of those who pass on what they see do so within about this time.

    References
    ----------
    Hawkes (1971), "Spectra of some self-exciting and mutually exciting point processes", Biometrika 58.

    Examples
    --------
    >>> times = cascade(np.random.default_rng(1), 200.0, 2.0)
    >>> 100 < len(times) < 400, times == sorted(times)
    (True, True)
    """
    # a mean branching of b makes 1 / (1 - b) out of one; the first ones are those that the post itself moves
    generation = _waits(rng, int(rng.poisson(n * (1 - _BRANCHING))), spread_h)
    times = [generation]
    while len(generation):
        children = rng.poisson(_BRANCHING, len(generation))
        generation = np.repeat(generation, children) + _waits(rng, int(children.sum()), spread_h)
        times.append(generation)
    return [float(at) for at in np.sort(np.concatenate(times))]


def _waits(rng: np.random.Generator, n: int, spread_h: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    median = 2 ** (1 / _SHAPE) - 1
    return np.asarray(rng.pareto(_SHAPE, n) * spread_h / median / 2, np.float64)
