"""On which days something recurs: the rules of iCalendar (RFC 5545, 3.3.10), with a bound on the work.

All days of the years in question are tried at once, as columns. A rule therefore costs the same whether it gives every
day or none: a library that walks from one occurrence to the next may walk to the year 9999 for `30 February`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import RejectedRecord

__all__ = ["Frequency", "Rule", "occurrences"]

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EARLIEST = date(1970, 1, 1)
_MOST_YEARS = 10
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """A rule by days: `by_day` are pairs of the how-many-th (0: each) and the day of the week, Monday 0.

    `last`: the last day that may be one of them.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    last: date | None = None
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0

    @classmethod
    def of(cls, parts: Mapping[str, Sequence[Any]], last: date | None) -> "Rule":
        """Read the parts of an RRULE, each a list; `RejectedRecord` for what a roster has no use for (BYHOUR ...)."""
        unknown = sorted(set(parts) - _PARTS)
        frequency = str(parts["FREQ"][0])
        if unknown or frequency not in get_args(Frequency):
            raise RejectedRecord(f"It recurs in a way that is not read here: {(unknown or [frequency])[0]}.")
        by_day = tuple(_ordinal_day(str(day)) for day in parts.get("BYDAY", ()))
        if frequency in ("DAILY", "WEEKLY") and any(nth for nth, _ in by_day):
            raise RejectedRecord("It recurs on a numbered day of the week, though not by month or year.")
        count = parts.get("COUNT")
        return cls(
            frequency,  # type: ignore[arg-type]  # it is one of them: tested above
            max(1, int(parts.get("INTERVAL", [1])[0])),
            int(count[0]) if count else None,
            last,
            tuple(int(one) for one in parts.get("BYMONTH", ())),
            tuple(int(one) for one in parts.get("BYMONTHDAY", ())),
            by_day,
            tuple(int(one) for one in parts.get("BYSETPOS", ())),
            _WEEKDAYS.index(str(parts.get("WKST", ["MO"])[0])),
        )


def occurrences(rule: Rule, first: date, since: date, until: date) -> list[date]:
    """Return the days from `since` to `until`, both included, on which what began on `first` takes place.

    Parameters
    ----------
    rule : Rule
        When it recurs.
    first : date
        What is before 1970 is read as if it were 1 January 1970.
    since, until : date
        Cost: 0.2 ms for a year; with a count also for the years from `first`, ten at most.

    Raises
    ------
    RejectedRecord
        When its occurrences would have to be counted for more than ten years.

    Examples
    --------
    >>> last_friday = Rule("MONTHLY", by_day=((-1, 4),))
    >>> [str(day) for day in occurrences(last_friday, date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 31))]
    ['2026-02-27', '2026-03-27']
    """
    first = max(first, _EARLIEST)
    last = until if rule.last is None else min(until, rule.last)
    if rule.count is not None and since.year - first.year > _MOST_YEARS:
        raise RejectedRecord(f"It is counted from {first.year} on: let it begin later, or give it a last day.")
    # Whole periods are needed to number their days, and a count counts from the start.
    year = first.year if rule.count is not None else max(first.year, since.year - 1)
    begin = date(max(year, _EARLIEST.year + 1), 1, 1) - timedelta(days=7)
    if last < max(first, since):
        return []
    end = min(date(min(last.year, 9_998), 12, 31) + timedelta(days=7), date(9_998, 12, 31))
    columns = _columns(begin, end)
    days = columns.dates
    period = columns.period(rule, first)
    chosen = _chosen(_with_defaults(rule, first), columns) & (period % rule.interval == 0)
    if rule.by_set_pos:
        chosen &= _at_positions(chosen, period, rule.by_set_pos)
    found = days[chosen & (days >= np.datetime64(first)) & (days <= np.datetime64(last))]
    found = found if rule.count is None else found[: rule.count]
    kept: list[date] = found[found >= np.datetime64(since)].tolist()
    return kept


