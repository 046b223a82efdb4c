"""The contract of this room: `Detector`."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Detector", "Floats", "Ints"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Detector(Protocol):
    """Says, a bucket at a time and for all series at once, how unusual the newest counts are.

    Strictly causal, O(1) a step and a series; what it knows of a series does not depend on the others. Built as
    `Detector(step_s, n)` for n series of buckets of `step_s` seconds; `checks` holds what each of them must pass.
    """

    def __init__(self, step_s: float, n: int) -> None: ...

    def update(self, counts: Floats, at: float) -> Floats:
        """Take in the counts of one bucket, and return scores.

        Parameters
        ----------
        counts : float64, shape (n,)
            Of the bucket that ended at `at`.
        at : float
            Seconds since 1970, UTC: the seasonal profile is by hour of the week.

        Returns
        -------
        scores : float64, shape (n,)
            -log10 of the false alarms a week that one would have if one warned at this or anything stronger: 0 is once
            a week, 1 once in ten weeks.
        """
        ...

    def past(self, counts: Floats, hour: int) -> None:
        """Learn from a whole hour that is over, without judging it: what is read in faster than it happened.

        Parameters
        ----------
        counts : float64, shape (n,)
            Of that hour.
        hour : int
            Hours since 1970, UTC.
        """
        ...

    def normal(self) -> Floats:
        """Return what is expected of the next bucket, shape (n,): counts."""
        ...

    def grow(self, n: int) -> None:
        """Make room for more series, behind those that are there; they know nothing yet."""
        ...

    def state(self) -> bytes:
        """Return all that it knows."""
        ...

    @classmethod
    def of(cls, state: bytes) -> "Detector":
        """Return the detector that gave this state."""
        ...
