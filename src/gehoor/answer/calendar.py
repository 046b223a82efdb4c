"""Business calendars: when somebody may expect us, and how much working time lies between two moments."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from gehoor.answer.hours import Stretch
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.public_holidays import public_holidays

__all__ = ["NEVER", "Calendar"]

NEVER = 2**62
"""A moment that does not come."""

_FIRST, _LAST = 1970, 2200


class Calendar:
    """Opening hours by the clock on the wall, on the days of the week, without holidays and days that are closed.

    Parameters
    ----------
    zone : str
        IANA name.
    week : sequence of 7 sequences of Stretch
        Of Monday to Sunday; half-open, several a day, over midnight if need be; what overlaps counts once.
    country : str, optional
        One of `core.public_holidays.COUNTRIES`: its holidays are closed. None: there are no holidays.
    days : mapping of date to sequence of Stretch
        Hours of single days, instead of those of the week or the holiday; none: closed.

    Raises
    ------
    SettingError
        When the week is never open.

    Notes
    -----
    Moments are microseconds UTC, of 1970 until 2200: outside it nothing is open. Years are worked out when they are
    first asked for (3 ms each), after which an answer takes a microsecond, whatever lies between.

    Examples
    --------
    >>> office = [[Stretch.parse("09:00-17:00")]] * 5 + [[], []]
    >>> calendar = Calendar("Europe/Amsterdam", office, "nl")
    >>> friday = 1_777_042_800 * SECOND_US  # 24 April 2026, 17:00 in Amsterdam; Monday is a holiday
    >>> (calendar.after(friday, 60 * SECOND_US) - friday) / SECOND_US / 3_600
    88.01666666666667
    """

    def __init__(
        self,
        zone: str,
        week: Sequence[Sequence[Stretch]],
        country: str | None = None,
        days: Mapping[date, Sequence[Stretch]] | None = None,
    ) -> None:
        if len(week) != 7 or not any(week):
            raise SettingError("A calendar needs opening hours on at least one day of the week.")
        self._zone = ZoneInfo(zone)
        self._week = [tuple(stretches) for stretches in week]
        self._holidays = public_holidays(country)
        self._days = dict(days or {})
        self._table = _Table(0, -1, [], [], [])

    def is_open(self, at: int) -> bool:
        """Tell whether a moment lies in the opening hours."""
        table = self._of_years(at, at)
        place = bisect_right(table.starts, at) - 1
        return place >= 0 and at < table.ends[place]

    def open_us(self, since: int, until: int) -> int:
        """Return how many microseconds are open from `since` until `until`; negative when that is the earlier one."""
        table = self._of_years(min(since, until), max(since, until))
        return table.open_before(until) - table.open_before(since)

    def after(self, since: int, open_us: int) -> int:
        """Return the first moment at which `open_us` (>= 0) are open since then; `since` for 0, `NEVER` after 2200."""
        if open_us <= 0:
            return since
        table = self._of_years(since, since + open_us)
        wanted = table.open_before(since) + open_us
        while table.open_in_all < wanted and table.last < _LAST:
            table = self._years(table.first, min(2 * table.last - table.first + 1, _LAST))
        if table.open_in_all < wanted:
            return NEVER
        place = bisect_left(table.before, wanted) - 1
        return table.starts[place] + wanted - table.before[place]

    def after_all(self, since: npt.NDArray[np.int64], open_us: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return `after` of each of many at once: 200,000 in 50 ms.

        Parameters
        ----------
        since, open_us : array, shape (n,)
            Microseconds UTC, and microseconds of working time.
        """
        if len(since) == 0:
            return since.copy()
        self.after(int(since.max()), int(open_us.max()))
        table = self._of_years(int(since.min()), int(since.max()))
        starts, ends, before = (np.array(column, np.int64) for column in (table.starts, table.ends, table.before))
        place = np.maximum(np.searchsorted(starts, since, "right") - 1, 0)
        passed = np.clip(since, starts[place], ends[place]) - starts[place]
        wanted = before[place] + passed + open_us
        place = np.minimum(np.searchsorted(before, wanted, "left"), len(starts)) - 1
        due = np.where(wanted > table.open_in_all, NEVER, starts[place] + wanted - before[place])
        return np.where(open_us > 0, due, since)

    def _of_years(self, since: int, until: int) -> "_Table":
        """Return a table in which both moments lie, as far as there are tables."""
        first, last = _year(since), _year(until)
        table = self._table
        if table.first <= first and last <= table.last:
            return table
        known = table.last >= table.first
        return self._years(min(first, table.first) if known else first, max(last, table.last) if known else last)

    def _years(self, first: int, last: int) -> "_Table":
        # A night that began in the year before is open in the first one, and the zone's new year is not UTC's.
        day, end = date(first, 1, 1) - timedelta(days=2), date(last + 1, 1, 3)
        stretches = []
        while day < end:
            stretches += [stretch.on(day, self._zone) for stretch in self._hours(day)]
            day += timedelta(days=1)
        starts, ends = [], []
        for since, until in _apart(sorted(stretches)):
            starts.append(since)
            ends.append(until)
        before = [0, *accumulate(until - since for since, until in zip(starts, ends, strict=True))]
        self._table = _Table(first, last, starts, ends, before)
        return self._table

    def _hours(self, day: date) -> Sequence[Stretch]:
        if day in self._days:
            return self._days[day]
        return () if day in self._holidays else self._week[day.weekday()]


@dataclass(frozen=True)
class _Table:
    """Open stretches of some years, in order and apart; `before`: how much was open before each, and in all."""

    first: int
    last: int
    starts: list[int]
    ends: list[int]
    before: list[int]

    @property
    def open_in_all(self) -> int:
        return self.before[-1] if self.before else 0

    def open_before(self, at: int) -> int:
        place = bisect_right(self.starts, at) - 1
        return self.before[place] + min(at, self.ends[place]) - self.starts[place] if place >= 0 else 0


def _year(at: int) -> int:
    seconds = min(max(at // SECOND_US, 0), 2**33)  # 2**33 s: the year 2242
    return min(datetime.fromtimestamp(seconds, UTC).year, _LAST)


def _apart(stretches: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted stretches, those that touch or overlap as one, without those of no length."""
    since = until = None
    for start, end in stretches:
        if since is None or until is None or start > until:
            if since is not None and until is not None and until > since:
                yield since, until
            since, until = start, end
        else:
            until = max(until, end)
    if since is not None and until is not None and until > since:
        yield since, until
