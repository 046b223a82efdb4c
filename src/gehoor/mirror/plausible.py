"""Who counts: persons, not machines that talk for a hundred."""

import numpy as np

from gehoor.mirror.base import Bools, Floats

__all__ = ["is_plausible"]

_TIMES = 10.0


def is_plausible(n_posts: Floats, n_days: Floats) -> Bools:
    """Tell who says at most ten times as much as people usually do on a day on which they say something.

    Usual is the median over those who spoke, so that machines must be half of all before they become usual.

    Leave the others out of a `Day`. Accounts that talk as little as people, but act together, are not seen here.

    Parameters
    ----------
    n_posts : array, shape (n,)
        Of each person in the 28 days.
    n_days : array, shape (n,)
        On how many of them they said something.
    """
    a_day = n_posts / np.maximum(n_days, 1)
    spoke = a_day[n_days > 0]
    usual = float(np.median(spoke)) if len(spoke) else 0.0
    return np.asarray(a_day <= _TIMES * usual)
