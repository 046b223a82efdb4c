"""One event of a calendar file, and the shifts that it stands for. What it holds was written by strangers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from gehoor.answer.hours import Stretch
from gehoor.answer.recurrence import Rule, occurrences
from gehoor.answer.shift import LONGEST_DAYS, Kind, Shift
from gehoor.core.errors import RejectedRecord

__all__ = ["Window", "instances", "kept_out", "uid_of"]

_KINDS: dict[str, Kind] = {
    "duty": "duty",
    **dict.fromkeys(("on_call", "on-call", "on call", "standby", "bereikbaar", "piket"), "on_call"),
    **dict.fromkeys(("absent", "absence", "leave", "afwezig", "verlof", "vakantie", "ziek"), "absent"),
}
_DAY_MIN, _MOST_PEOPLE = 1_440, 100
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)
"""What icalendar raises for values that are none."""

Instance = datetime | date
Properties = Mapping[str, Any]
"""The properties of an event, as icalendar reads them: any of a hundred types."""


@dataclass(frozen=True)
class Window:
    """Which days are asked for, and the zone of times that have none."""

    zone: ZoneInfo
    since: date
    until: date


@dataclass(frozen=True)
class _Span:
    """The first instance, on the wall of its zone, and how many minutes it lasts there."""

    start: datetime
    minutes: int
    zone: ZoneInfo
    is_whole_day: bool

    def on(self, day: date) -> tuple[int, int]:
        first = self.start.hour * 60 + self.start.minute
        return Stretch(first, first + self.minutes).on(day, self.zone)

    def instance(self, day: date) -> Instance:
        """Return what EXDATE and RECURRENCE-ID call the instance of a day."""
        return day if self.is_whole_day else datetime.combine(day, self.start.time(), self.zone).astimezone(UTC)


def uid_of(event: Properties) -> str:
    """Return what all versions of an event share."""
    return str(event.get("UID", ""))


def kept_out(event: Properties, zone: ZoneInfo) -> Instance | None:
    """Return which instance of an event that recurs this one stands for; None: it is the event itself."""
    try:
        return _utc(event["RECURRENCE-ID"].dt, zone) if "RECURRENCE-ID" in event else None
    except _BROKEN:
        return None  # `instances` says so


def instances(event: Properties, window: Window, moved: Collection[Instance]) -> list[Shift]:
    """Return the shifts of an event that begin in the window, or before it and go on in it.

    Parameters
    ----------
    event : mapping of str to property
        As read; untrusted.
    window : Window
        Which days.
    moved : collection of datetime or date
        Instances that other events of the file stand for.

    Raises
    ------
    RejectedRecord
        Saying why it cannot be read.
    """
    try:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return []
        if "RANGE" in getattr(event.get("RECURRENCE-ID"), "params", {}):
            raise RejectedRecord("It changes all later instances at once, which is not read here.")
        span, kind = _span(event, window.zone), _kind(event)
        begin, _ = Stretch(0, 1).on(window.since, window.zone)
        gone = {_utc(one.dt, span.zone) for dates in _several(event.get("EXDATE")) for one in dates.dts}
        gone |= set() if "RECURRENCE-ID" in event else set(moved)
        days = [day for day in _days(event, span, window) if gone.isdisjoint((day, span.instance(day)))]
        team = next((name for name in _categories(event) if name.casefold() not in _KINDS), "")
        shifts = [Shift(*span.on(day), who, kind, team) for day in days for who in _who(event)]
        return [shift for shift in shifts if shift.end > begin and shift.end > shift.start]
    except _BROKEN as error:
        raise RejectedRecord("It holds a value that cannot be read.") from error


def _span(event: Properties, zone: ZoneInfo) -> _Span:
    if "DTSTART" not in event:
        raise RejectedRecord("It does not say when it starts.")
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    is_whole_day = not isinstance(start, datetime)
    if not is_whole_day and start.tzinfo is None and "TZID" in event["DTSTART"].params:
        raise RejectedRecord(f"The time zone {str(event['DTSTART'].params['TZID'])[:40]!r} is not known.")
    own = start.tzinfo if not is_whole_day and isinstance(start.tzinfo, ZoneInfo) else zone
    first = _wall(start, own)
    if end is not None:
        lasts = _wall(end, own) - first
    else:
        lasts = event["DURATION"].dt if "DURATION" in event else timedelta(days=int(is_whole_day))
    if not timedelta(0) < lasts <= timedelta(days=LONGEST_DAYS):
        raise RejectedRecord(f"It lasts no time, or longer than {LONGEST_DAYS} days.")
    return _Span(first.replace(second=0, microsecond=0), int(lasts.total_seconds()) // 60, own, is_whole_day)


def _wall(moment: Instance, zone: ZoneInfo) -> datetime:
    """Return what the wall of a zone shows; a moment without a zone is on that wall already."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min)
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)


def _days(event: Properties, span: _Span, window: Window) -> list[date]:
    # What began before the window may go on in it.
    since = window.since - timedelta(days=min(span.minutes // _DAY_MIN + 1, (window.since - date.min).days))
    first = span.start.date()
    days = {first} if since <= first <= window.until else set()
    for rule in _several(event.get("RRULE") if "RECURRENCE-ID" not in event else None):
        last = rule.get("UNTIL")
        read = Rule.of(rule, _last_day(last[0], span) if last else None)
        days.update(occurrences(read, first, since, window.until))
    for dates in _several(event.get("RDATE")):
        days.update(_rdates(dates.dts, span, since, window.until))
    return sorted(days)


def _rdates(dates: list[Any], span: _Span, since: date, until: date) -> Iterator[date]:
    for one in dates:
        wall = _wall(one.dt, span.zone)
        if wall.time() != span.start.time():
            raise RejectedRecord("It recurs at other times of the day, which is not read here.")
        if since <= wall.date() <= until:
            yield wall.date()


def _last_day(last: Instance, span: _Span) -> date:
    """Return the last day on which the event begins at its time of day, up to and including `last`."""
    wall = _wall(last, span.zone)
    is_late = isinstance(last, datetime) and span.start.time() > wall.time()
    return wall.date() - timedelta(days=int(is_late))


def _utc(moment: Instance, zone: ZoneInfo) -> Instance:
    if not isinstance(moment, datetime):
        return moment
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)


def _kind(event: Properties) -> Kind:
    said = [_KINDS[name.casefold()] for name in _categories(event) if name.casefold() in _KINDS]
    away = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "OOF"
    return said[0] if said else "absent" if away else "duty"


def _categories(event: Properties) -> list[str]:
    return [str(name).strip() for one in _several(event.get("CATEGORIES")) for name in one.cats if str(name).strip()]


def _who(event: Properties) -> list[str]:
    invited = [str(one)[7:] for one in _several(event.get("ATTENDEE")) if str(one).lower().startswith("mailto:")]
    who = [name.strip() for name in invited or [str(event.get("SUMMARY", ""))] if name.strip()]
    if not who:
        raise RejectedRecord("It names nobody: invite them, or write their name as the title.")
    return list(islice(who, _MOST_PEOPLE))


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
