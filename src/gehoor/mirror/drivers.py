"""Which segments of people moved a share: found among many, with false discoveries controlled."""

from dataclasses import dataclass

import numpy as np

from gehoor.mirror.base import Bools, Floats
from gehoor.mirror.false_discovery import discoveries, two_sided

__all__ = ["Counts", "Driver", "drivers"]

_FEWEST = 5.0
"""Expected on each side; of less the normal law says too much."""
_INTERVAL = 1.6449  # 90 %


@dataclass(frozen=True)
class Counts:
    """How many of each segment, shape (n_segments,), and of all: `k` of `n` came back, answered, bought again.

    Segments may overlap. `n_all`, `k_all` count everybody once.
    """

    n: Floats
    k: Floats
    n_all: float
    k_all: float


@dataclass(frozen=True)
class Driver:
    """A segment whose share changed otherwise than everybody else's.

    Attributes
    ----------
    segment : int
        Its place.
    change, low, high : float
        Of its share, with the interval that holds it in 90 of 100 cases.
    adds : float
        To the change of everybody's share.
    p : float
        How probable a change as far from the others' is by chance, for this segment alone.
    """

    segment: int
    change: float
    low: float
    high: float
    adds: float
    p: float


def drivers(before: Counts, now: Counts, rate: float = 0.02) -> list[Driver]:
    """Return the segments that moved apart from everybody else, the most certain change first.

    Give as long a time before as there is: what is normal for a segment is then known, and only now is uncertain.

    Parameters
    ----------
    before, now : Counts
        Of the same segments in the same order.
    rate : float
        Which share of the segments that are told may be chance. On a quiet day: how often anything is told.
    """
    change, spread = _change(before.n, before.k, now.n, now.k)
    others, others_spread = _change(
        before.n_all - before.n, before.k_all - before.k, now.n_all - now.n, now.k_all - now.k
    )
    here = _is_enough(before, now)
    apart = (change - others) / np.hypot(spread, others_spread)
    p = two_sided(apart)
    believed = np.flatnonzero(here)[discoveries(p[here], rate)]
    order = believed[np.argsort(-np.abs(change[believed] / spread[believed]), kind="stable")]
    return [
        Driver(
            int(place),
            float(change[place]),
            float(change[place] - _INTERVAL * spread[place]),
            float(change[place] + _INTERVAL * spread[place]),
            float(change[place] * now.n[place] / now.n_all),
            float(p[place]),
        )
        for place in order
    ]


def _change(n_before: Floats, k_before: Floats, n_now: Floats, k_now: Floats) -> tuple[Floats, Floats]:
    """Return how shares changed and the standard error; half a person on each side keeps it above nought."""
    before, now = (k_before + 0.5) / (n_before + 1), (k_now + 0.5) / (n_now + 1)
    variance = before * (1 - before) / (n_before + 1) + now * (1 - now) / (n_now + 1)
    return np.asarray(now - before), np.asarray(np.sqrt(variance))


def _is_enough(before: Counts, now: Counts) -> Bools:
    """Tell where the normal law holds: enough expected on each side, in the segment and outside it."""
    share = (before.k + now.k) / np.maximum(before.n + now.n, 1)
    least = np.minimum(share, 1 - share)
    smallest = np.minimum.reduce([before.n, now.n, before.n_all - before.n, now.n_all - now.n])
    return np.asarray(smallest * least >= _FEWEST)
