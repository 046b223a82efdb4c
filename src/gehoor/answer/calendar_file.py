"""iCalendar (RFC 5545): a roster out of Outlook, Google or Nextcloud, and ours into theirs.

A shift ends when the wall says so: eight hours from 22:00 are seven in the night in which the clock goes forward, so
that shifts which meet on paper meet in time (the standard would let somebody work until 07:00).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from gehoor.answer.calendar_event import Window, instances, kept_out, uid_of
from gehoor.answer.shift import MOST_SHIFTS, Shift, check_window
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import RejectedRecord, SettingError

__all__ = ["LARGEST_BYTES", "MOST_EVENTS", "Timetable", "read", "written"]

LARGEST_BYTES = 1_000_000
MOST_EVENTS = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Timetable:
    """What a file says: its shifts, in order, and in a sentence each what was not read, and why."""

    shifts: tuple[Shift, ...]
    refused: tuple[str, ...]


def read(data: bytes, zone: ZoneInfo, since: date, until: date) -> Timetable:
    """Read the shifts that begin on the days from `since` to `until`, both included, or before and go on in them.

    Who works are the people invited, or else the title; the first category that is no kind is the team. A shift is
    `on_call` or `absent` when a category says so in Dutch or English, or Outlook that somebody is away.

    Parameters
    ----------
    data : bytes
        A file of at most 1 MB with at most 10,000 events. Untrusted.
    zone : ZoneInfo
        Of times that have none.
    since, until : date
        At most 400 days apart.

    Raises
    ------
    SettingError
        When it is no calendar, or too large, or gives more than 50,000 shifts. One bad event costs only itself.
    """
    check_window(since, until)
    events = _events(data)
    window, refused = Window(zone, since, until), []
    moved = _moved(events, zone)
    shifts: list[Shift] = []
    for event in events:
        try:
            shifts += instances(event, window, moved.get(uid_of(event), frozenset()))
        except RejectedRecord as error:
            refused.append(f"{_title(event)}: {error.reason}")
        if len(shifts) > MOST_SHIFTS:
            raise SettingError(f"The calendar has more than {MOST_SHIFTS} shifts from {since} to {until}.")
    return Timetable(tuple(sorted(set(shifts))), tuple(refused))


def written(shifts: Iterable[Shift], names: Mapping[str, str], at: int) -> bytes:
    """Return shifts as a calendar that others subscribe to.

    Parameters
    ----------
    shifts : iterable of Shift
        In the order in which they shall stand.
    names : mapping of str to str
        How people are called; by default as the shift names them.
    at : int
        When it is written, microseconds UTC.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//gehoor//roster//EN")
    calendar.add("version", "2.0")
    for shift in shifts:
        event = Event()
        key = f"{shift.start}\n{shift.end}\n{shift.who}\n{shift.kind}\n{shift.team}"
        event.add("uid", hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest() + "@gehoor")
        event.add("dtstamp", _moment(at))
        event.add("dtstart", _moment(shift.start))
        event.add("dtend", _moment(shift.end))
        event.add("summary", names.get(shift.who, shift.who))
        event.add("categories", [shift.kind, *([shift.team] if shift.team else [])])
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _moment(at: int) -> datetime:
    return _EPOCH + timedelta(seconds=at // SECOND_US)


def _events(data: bytes) -> list[Event]:
    if len(data) > LARGEST_BYTES:
        raise SettingError(f"The calendar is larger than {LARGEST_BYTES // 1_000_000} MB: export a shorter period.")
    try:
        calendars = Calendar.from_ical(b"\r\n".join(_without_zones(data)), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        calendars = []
    if not calendars:
        raise SettingError("This is no calendar that can be read: export it as iCalendar (.ics).")
    events = [event for calendar in calendars for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    if len(events) > MOST_EVENTS:
        raise SettingError(f"The calendar has more than {MOST_EVENTS} events: export a shorter period.")
    return events


def _without_zones(data: bytes) -> Iterator[bytes]:
    """Yield the lines, unfolded, that define no time zone: we know the zones, and a file's own may recur for ever."""
    is_zone = False
    for line in data.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"").split(b"\n"):
        word = line.strip().upper()
        is_zone |= word == b"BEGIN:VTIMEZONE"
        if not is_zone and word:
            yield line
        is_zone &= word != b"END:VTIMEZONE"


def _moved(events: Iterable[Event], zone: ZoneInfo) -> dict[str, frozenset[datetime | date]]:
    """Return of each event that recurs which of its instances are told apart: moved, or called off."""
    moved: defaultdict[str, set[datetime | date]] = defaultdict(set)
    for event in events:
        instance = kept_out(event, zone)
        if instance is not None and uid_of(event):
            moved[uid_of(event)].add(instance)
    return {uid: frozenset(instances) for uid, instances in moved.items()}


def _title(event: Event) -> str:
    return str(event.get("SUMMARY", ""))[:80] or "An event without a title"
