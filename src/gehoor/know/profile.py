"""The progressive profile: what somebody said and did, as it can be read at any moment from sums of whole numbers."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gehoor.know.cell_code import (
    AMOUNT,
    GROUPS,
    MEASURES,
    Cells,
    cell_day,
    cell_group,
    choice_of,
    code_of,
    currency_of,
)
from gehoor.know.consent import PROFILE
from gehoor.know.tally import summed

__all__ = ["HALF_LIVES", "Columns", "Counted", "Gaps", "Profile", "columns_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HALF_LIVES = (7, 30, 180)
"""Days after which something counts half."""

_PRESENCE = tuple(MEASURES.index(name) for name in ("said", "shared", "reacted", "did"))
_TOP = 8
_WEEK = 7
_DAY, _SPEND, _CONSENT = (GROUPS.index(name) for name in ("day", "spend", "consent"))
_ANSWERS = tuple(code_of("consent", f"{PROFILE}={answer}") for answer in ("yes", "no"))


class Counted(NamedTuple):
    """The names that were counted most, and all others together."""

    top: list[tuple[str, int]]
    rest: int


class Gaps(NamedTuple):
    """The days between days with an order: how many gaps, mean and variance of their logarithm, the last of them."""

    n: int
    log_mean: float
    log_variance: float
    last: int | None


class Profile:
    """What is known of a person, at any moment.

    Equal to a sorted replay of what remains of their activities, whatever was edited, deleted or late on the way, and
    two profiles together are the profile of both: all of it is a sum (`know.cells`). A day is a day in UTC.

    Parameters
    ----------
    cells, n : numpy.ndarray, shape (k,), int64
        Cells, each once, and what they hold.
    names : mapping of int to str
        What the codes in the cells are called.

    Examples
    --------
    >>> from gehoor.know.cell_code import day_cells
    >>> cells = day_cells(np.array([100, 107, 121]), "ordered")
    >>> one = Profile(cells, np.array([1, 2, 1]), {})
    >>> one.total("ordered"), one.gaps().n, round(one.decayed("ordered", 121)[7], 3)
    (4, 2, 1.625)
    """

    def __init__(self, cells: Ints, n: Ints, names: Mapping[int, str]) -> None:
        kept = n != 0
        self.cells, self.n, self._names = cells[kept], n[kept], names
        self._group = cell_group(self.cells)

    # -- days -----------------------------------------------------------------------------------------------------

    def days(self, *measures: str) -> tuple[Ints, Ints]:
        """Return the days on which any of these happened (all of `MEASURES` when none is named), and how often."""
        codes = [MEASURES.index(name) for name in measures] or list(_PRESENCE)
        mine = (self._group == _DAY) & np.isin(self.cells & 0xFF, codes)
        days, place = np.unique(cell_day(self.cells[mine]), return_inverse=True)
        n = np.zeros(len(days), np.int64)
        np.add.at(n, place, self.n[mine])
        return days, n

    def total(self, measure: str) -> int:
        """Return how often something happened in all."""
        return int(self.days(measure)[1].sum())

    @property
    def first_day(self) -> int | None:
        """Day (since 1970) of the first thing that was said or done; None when there is none."""
        days = self.days()[0]
        return int(days[0]) if len(days) else None

    @property
    def last_day(self) -> int | None:
        """Day of the last thing."""
        days = self.days()[0]
        return int(days[-1]) if len(days) else None

    def decayed(self, measure: str, today: int) -> dict[int, float]:
        """Return how often something happened, where what is 7 (30, 180) days old counts half."""
        days, n = self.days(measure)
        return {life: float((n * 0.5 ** (np.maximum(today - days, 0) / life)).sum()) for life in HALF_LIVES}

    def gaps(self) -> Gaps:
        """Return how long somebody waits between orders."""
        days = np.diff(self.days("ordered")[0])
        logs = np.log(days.astype(np.float64))
        variance = float(logs.var(ddof=1)) if len(logs) > 1 else float("nan")
        mean = float(logs.mean()) if len(logs) else float("nan")
        return Gaps(len(days), mean, variance, int(days[-1]) if len(days) else None)

    def tones(self) -> list[tuple[int, int, int, int]]:
        """Return the path of sentiment: by week (its first day, since 1970) how much was said, negative, positive."""
        weeks: dict[int, list[int]] = {}
        for place, measure in enumerate(("said", "negative", "positive")):
            for day, n in zip(*(column.tolist() for column in self.days(measure)), strict=True):
                weeks.setdefault(day // _WEEK * _WEEK, [0, 0, 0])[place] += n
        return [(week, *weeks[week]) for week in sorted(weeks)]  # type: ignore[misc]  # three numbers each

    # -- money, names, consent --------------------------------------------------------------------------------------

    def spend(self) -> dict[str, float]:
        """Return what was spent, returns deducted, by currency."""
        found: dict[str, int] = {}
        for _, name, n in self._daily(_SPEND):
            found[name] = found.get(name, 0) + n
        return {name: n / AMOUNT for name, n in sorted(found.items())}

    def spent(self, currency: str) -> list[tuple[int, float]]:
        """Return by day what was spent in a currency."""
        return sorted((day, n / AMOUNT) for day, name, n in self._daily(_SPEND) if name == currency)

    def consent(self) -> dict[str, tuple[bool, int]]:
        """Return by purpose what was last said, allowed or refused, and on which day; on one day a refusal holds."""
        found: dict[str, tuple[bool, int]] = {}
        for day, name, _ in sorted(self._daily(_CONSENT)):
            purpose, _, answer = name.rpartition("=")
            before = found.get(purpose)
            if before is None or day > before[1] or answer == "no":
                found[purpose] = (answer == "yes", day)
        return found

    def names(self, group: str) -> Counted:
        """Return what was counted most of `channel brand about promotion intent need`, and the rest together."""
        mine = self._group == GROUPS.index(group)
        pairs = zip(self.cells[mine].tolist(), self.n[mine].tolist(), strict=True)
        counted = sorted(((self._names.get(cell, "?"), n) for cell, n in pairs), key=lambda pair: (-pair[1], pair[0]))
        return Counted(counted[:_TOP], sum(n for _, n in counted[_TOP:]))

    def _daily(self, group: int) -> Iterable[tuple[int, str, int]]:
        mine = self._group == group
        cells = self.cells[mine]
        codes = currency_of(cells) if group == _SPEND else choice_of(cells)
        rows = zip(cell_day(cells).tolist(), codes.tolist(), self.n[mine].tolist(), strict=True)
        return [(day, self._names.get(code, "?"), n) for day, code, n in rows]


class Columns(NamedTuple):
    """The columns of the table `person`, one value a person."""

    first_day: Ints
    last_day: Ints
    n_days: Ints
    n_said: Ints
    n_negative: Ints
    n_positive: Ints
    n_did: Ints
    n_orders: Ints
    n_order_days: Ints
    first_order_day: Ints
    last_order_day: Ints
    n_returns: Ints
    currency: Ints
    spend: Ints
    n_contacts: Ints
    n_answers: Ints
    heat_7: Floats
    heat_30: Floats
    heat_180: Floats
    may_profile: npt.NDArray[np.bool_]


def columns_of(cells: Cells, persons: Ints) -> Columns:
    """Return the columns of persons, from their cells (`actor` is the person's number here), all at once.

    `heat_7` is the binary logarithm of a decayed count, as of day 0: the count on day d is 2 ** (heat - d / 7), so
    nothing has to be written anew as time passes, and the order of people is the order of the column.

    Parameters
    ----------
    persons : numpy.ndarray
        Sorted; 1 us each.
    """
    place, n_persons = np.searchsorted(persons, cells.actor), len(persons)
    group, day, measure = cell_group(cells.cell), cell_day(cells.cell), cells.cell & 0xFF
    is_day = (group == _DAY) & (cells.n != 0)

    def total(name: str) -> Ints:
        mine = is_day & (measure == MEASURES.index(name))
        return _added(place[mine], cells.n[mine], n_persons)

    present = is_day & np.isin(measure, _PRESENCE)
    ordered = is_day & (measure == MEASURES.index("ordered"))
    first, last, n_days = _days_of(place[present], day[present], n_persons)
    first_order, last_order, n_order_days = _days_of(place[ordered], day[ordered], n_persons)
    currency, spend = _most_spent(place, cells, n_persons)
    heat = [_heat(place[present], day[present], cells.n[present], (n_persons, life)) for life in HALF_LIVES]
    is_said = (group == _CONSENT) & (cells.n > 0)
    code = choice_of(cells.cell)
    allowed, refused = (_last(place, day, is_said & (code == answer), n_persons) for answer in _ANSWERS)
    return Columns(
        first, last, n_days, total("said"), total("negative"), total("positive"), total("did"), total("ordered"),
        n_order_days, first_order, last_order, total("returned"), currency, spend, total("contacted"),
        total("answered"), heat[0], heat[1], heat[2], (refused < 0) | (allowed > refused),
    )  # fmt: skip


def _most_spent(place: Ints, cells: Cells, length: int) -> tuple[Ints, Ints]:
    """Return the currency (its code, 0 for none) in which each spent most, and how much."""
    mine = cell_group(cells.cell) == _SPEND
    by_code = summed(Cells(place[mine], currency_of(cells.cell[mine]), cells.n[mine]))
    order = np.lexsort((by_code.cell, by_code.n, by_code.actor))
    currency, spend = np.zeros(length, np.int64), np.zeros(length, np.int64)
    currency[by_code.actor[order]], spend[by_code.actor[order]] = by_code.cell[order], by_code.n[order]
    return currency, spend


def _added(place: Ints, n: Ints, length: int) -> Ints:
    out = np.zeros(length, np.int64)
    np.add.at(out, place, n)
    return out


def _last(place: Ints, day: Ints, mask: npt.NDArray[np.bool_], length: int) -> Ints:
    out = np.full(length, -1, np.int64)
    np.maximum.at(out, place[mask], day[mask])
    return out


def _days_of(place: Ints, day: Ints, length: int) -> tuple[Ints, Ints, Ints]:
    """Return first day, last day (-1 where there is none) and number of days."""
    distinct = np.unique(place << 20 | day)
    who, when = distinct >> 20, distinct & ((1 << 20) - 1)
    first, last = np.full(length, 1 << 20, np.int64), np.full(length, -1, np.int64)
    np.minimum.at(first, who, when)
    np.maximum.at(last, who, when)
    return np.where(last < 0, -1, first), last, np.bincount(who, minlength=length).astype(np.int64)


def _heat(place: Ints, day: Ints, n: Ints, of: tuple[int, int]) -> Floats:
    length, life = of
    last = np.zeros(length, np.int64)
    np.maximum.at(last, place, day)
    weights = n * np.exp2((day - last[place]) / life)
    total = np.bincount(place, weights, length)
    with np.errstate(divide="ignore"):
        return np.where(total > 0, np.log2(total) + last / life, -1.0)