class _Columns:
    """What is known of each of some days."""

    def __init__(self, days: npt.NDArray[np.datetime64]) -> None:
        months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
        self.dates = days
        self.days: _Ints = days.astype(np.int64)
        self.months: _Ints = months.astype(np.int64)
        self.years: _Ints = years.astype(np.int64)
        self.month: _Ints = self.months % 12 + 1
        self.month_day: _Ints = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
        self.in_month: _Ints = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
        self.year_day: _Ints = (days - years.astype("datetime64[D]")).astype(np.int64) + 1
        self.in_year: _Ints = ((years + 1).astype("datetime64[D]") - years.astype("datetime64[D]")).astype(np.int64)
        self.weekday: _Ints = (self.days + 3) % 7

    def period(self, rule: Rule, first: date) -> _Ints:
        """Return of each day the number of its day, week, month or year since that of the first."""
        began = (first - _EARLIEST).days
        if rule.frequency == "DAILY":
            return self.days - began
        if rule.frequency == "WEEKLY":
            monday = 3 - rule.week_start  # 1 January 1970 was a Thursday
            return (self.days + monday) // 7 - (began + monday) // 7
        if rule.frequency == "MONTHLY":
            return self.months - (first.year - 1970) * 12 - first.month + 1
        return self.years - first.year + 1970


@lru_cache(maxsize=16)
def _columns(begin: date, end: date) -> _Columns:
    return _Columns(np.arange(np.datetime64(begin), np.datetime64(end)))


def _with_defaults(rule: Rule, first: date) -> Rule:
    """Fill in what the first day says where a rule is silent."""
    by_month, by_month_day, by_day = rule.by_month, rule.by_month_day, rule.by_day
    if not by_month_day and not by_day:
        if rule.frequency == "WEEKLY":
            by_day = ((0, first.weekday()),)
        elif rule.frequency != "DAILY":
            by_month_day = (first.day,)
            by_month = by_month or ((first.month,) if rule.frequency == "YEARLY" else ())
    return Rule(rule.frequency, by_month=by_month, by_month_day=by_month_day, by_day=by_day)


def _chosen(rule: Rule, columns: _Columns) -> _Bools:
    chosen = np.ones(len(columns.days), np.bool_)
    if rule.by_month:
        chosen &= np.isin(columns.month, rule.by_month)
    if rule.by_month_day:
        from_end = columns.month_day - columns.in_month - 1
        chosen &= np.isin(columns.month_day, rule.by_month_day) | np.isin(from_end, rule.by_month_day)
    if rule.by_day:
        by_year = rule.frequency == "YEARLY" and not rule.by_month
        place, length = (columns.year_day, columns.in_year) if by_year else (columns.month_day, columns.in_month)
        nth, nth_last = (place - 1) // 7 + 1, -((length - place) // 7 + 1)
        fits = np.zeros(len(chosen), np.bool_)
        for wanted, weekday in rule.by_day:
            fits |= (columns.weekday == weekday) & ((wanted == 0) | (nth == wanted) | (nth_last == wanted))
        chosen &= fits
    return chosen


def _at_positions(chosen: _Bools, period: _Ints, positions: Sequence[int]) -> _Bools:
    """Keep the n-th day that was chosen of each period, or the n-th from its end."""
    places = np.flatnonzero(chosen)
    _, first, back, size = np.unique(period[places], return_index=True, return_inverse=True, return_counts=True)
    position = np.arange(len(places)) - first[back] + 1
    kept = np.isin(position, positions) | np.isin(position - size[back] - 1, positions)
    left = np.zeros(len(chosen), np.bool_)
    left[places[kept]] = True
    return left


def _ordinal_day(text: str) -> tuple[int, int]:
    number, day = text[:-2], text[-2:].upper()
    return int(number or 0), _WEEKDAYS.index(day)
