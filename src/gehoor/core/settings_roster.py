"""`[roster]`: who works when, week after week, and by which calendars."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec

__all__ = ["RosterTable", "ShiftRule"]

_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
_Days = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ShiftRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a roster that comes back every week.

    Attributes
    ----------
    who : list of str
        Members of the team: their id, name or mail address.
    days : list of str
        mon, tue ...; a shift over midnight belongs to the day on which it begins.
    hours : list of str
        Such as 09:00-12:30; 22:00-06:00 ends on the next day. On the clock of the workspace.
    kind : str
        `duty`, `on_call` (woken when need be), or `absent`, which beats both.
    team : str, optional
        For which team; by default their own.
    since, until : date, optional
        The first and the last day on which it holds.
    holidays : str
        `not`: no shift on a holiday of the workspace's country; `too`, or `only` then, whatever the day of the week.
    """

    who: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    days: tuple[_Days, ...] = ("mon", "tue", "wed", "thu", "fri")
    hours: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    kind: Literal["duty", "on_call", "absent"] = "duty"
    team: str | None = None
    since: date = date.min
    until: date = date.max
    holidays: Literal["not", "too", "only"] = "not"

    def __post_init__(self) -> None:
        for hours in self.hours:
            if not _HOURS.fullmatch(hours):
                raise ValueError(f"hours: {hours!r} is no stretch of the day: write it as 09:00-17:00, or 22:00-06:00")


class RosterTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[roster]`: who is on duty; nothing written: everybody who answers always is.

    Attributes
    ----------
    shifts : tuple of ShiftRule
        `[[roster.shifts]]`.
    calendars : tuple of Path
        Files of another calendar (.ics), read again when they change.
    """

    shifts: tuple[ShiftRule, ...] = ()
    calendars: tuple[Path, ...] = ()
