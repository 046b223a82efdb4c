"""A share of some with its interval."""

from typing import Literal

import numpy as np

from gehoor.core.mirror_figure import Figure

__all__ = ["share"]

_Z = 1.6449  # 90 %


def share(k: float, n: float, good: Literal["up", "down", "neither"] = "neither") -> Figure:
    """Return k of n with Wilson's interval; no value of nobody.

    Examples
    --------
    >>> found = share(3, 4)
    >>> found.value, round(found.low, 2), round(found.high, 2)
    (0.75, 0.36, 0.94)
    """
    if not n:
        return Figure(unit="share", good=good)
    p, z2 = min(1.0, k / n), _Z**2
    middle, wide = p + z2 / (2 * n), _Z * np.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    low, high = ((middle + sign * wide) / (1 + z2 / n) for sign in (-1, 1))
    return Figure(value=k / n, low=float(max(0.0, low)), high=float(min(1.0, high)), unit="share", good=good)
