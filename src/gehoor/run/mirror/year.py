"""A year of days: which are measured already, which must be, and what of them is normal."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import sqlalchemy as sa

from gehoor.core.edition import DAYS, Period
from gehoor.core.reader import Reader
from gehoor.core.tables.mirror import mirror_day
from gehoor.mirror.base import Floats
from gehoor.mirror.baseline import Baseline
from gehoor.mirror.components import BINDING, CAPTIVATING, Component
from gehoor.mirror.day import Day
from gehoor.mirror.index import Index
from gehoor.run.mirror.day_sums import DaySums, Loyal, measure, total
from gehoor.run.mirror.heard import midnight
from gehoor.run.mirror.people import People

__all__ = ["YEAR", "Year", "kept_days", "mean_of", "period_days"]

YEAR = DAYS["year"]
_MANY, _STEP = 120, 3
"""Where so many days are missing, every third is measured: three and seven have no divisor in common, so that all
weekdays take part. The others follow, so many each time."""
_AT_ONCE = 20


class _Usual(NamedTuple):
    """What is taken for normal before anything is known: the middle of the scale, and a wide one."""

    location: Floats
    scale: Floats


def _prior(components: tuple[Component, ...]) -> Baseline:
    usual = _Usual(np.zeros(len(components)), np.ones(len(components)))
    return Baseline.prior(usual.location, usual.scale)


def kept_days(reader: Reader, brand: str, until: int) -> dict[int, DaySums]:
    """Return the days that were measured before, up to one."""
    wanted = sa.select(mirror_day.c.sums).where(mirror_day.c.brand == brand, mirror_day.c.day <= until)
    days = (msgspec.msgpack.decode(row.sums, type=DaySums) for row in reader.stored(wanted))
    return {one.day: one for one in days}


def period_days(period: Period, last: int) -> list[int]:
    """Return on which days a period is read: a week on all, a month on seven, a year on thirteen of them.

    Examples
    --------
    >>> period_days("month", 100)
    [76, 80, 84, 88, 92, 96, 100]
    """
    step = {"day": 1, "week": 1, "month": 4, "year": 28}[period]
    return list(range(last - DAYS[period] + step, last + 1, step))


class Year:
    """The days of a brand up to one, measured as far as they are asked for.

    Parameters
    ----------
    people : People
        Of the year before the last day, and it.
    known : dict
        Days that were measured before and still hold.
    zone : ZoneInfo
    loyal : Loyal
    last : int
        The last day (since 1970); `end`: now, where it is not over.
    """

    def __init__(self, people: People, known: dict[int, DaySums], zone: ZoneInfo, loyal: Loyal) -> None:
        self.people, self.days, self._zone, self._loyal = people, dict(known), zone, loyal
        self.fresh: dict[int, DaySums] = {}
        self.first = people.first

    def fill(self, last: int) -> None:
        """Measure the days of the year before a day that are not yet: none before anybody was heard."""
        if self.first is None:
            return
        missing = [day for day in range(max(self.first, last - YEAR), last) if day not in self.days]
        n_known = len([day for day in self.days if last - YEAR <= day < last])
        for day in missing[-_AT_ONCE:] if n_known >= _MANY - 1 else missing[:: _STEP if len(missing) > _MANY else 1]:
            self._keep(total(self.people, day, midnight(day + 1, self._zone)))

    def day(self, day: int, now: int | None = None) -> Day:
        """Return a day with its replicas; `now` where it is not over."""
        known = self.days.get(day)
        if known is not None and known.n_replicas and now is None:
            return known.to_day()
        end = midnight(day + 1, self._zone) if now is None else now
        kept, found = measure(self.people, day, end, self._loyal, is_over=now is None)
        self._keep(kept)
        return found

    def _keep(self, kept: DaySums) -> None:
        self.days[kept.day] = self.fresh[kept.day] = kept

    def baseline(self, components: tuple[Component, ...], last: int) -> Baseline:
        """Return what is normal: the year before a day."""
        before = [self.days[day] for day in sorted(self.days) if last - YEAR <= day < last]
        scores = [[part.score(part.shares(day.to_day()))[0] for part in components] for day in before]
        prior = _prior(components)
        return Baseline.of(np.array(scores), prior) if scores else prior

    def indices(self, last: int) -> tuple[Index, Index]:
        """Return both indices as they stand on a day."""
        captivating, binding = (self.baseline(parts, last) for parts in (CAPTIVATING, BINDING))
        return Index.captivating(captivating), Index.binding(binding)

    def series(self, last: int, value: Callable[[DaySums], float]) -> Floats:
        """Return a number a day of the year up to and with a day, oldest first; NaN where it was not measured."""
        days = range(last - YEAR + 1, last + 1)
        return np.array([value(self.days[day]) if day in self.days else np.nan for day in days])


def mean_of(days: Sequence[Day], values: Callable[[Day], Floats]) -> Floats:
    """Return the mean over days in every replica; the same people in all of them."""
    return np.asarray(np.mean([values(day) for day in days], axis=0))
