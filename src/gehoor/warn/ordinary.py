"""Which ordinary moment a moment is like: its hour by the clock on the wall, and a holiday is a Sunday."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gehoor.core.public_holidays import public_holidays

__all__ = ["Calendar"]

_SUNDAY, _DAY_S = 6, 86_400
_FIRST, _LAST = datetime(1970, 1, 5, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


class Calendar:
    """Maps moments, so that an hour of the week means the same in summer, in winter and on a holiday.

    Parameters
    ----------
    zone : str
        IANA name.
    country : str, optional
        One of `core.public_holidays.COUNTRIES`; None: no holidays.

    Examples
    --------
    >>> noon_on_kings_day = 1_777_284_000.0  # Monday 27 April 2026, 10:00 UTC
    >>> moment = Calendar("Europe/Amsterdam", "nl").ordinary(noon_on_kings_day)
    >>> datetime.fromtimestamp(moment, UTC).strftime("%A %H:%M")
    'Sunday 12:00'
    """

    def __init__(self, zone: str, country: str | None = None) -> None:
        self._zone = ZoneInfo(zone)
        self._holidays = public_holidays(country)
        self._day: tuple[date, int] = (date.min, 0)

    def ordinary(self, at: float) -> float:
        """Return the moment (seconds) whose UTC hour of the week is the one that `at` is like; whole steps are kept."""
        moment = min(max(datetime.fromtimestamp(at, UTC), _FIRST), _LAST).astimezone(self._zone)
        shift_s = (moment.utcoffset() or timedelta()).total_seconds()
        return at + shift_s + self._days(moment.date()) * _DAY_S

    def _days(self, day: date) -> int:
        """Return how many days on the Sunday is that a holiday is like; 0 for other days."""
        if self._day[0] != day:
            self._day = (day, _SUNDAY - day.weekday() if day in self._holidays else 0)
        return self._day[1]
