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

    def update(self, counts: Floats, at: float, exposure: Floats | None = None) -> Floats:
        """Take in the counts of one bucket, and return scores.

        Parameters
        ----------
        counts : float64, shape (n,)
            Of the bucket that ended at `at`.
        at : float
            Seconds since 1970: the seasonal profile is by hour of the week.
        exposure : float64, shape (n,), optional
            For series that are a share of something: how much of it there was in the bucket. NaN: counted in time.

        Returns
        -------
        scores : float64, shape (n,)
            -log10 of the false alarms a week that one would have if one warned at this or anything stronger: 0 is once
            a week, 1 once in ten weeks.
        """
        ...

    def drops(self, below: float) -> Floats:
        """Return such scores for there being less, where less than `below` of the usual is left; (n,).

        They are of the step that `update` took last.
        """
        ...

    def past(self, counts: Floats, hour: int, exposure: Floats | None = None) -> None:
        """Learn from a whole hour that is over, without judging it: what is read in faster than it happened.

        Parameters
        ----------
        counts : float64, shape (n,)
            Of that hour.
        hour : int
            Hours since 1970.
        exposure : float64, shape (n,), optional
            Of that hour; see `update`.
        """
        ...

    def normal(self) -> Floats:
        """Return what is expected of the next bucket, shape (n,): counts."""
        ...

    def grow(self, n: int, alike: Ints | None = None) -> None:
        """Make room for `n` series in all; a new one begins with the rhythm of the older one that `alike` names.

        -1, and no `alike`: it knows nothing yet.
        """
        ...

    def state(self) -> bytes:
        """Return all that it knows."""
        ...

    @classmethod
    def of(cls, state: bytes) -> "Detector":
        """Return the detector that gave this state."""
        ...
