"""How sure a share is that was counted in a sample: Wilson's interval.

Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.
"""

from math import sqrt

import msgspec

__all__ = ["Share", "share_of"]

_Z = 1.959963984540054  # 95 %


class Share(msgspec.Struct, frozen=True):
    """`n_right` of `n`; between `low` and `high` (0 to 1) it lies in 95 of 100 samples.

    Examples
    --------
    >>> share = share_of(24, 30)
    >>> share.p, round(share.low, 2), round(share.high, 2)
    (0.8, 0.63, 0.9)
    """

    n_right: int
    n: int
    low: float
    high: float

    @property
    def p(self) -> float:
        """The share itself."""
        return self.n_right / self.n if self.n else 0.0


def share_of(n_right: int, n: int) -> Share:
    """Return a counted share with its interval; of nothing nothing is known."""
    if n == 0:
        return Share(0, 0, 0.0, 1.0)
    p, square = n_right / n, _Z * _Z
    middle = (p + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * sqrt(p * (1 - p) / n + square / (4 * n * n))
    return Share(n_right, n, max(0.0, middle - half), min(1.0, middle + half))
