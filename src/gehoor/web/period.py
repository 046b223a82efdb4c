"""Which stretch of time a page speaks of: the last hour, a day, a week, everything; and in what steps it is drawn."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.clock import DAY_US, SECOND_US

__all__ = ["PERIODS", "Heard", "Period", "PeriodName", "midnight", "period_of"]

PeriodName = Literal["hour", "today", "week", "all"]
PERIODS: tuple[PeriodName, ...] = get_args(PeriodName)
"""What somebody may choose."""

_MINUTE_US = 60 * SECOND_US
_HOUR_US = 3600 * SECOND_US
_DAYS_BY_HOUR = 14


class Heard(msgspec.Struct, frozen=True):
    """When the first and the last of what we heard happened, microseconds UTC, to the minute."""

    first: int
    last: int


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time.

    Attributes
    ----------
    since, until : int
        Microseconds UTC; until is excluded.
    step_s : int
        Seconds of one point of the curve.
    is_past : bool
        True: nothing was heard today, and this is about the last day that has something.
    """

    name: PeriodName | Literal["alert"]
    since: int
    until: int
    step_s: int
    is_past: bool

    @property
    def resolution(self) -> Literal[60, 3600]:
        """Seconds of the roll-up that the curve is drawn from."""
        return 60 if self.step_s < 3600 else 3600


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return the moment at which a day begins, microseconds UTC."""
    return int(datetime.combine(day, time(), zone).timestamp()) * SECOND_US


def period_of(name: PeriodName, heard: Heard | None, now: int, zone: ZoneInfo) -> Period:
    """Return the stretch of time that a name means now.

    Where nothing was heard today, `hour`, `today` and `week` end with the last that was heard, so that a past that is
    lived again, or a file of years ago, can be seen at once.

    Examples
    --------
    >>> amsterdam = ZoneInfo("Europe/Amsterdam")
    >>> noon = 1_776_168_000 * SECOND_US
    >>> day = period_of("today", None, noon, amsterdam)
    >>> (day.until - day.since) // SECOND_US // 3600, day.step_s, day.is_past
    (24, 600, False)
    """
    today = _day(now, zone)
    is_past = heard is not None and not midnight(today, zone) <= heard.last < midnight(today + timedelta(1), zone)
    last = heard.last if heard and is_past else now
    day = _day(last, zone)
    end = midnight(day + timedelta(1), zone)
    if name == "hour":
        until = (last // _MINUTE_US + 1) * _MINUTE_US
        return Period(name=name, since=until - _HOUR_US, until=until, step_s=60, is_past=is_past)
    if name == "today":
        return Period(name=name, since=midnight(day, zone), until=end, step_s=600, is_past=is_past)
    if name == "week":
        since = midnight(day - timedelta(6), zone)
        return Period(name=name, since=since, until=end, step_s=3600, is_past=is_past)
    return _all(heard, last, zone, is_past=is_past)


def _all(heard: Heard | None, last: int, zone: ZoneInfo, *, is_past: bool) -> Period:
    first = heard.first if heard else last
    newest = max(heard.last if heard else last, first)
    since = midnight(_day(first, zone), zone)
    until = midnight(_day(newest, zone) + timedelta(1), zone)
    step_s = 3600 if until - since <= _DAYS_BY_HOUR * DAY_US else 86_400
    return Period(name="all", since=since, until=until, step_s=step_s, is_past=is_past)


def _day(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at / SECOND_US, UTC).astimezone(zone).date()
