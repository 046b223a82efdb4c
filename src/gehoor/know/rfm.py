"""Recency, frequency, age: what a purchase model needs to know of customers, and quintiles that people can read."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from gehoor.know.base import Floats, Ints

__all__ = ["DAYS_A_WEEK", "Histories", "quintiles"]

DAYS_A_WEEK = 7
_MIX = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)


@dataclass(frozen=True, slots=True)
class Histories:
    """On which days customers ordered, as seen on one day; times in weeks, a row a customer.

    Attributes
    ----------
    frequency : float64, shape (n,)
        Days with an order after the first.
    recency : float64, shape (n,)
        Weeks from the first order to the last.
    T : float64, shape (n,)
        Weeks from the first order to now.
    n : float64, shape (n,)
        How many customers share the row.
    gaps : csr_array, shape (n, days)
        How many times so many days lay between two order days; empty where rows were put together without it.
    """

    frequency: Floats
    recency: Floats
    T: Floats
    n: Floats
    gaps: csr_array

    @classmethod
    def of(cls, customer: Ints, day: Ints, until: int) -> Self:
        """Return the histories of customers 0, 1, 2 ... as they stood at the end of a day.

        Parameters
        ----------
        customer : int64, shape (rows,)
            Number of the customer of each order: every number from 0 on occurs, on or before `until`.
        day : int64, shape (rows,)
            Day of each order; several on one day are one, those after `until` are left out.
        until : int
            The last day that is known.

        Examples
        --------
        >>> seen = Histories.of(np.array([0, 0, 0, 1]), np.array([0, 7, 21, 28]), 28)
        >>> seen.frequency.tolist(), seen.recency.tolist(), seen.T.tolist()
        ([2.0, 0.0], [3.0, 0.0], [4.0, 0.0])
        """
        customer, day = customer[day <= until], day[day <= until]
        start = int(day.min(initial=until))
        width = until - start + 1
        key = np.unique(customer * width + (day - start))
        who, when = np.divmod(key, width)
        first = np.flatnonzero(np.diff(who, prepend=-1))
        last = np.append(first[1:], len(who)) - 1
        is_next = np.ones(len(who), np.bool_)
        is_next[first] = False
        gap = np.diff(when, prepend=0)[is_next]
        begins = np.concatenate([[0], np.cumsum(last - first)])
        shape = (len(first), int(gap.max(initial=0)) + 1)
        gaps = csr_array((np.ones(len(gap)), gap, begins), shape=shape)
        weeks = 1 / DAYS_A_WEEK
        return cls(
            (last - first).astype(np.float64),
            (when[last] - when[first]) * weeks,
            (width - 1 - when[first]) * weeks,
            np.ones(len(first)),
            gaps,
        )

    @property
    def silence_days(self) -> Ints:
        """Return the days since the last order."""
        return np.rint((self.T - self.recency) * DAYS_A_WEEK).astype(np.int64)

    def rows(self, places: Ints) -> Self:
        """Return some of the rows."""
        frequency, recency, age, n = (part[places] for part in (self.frequency, self.recency, self.T, self.n))
        return type(self)(frequency, recency, age, n, self.gaps[places])

    def thinned(self, n: int) -> Self:
        """Return every k-th row, so that at most `n` remain."""
        step = -(-len(self.n) // n)
        return self if step <= 1 else self.rows(np.arange(0, len(self.n), step))

    def grouped(self) -> tuple[Self, Ints]:
        """Put customers with the same frequency, recency and T together, without their gaps; return who is in which.

        Notes
        -----
        A million customers in whole days are about a hundred thousand rows.
        """
        days = (np.rint(part * DAYS_A_WEEK).astype(np.int64) for part in (self.recency, self.T))
        recency, age = days
        width = int(age.max(initial=0)) + 1
        key = (self.frequency.astype(np.int64) * width + recency) * width + age
        return self._together(key, has_gaps=False)

    def alike(self) -> tuple[Self, Ints]:
        """Put customers with the same gaps (in any order) and the same silence together; return who is in which."""
        width = self.gaps.shape[1]
        mixed = np.arange(1, width + 1, dtype=np.uint64) * _MIX[0]
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[1]
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[2]
        total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed[self.gaps.indices], dtype=np.uint64)])
        key = np.diff(total[self.gaps.indptr]) * _MIX[1] + self.silence_days.astype(np.uint64)
        return self._together(key.view(np.int64), has_gaps=True)

    def _together(self, key: Ints, *, has_gaps: bool) -> tuple[Self, Ints]:
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
        n = np.bincount(place, self.n, len(first)).astype(np.float64)
        frequency, recency, age = (part[first] for part in (self.frequency, self.recency, self.T))
        gaps = self.gaps[first] if has_gaps else csr_array((len(first), 1))
        return type(self)(frequency, recency, age, n, gaps), place


def quintiles(values: Floats) -> Ints:
    """Return 1 (the lowest fifth) to 5 (the highest) for each value; equal values are in the same fifth.

    Examples
    --------
    >>> quintiles(np.array([10.0, 20.0, 30.0, 40.0, 50.0])).tolist(), quintiles(np.array([1.0, 1.0])).tolist()
    ([1, 2, 3, 4, 5], [3, 3])
    """
    ordered = np.sort(values)
    low, high = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    share = (low + high) / (2 * max(1, len(values)))
    return np.minimum(share * 5, 4).astype(np.int64) + 1
