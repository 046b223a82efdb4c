"""Who is on duty in a workspace: its roster, from its settings, its calendars and its team."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from gehoor.answer.calendar_file import read
from gehoor.answer.roster import Roster
from gehoor.answer.shift import Shift, shifts_of
from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.member import Member
from gehoor.core.public_holidays import public_holidays
from gehoor.core.settings import Settings
from gehoor.core.settings_alerts import Recipient
from gehoor.core.tables.team import member as table
from gehoor.core.team import unpacked

__all__ = ["Duty", "awake", "awake_of", "duty_of", "has_roster", "shifts_around"]

_BEHIND, _AHEAD = timedelta(days=14), timedelta(days=28)


class Duty(NamedTuple):
    """A roster as it is known now; `trouble` says which calendars could not be read, and why."""

    roster: Roster
    trouble: tuple[str, ...]


_KNOWN: dict[bytes, Duty] = {}


def has_roster(settings: Settings) -> bool:
    """Tell whether a workspace says who works when."""
    return bool(settings.roster.shifts or settings.roster.calendars)


def duty_of(settings: Settings, members: Sequence[Member], now: int) -> Duty:
    """Return the roster of some weeks around a moment (microseconds UTC).

    Kept until a day, the settings, the team or a calendar is another. Cost: 20 us; 2 ms when it is made anew.
    """
    stamps = [_stamp(path) for path in settings.roster.calendars]
    zone, country = settings.workspace.timezone, settings.alerts.holidays
    key = msgspec.json.encode((str(settings.roster), members, zone, country, now // DAY_US, stamps))
    known = _KNOWN.get(key)
    if known is None:
        shifts, trouble = shifts_around(settings, now)
        known = Duty(Roster(members, shifts), trouble)
        _KNOWN.clear()
        _KNOWN[key] = known
    return known


def shifts_around(settings: Settings, now: int) -> tuple[list[Shift], tuple[str, ...]]:
    """Return the shifts of some weeks around a moment, and what could not be read."""
    zone = ZoneInfo(settings.workspace.timezone)
    today = datetime.fromtimestamp(now / SECOND_US, UTC).astimezone(zone).date()
    window = today - _BEHIND, today + _AHEAD
    shifts = shifts_of(settings.roster.shifts, zone, public_holidays(settings.alerts.holidays), *window)
    trouble: list[str] = []
    for path in settings.roster.calendars:
        try:
            shifts += _of_calendar(path, zone, window)
        except (OSError, SettingError) as error:
            trouble.append(f"{path.name}: {error.strerror if isinstance(error, OSError) else error}")
    return shifts, tuple(trouble)


def _of_calendar(path: Path, zone: ZoneInfo, window: tuple[date, date]) -> list[Shift]:
    return list(read(path.read_bytes(), zone, *window).shifts)


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # it is not there (yet): said when it is read
        return 0


def awake(tx: sa.Connection, settings: Settings, now: int) -> Mapping[str, Recipient]:
    """Return whom an alert may wake now; see `awake_of`."""
    people = settings.alerts.people
    return awake_of(settings, _members(tx), now) if any(one.member for one in people.values()) else people


def awake_of(settings: Settings, members: Sequence[Member], now: int) -> Mapping[str, Recipient]:
    """Return who may be told of something now: of those who are somebody of the team, who is on duty or on call."""
    there = duty_of(settings, members, now).roster.woken(now)
    names = {name.casefold() for one in there for name in (one.id, one.name, one.mail)}
    people = settings.alerts.people.items()
    return {key: one for key, one in people if one.member is None or one.member.casefold() in names}


def _members(tx: sa.Connection) -> list[Member]:
    rows = tx.execute(sa.select(table).where(table.c.is_active).order_by(sa.func.lower(table.c.name)))
    return [
        Member(
            id=row.id, name=row.name, mail=row.mail, team=row.team, languages=unpacked(row.languages),
            skills=unpacked(row.skills),
        )
        for row in rows
    ]  # fmt: skip
