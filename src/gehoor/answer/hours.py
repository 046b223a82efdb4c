"""A stretch of the day by the clock on the wall, and when that is."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError

__all__ = ["WEEKDAYS", "Stretch", "micros", "weekday"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MIN = 1_440
_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


def weekday(name: str) -> int:
    """Return the number of a day of the week, Monday 0; `SettingError` when it is none."""
    if name not in WEEKDAYS:
        raise SettingError(f"{name!r} is no day of the week: write one of {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(name)


def micros(moment: datetime) -> int:
    """Return an aware moment in microseconds UTC, exactly."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND_US + since.microseconds


@dataclass(frozen=True, order=True)
class Stretch:
    """From `start` until, not including, `end`: minutes since the midnight with which the day begins.

    `end` may lie in the next day, at most a day after `start`.

    Examples
    --------
    >>> Stretch.parse("22:00-06:00")
    Stretch(start=1320, end=1800)
    >>> start, end = Stretch.parse("22:00-06:00").on(date(2026, 3, 28), ZoneInfo("Europe/Amsterdam"))
    >>> (end - start) / 3_600_000_000  # the night in which the clock goes forward
    7.0
    """

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "Stretch":
        """Read `09:00-17:00`; an end that is not after the start is of the next day; `SettingError` for other text."""
        form = _FORM.fullmatch(text)
        hours = [int(part) for part in form.groups()] if form else []
        if not hours or hours[2] * 60 + hours[3] > _DAY_MIN:
            raise SettingError(f"{text!r} is no stretch of the day: write it as 09:00-17:00, or 22:00-06:00.")
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        return cls(start, end if end > start else end + _DAY_MIN)

    def on(self, day: date, zone: ZoneInfo) -> tuple[int, int]:
        """Return its first moment on a day, and the first moment after it; microseconds UTC.

        A start in the hour that comes twice is its first time, an end the last: stretches that meet on the wall meet
        in time. An hour that is left out has no length.
        """
        return _moment(self.start, day, zone, fold=0), _moment(self.end, day, zone, fold=1)


def _moment(minute: int, day: date, zone: ZoneInfo, fold: int) -> int:
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    moment = wall.replace(fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return micros(moment)
    # The wall never shows it: take the moment at which the clock jumps over it.
    early, late = (micros(wall.replace(fold=fold)) // SECOND_US for fold in (1, 0))
    before = _offset(early, zone)
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (middle, late) if _offset(middle, zone) == before else (early, middle)
    return late * SECOND_US


def _offset(second: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(second, zone).utcoffset()
