"""What a day is to the two indices: sums over persons of what they did, up to that day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from gehoor.core.errors import ContractError
from gehoor.core.hashing import U64
from gehoor.mirror.base import Floats
from gehoor.mirror.bootstrap import N_REPLICAS, Sums

__all__ = ["COLUMNS", "Day"]

COLUMNS = (
    "active", "month", "week", "weeks", "new", "reactions_first", "reactions_again", "was_here", "came_back",
    "buyers", "orders", "asked", "answered", "told", "told_back", "days", "loyal_days",
)  # fmt: skip
"""What is known of each person, of the 28 days up to the day unless it says otherwise.

`active` that day, `month` in the 28 days, `week` in the last 7, `weeks` in how many of the last four; `new` first seen
in the last 90 days and active in the 28; `reactions_first`, `reactions_again` to what we said for the first time, and
to what we said again; `was_here` in the 28 days before, and of those who `came_back`; `buyers` whether they bought,
and how many `orders`; `asked` whether they wrote to us, and which share of that was `answered` in time; `told` whether
we wrote to them, and which share of that was `told_back`; on how many `days` they were active, and `loyal_days` the
same of those who are still customers (probability at least 0.7) and have been for 180 days.

A person counts once however much they say: shares and days, never posts. Only reactions are counted one by one.
"""


@dataclass(frozen=True)
class Day:
    """Sums of `COLUMNS` over all persons who are known, and what does not belong to one person.

    Attributes
    ----------
    sums : Sums
        Of the columns. A column that nobody measures is NaN: what needs it is missing.
    views_first, views_again : float
        How often our posts were seen that said something for the first time, and those that said it again.
    orders_expected : float
        Orders a buyer that size alone explains (the NBD-Dirichlet's), NaN when unknown.
    """

    sums: Sums
    views_first: float = float("nan")
    views_again: float = float("nan")
    orders_expected: float = float("nan")

    @classmethod
    def of(cls, persons: U64, columns: Mapping[str, Floats], n_replicas: int = N_REPLICAS) -> Self:
        """Add up what each person did; a column that is not given is missing.

        Parameters
        ----------
        persons : array of uint64, shape (n,)
            Keys of all known persons, each once, also of those who did nothing.
        columns : mapping
            From names in `COLUMNS` to arrays of shape (n,).
        n_replicas : int
            Of the bootstrap.

        Raises
        ------
        ContractError
            A column has a name that is not in `COLUMNS`.
        """
        if strange := set(columns) - set(COLUMNS):
            raise ContractError(f"No such column of a day: {', '.join(sorted(strange))}.")
        nothing = np.full(len(persons), np.nan)
        wide = np.column_stack([columns.get(name, nothing) for name in COLUMNS])
        return cls(Sums.of(persons, wide, n_replicas))

    def __add__(self, other: "Day") -> "Day":
        """Return the day of both groups of people; what belongs to no person is taken from the first."""
        return replace(self, sums=self.sums + other.sums)

    def columns(self) -> dict[str, Floats]:
        """Return each column's sum, and `known`, the persons, in every replica: shape (1 + n_replicas,)."""
        sums = self.sums.scaled()
        known = np.full(len(sums), self.sums.n[0])
        return dict(zip(COLUMNS, sums.T, strict=True)) | {"known": known}
