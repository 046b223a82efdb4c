"""Moments from a file: iCalendar as calendars export it, or CSV with name, since, until and perhaps kind and brand."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.run.mirror.told import NewMoment

__all__ = ["MOST_BYTES", "moment_of", "moments_in", "moments_of_file"]

MOST_BYTES = 10_000_000
_HOUR_US = 3_600 * SECOND_US
"""Of what a calendar gives no length."""


def moments_of_file(path: Path, zone: ZoneInfo) -> list[NewMoment]:
    """Read moments; days and times without a zone are those of the workspace.

    Of something that repeats only its first time is read.

    Raises
    ------
    SettingError
        The file cannot be read, or a line of it; the message says which.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingError(f"{path} is larger than 10 MB: is it a calendar?")
        data = path.read_bytes()
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}.") from error
    return moments_in(path, data, zone)


def moments_in(path: Path, data: bytes, zone: ZoneInfo) -> list[NewMoment]:
    """Read moments of a file that is read already, or was sent here under a name; see `moments_of_file`."""
    is_calendar = path.suffix.lower() in (".ics", ".ical")
    return list(_of_calendar(path, data, zone) if is_calendar else _of_csv(path, data, zone))


def _of_calendar(path: Path, data: bytes, zone: ZoneInfo) -> Iterator[NewMoment]:
    from icalendar import Calendar

    try:
        events = Calendar.from_ical(data).walk("VEVENT")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise SettingError(f"{path} is no iCalendar file: {error}.") from None
    for event in events:
        start = event.get("DTSTART")
        if start is None:
            continue
        since, until = _micros(start.dt, zone), _micros(_end(event, start.dt), zone)
        until = until if until > since else since + _HOUR_US
        yield NewMoment(
            name=str(event.get("SUMMARY") or "?")[:120], since=since, until=until,
            kind=_kind(event), source=f"ics:{event.get('UID') or ''}:{start.dt}",
        )  # fmt: skip


def _kind(event: Any) -> str:
    categories = event.get("CATEGORIES")
    names = [str(name) for name in getattr(categories, "cats", [])] if categories is not None else []
    return names[0].strip().lower()[:40] if names and names[0].strip() else "other"


def _end(event: Any, start: date) -> date:
    """Return when it ends: as it says, else after a day, or an hour where it has a time."""
    if event.get("DTEND") is not None:
        end: date = event.get("DTEND").dt
        return end
    if event.get("DURATION") is not None:
        return start + event.get("DURATION").dt  # type: ignore[no-any-return]  # icalendar gives what it finds
    return start + (timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1))


def _of_csv(path: Path, data: bytes, zone: ZoneInfo) -> Iterator[NewMoment]:
    rows = csv.DictReader(data.decode("utf-8-sig", "replace").splitlines())
    if not {"name", "since"} <= set(rows.fieldnames or ()):
        raise SettingError(f"{path}: the first line must name the columns name, since, until (and kind, brand).")
    for row in rows:
        try:
            stretch = row["since"], row.get("until") or None
            yield moment_of(row["name"], stretch, zone, kind=row.get("kind") or "other", brand=row.get("brand") or "")
        except SettingError as error:
            raise SettingError(f"{path}, line {rows.line_num}: {error}") from None


def moment_of(
    name: str, stretch: tuple[str, str | None], zone: ZoneInfo, *, kind: str = "other", brand: str = ""
) -> NewMoment:
    """Return a moment of what somebody typed: ISO days or times; a day without an end is that whole day.

    Raises
    ------
    SettingError
        One of them is no day or time.
    """
    since, until = stretch
    start = _read(since)
    end = _read(until) if until else start
    if not isinstance(end, datetime):
        end += timedelta(days=1)  # the last day is meant whole
    elif not until:
        end += timedelta(hours=1)
    return NewMoment(name=name, since=_micros(start, zone), until=_micros(end, zone), kind=kind, brand=brand,
                     source=f"typed:{name}:{since}")  # fmt: skip


def _read(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(f"{text[:40]!r} is no day or time. Write it as 2026-11-22 or 2026-11-22T20:30.") from None


def _micros(moment: date, zone: ZoneInfo) -> int:
    whole = moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)
    aware = whole if whole.tzinfo is not None else whole.replace(tzinfo=zone)
    return round(aware.astimezone(UTC).timestamp() * SECOND_US)
