"""A shift: somebody works, can be called, or is absent, from one moment until another."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from gehoor.answer.hours import WEEKDAYS, Stretch
from gehoor.core.errors import SettingError
from gehoor.core.settings_roster import ShiftRule

__all__ = ["LONGEST_DAYS", "MOST_SHIFTS", "Kind", "Shift", "check_window", "shifts_of"]

Kind = Literal["duty", "on_call", "absent"]
LONGEST_DAYS = 400
MOST_SHIFTS = 50_000


@dataclass(frozen=True, order=True)
class Shift:
    """From `start` until, not including, `end`, microseconds UTC; `who` as the roster names them.

    `team`: for which team; empty: their own.
    """

    start: int
    end: int
    who: str
    kind: Kind = "duty"
    team: str = ""


def check_window(since: date, until: date) -> None:
    """Refuse to look further ahead than anybody plans: `SettingError` for more than 400 days."""
    if not timedelta(0) <= until - since <= timedelta(LONGEST_DAYS):
        raise SettingError(f"A roster is worked out for {LONGEST_DAYS} days at most, not for {since} to {until}.")


def shifts_of(
    rules: Iterable[ShiftRule], zone: ZoneInfo, holidays: Container[date], since: date, until: date
) -> list[Shift]:
    """Return the shifts of the days from `since` to `until`, both included, in order; also those of the night before.

    Parameters
    ----------
    rules : iterable of ShiftRule
        As in `gehoor.toml`.
    zone : ZoneInfo
        On whose clock their hours are.
    holidays : container of date
        See `core.public_holidays`.
    since, until : date
        At most 400 days apart.

    Raises
    ------
    SettingError
        When they are further apart, or when there are more than 50,000 shifts.

    Examples
    --------
    >>> night = ShiftRule(who=("noor",), days=("sat",), hours=("22:00-06:00",))
    >>> [shift] = shifts_of([night], ZoneInfo("Europe/Amsterdam"), (), date(2026, 3, 23), date(2026, 3, 29))
    >>> (shift.end - shift.start) / 3_600_000_000  # the clock goes forward in that night
    7.0
    """
    check_window(since, until)
    begin, _ = Stretch(0, 1).on(since, zone)
    window = (since - timedelta(days=1), until)
    every = (one for rule in rules for one in _of(rule, zone, holidays, window) if one.end > max(begin, one.start))
    shifts = list(islice(every, MOST_SHIFTS + 1))
    if len(shifts) > MOST_SHIFTS:
        raise SettingError(f"The roster has more than {MOST_SHIFTS} shifts from {since} to {until}: take fewer days.")
    return sorted(shifts)


def _of(rule: ShiftRule, zone: ZoneInfo, holidays: Container[date], window: tuple[date, date]) -> Iterator[Shift]:
    day, last = max(window[0], rule.since), min(window[1], rule.until)
    stretches = [Stretch.parse(hours) for hours in rule.hours]
    while day <= last:
        if _holds(rule, day, holidays):
            for start, end in (stretch.on(day, zone) for stretch in stretches):
                yield from (Shift(start, end, who, rule.kind, rule.team or "") for who in rule.who)
        day += timedelta(days=1)


def _holds(rule: ShiftRule, day: date, holidays: Container[date]) -> bool:
    if rule.holidays == "only":
        return day in holidays
    return WEEKDAYS[day.weekday()] in rule.days and (rule.holidays == "too" or day not in holidays)
