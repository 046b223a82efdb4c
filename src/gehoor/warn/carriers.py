"""Who carried a cascade: how many came after each voice because of it, by branching weights and not by followers."""

import numpy as np
import numpy.typing as npt

from gehoor.warn.base import Floats

__all__ = ["brought_by"]

_WINDOW = 64
_DECAYS, _SHARES = np.array([2.0, 12.0, 90.0, 900.0]), np.array([0.06, 0.50, 0.24, 0.20])  # those of `cascade`

Ints = npt.NDArray[np.int64]


def brought_by(minutes: Floats, parent: Ints) -> Floats:
    """Return how many posts each post of a cascade brought, those that came through others included.

    A reply or quote was brought by what it answers. For a repost, a copy or a shared link nobody knows where it was
    seen (channels name the first post for all of them): each of the 64 posts before it has its part, by how likely so
    long a wait is. These are the branching weights of a Hawkes process; they sum to the posts that were brought.

    Parameters
    ----------
    minutes : float64, shape (n,), ascending
        When each came.
    parent : int64, shape (n,)
        Place of what brought it for sure, earlier than its own; -1 where nobody knows.

    Examples
    --------
    >>> brought_by(np.array([0.0, 1.0, 2.0]), np.array([-1, 0, 1])).tolist()
    [2.0, 1.0, 0.0]
    """
    brought = np.zeros(len(minutes))
    for place in range(len(minutes) - 1, 0, -1):
        whole = 1 + brought[place]
        if parent[place] >= 0:
            brought[parent[place]] += whole
            continue
        first = max(0, place - _WINDOW)
        wait = minutes[place] - minutes[first:place]
        likely = (_SHARES / _DECAYS * np.exp(-wait[:, None] / _DECAYS)).sum(1)
        total = likely.sum()
        brought[first:place] += whole * (
            likely / total if total > 0 else np.eye(1, place - first, place - first - 1)[0]
        )
    return brought
