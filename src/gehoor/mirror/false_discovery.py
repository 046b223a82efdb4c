"""Which of many findings to believe: at most a given share of what is told is chance.

Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57, 289-300.
"""

import numpy as np
from scipy.special import ndtr

from gehoor.mirror.base import Bools, Floats

__all__ = ["discoveries", "two_sided"]


def two_sided(z: Floats) -> Floats:
    """Return how probable a deviation as large as z standard errors is by chance, either way."""
    return np.asarray(2 * ndtr(-np.abs(z)))


def discoveries(p: Floats, rate: float) -> Bools:
    """Tell which to believe when at most `rate` of those believed may be chance; p's that hold for each alone.

    Holds for independent findings, and for those that go together (Benjamini and Yekutieli 2001).

    Examples
    --------
    >>> discoveries(np.array([0.001, 0.8, 0.02, 0.04]), 0.05).tolist()
    [True, False, True, False]
    """
    if not len(p):
        return np.zeros(0, np.bool_)
    order = np.argsort(p)
    below = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    believed = np.zeros(len(p), np.bool_)
    if len(below):
        believed[order[: below[-1] + 1]] = True
    return believed
