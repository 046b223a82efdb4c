"""What each day was to the indices, kept: sums over all people and their replicas, never a person."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
import numpy.typing as npt

from gehoor.core.errors import ContractError
from gehoor.know.dirichlet import Market, NbdDirichlet
from gehoor.mirror.base import Floats
from gehoor.mirror.bootstrap import N_REPLICAS, Sums
from gehoor.mirror.day import COLUMNS, Day
from gehoor.run.mirror.people import COUNTED, People, Persons

__all__ = [
    "LOYAL_AFTER",
    "NEW_AFTER",
    "DaySums",
    "Loyal",
    "columns_of",
    "measure",
    "orders_expected",
    "posts_of",
    "total",
]

NEW_AFTER, LOYAL_AFTER = 118, 180
"""Days of past before which everybody is new (90 days, and 28 in which others were heard), and nobody can be loyal."""

_NEAR_DAYS = 7
_NOT_OVER = ("active",)


class Loyal(NamedTuple):
    """Who is still a customer and has been for half a year, as of a day: persons, sorted."""

    persons: npt.NDArray[np.int64]
    day: int | None

    def is_for(self, day: int) -> bool:
        """Tell whether it was counted about that day; who was loyal long ago is not known."""
        return self.day is not None and abs(self.day - day) <= _NEAR_DAYS


class DaySums(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A day of a brand. `sums`: doubles, (1 + n_replicas) rows of persons and `COLUMNS`; row 0 as they are."""

    day: int
    n_replicas: int
    sums: bytes
    views_first: float = float("nan")
    views_again: float = float("nan")
    orders_expected: float = float("nan")
    n_left_out: int = 0
    n_ours: int = 0
    n_buyers: int = 0

    @classmethod
    def of(cls, day: int, sums: Sums, **rest: Any) -> Self:
        """Pack sums."""
        wide = np.column_stack([sums.n, sums.totals])
        return cls(day=day, n_replicas=len(wide) - 1, sums=wide.astype("<f8").tobytes(), **rest)

    def to_day(self) -> Day:
        """Return it as the indices read it."""
        wide = np.frombuffer(self.sums, "<f8").reshape(1 + self.n_replicas, 1 + len(COLUMNS))
        if self.n_replicas not in (0, N_REPLICAS):
            raise ContractError(f"A day with {self.n_replicas} replicas; there are {N_REPLICAS} or none.")
        return Day(Sums(wide[:, 0], wide[:, 1:]), self.views_first, self.views_again, self.orders_expected)

    @property
    def n_people(self) -> int:
        """How many people were known."""
        return int(np.frombuffer(self.sums, "<f8", count=1)[0])

    def column(self, name: str) -> float:
        """Return the sum of a column."""
        return float(np.frombuffer(self.sums, "<f8", count=1 + len(COLUMNS))[1 + COLUMNS.index(name)])


def measure(people: People, day: int, end: int, loyal: Loyal, *, is_over: bool = True) -> tuple[DaySums, Day]:
    """Return a day with all replicas, and leave its table `persons` for what else is asked of it."""
    said = people.at(day, end)
    found = people.persons()
    columns = columns_of(people, found, day, loyal)
    if not is_over:
        columns = {name: column for name, column in columns.items() if name not in _NOT_OVER}
    sums = Day.of(found.person.view(np.uint64), columns).sums
    kept = DaySums.of(
        day, sums, views_first=said.views_first, views_again=said.views_again, n_left_out=said.n_left_out,
        orders_expected=orders_expected(people, day), n_ours=said.n_ours, n_buyers=int(columns["buyers"].sum()),
    )  # fmt: skip
    return kept, kept.to_day()


def columns_of(people: People, found: Persons, day: int, loyal: Loyal) -> dict[str, Floats]:
    """Return what is known of some persons of a day: who is new, or loyal, only where that can be told."""
    columns = dict(found.columns)
    if loyal.is_for(day) and people.past(day) >= LOYAL_AFTER:
        columns["loyal_days"] = columns["days"] * np.isin(found.person, loyal.persons)
    if people.past(day) < NEW_AFTER:
        del columns["new"]
    return columns


def total(people: People, day: int, end: int) -> DaySums:
    """Return a day without replicas, for the year with which others are compared: a twentieth of the work."""
    said = people.at(day, end)
    n, sums = people.totals()
    if people.past(day) < NEW_AFTER:
        sums["new"] = np.nan
    row = np.array([[sums[name] if name in COUNTED else np.nan for name in COLUMNS]])
    return DaySums.of(
        day, Sums(np.array([float(n)]), row), views_first=said.views_first, views_again=said.views_again,
        orders_expected=orders_expected(people, day), n_left_out=said.n_left_out, n_ours=said.n_ours,
    )  # fmt: skip


def orders_expected(people: People, day: int) -> float:
    """Return how many orders a buyer of ours size alone explains; NaN where no other brand was ordered, or too few."""
    query = """SELECT coalesce(nullif(order_brand, ''), $ours) AS brand, count(DISTINCT person), sum(n) FROM bought
               WHERE day > $d - 28 AND day <= $d GROUP BY 1 ORDER BY 3 DESC, 1"""
    found: list[Any] = people.rows(query, d=day, ours=people.ours)
    if len(found) < 2 or people.brand:
        return float("nan")
    query = "SELECT count(DISTINCT person) FROM bought WHERE day > $d - 28 AND day <= $d"
    [(n_buyers,)] = people.rows(query, d=day)
    [(n_known,)] = people.rows("SELECT count(*) FROM known WHERE first_day <= $d", d=day)
    n_people = float(str(n_known)) + 1  # somebody may be there who never bought: a market is not everybody
    orders, buyers = (np.array([float(row[place]) for row in found]) for place in (2, 1))
    market = Market(
        float(str(n_buyers)) / n_people, orders.sum() / float(str(n_buyers)), orders / orders.sum(),
        buyers / n_people,
    )  # fmt: skip
    try:
        rates = NbdDirichlet().fit(market).predict(market.shares)["buying_rate"]
    except ContractError:  # so few that they are no market
        return float("nan")
    place = [row[0] for row in found].index(people.ours) if people.ours in [row[0] for row in found] else 0
    return float(rates[place])


def posts_of(people: People, days: Iterable[int]) -> dict[int, int]:
    """Return how much was said on each day."""
    found: list[Any] = people.rows(
        "SELECT day, sum(n_posts) FROM cells WHERE dimension = '' AND brand = $brand GROUP BY day", brand=people.brand
    )
    wanted = set(days)
    return {int(day): int(n) for day, n in found if day in wanted}
