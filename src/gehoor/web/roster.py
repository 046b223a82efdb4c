"""A week of the roster as a picture: for each day who works when, and when nobody does."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gehoor.answer.hours import micros
from gehoor.answer.roster import Roster
from gehoor.answer.shift import Kind, Shift, shifts_of
from gehoor.core.clock import SECOND_US
from gehoor.core.public_holidays import public_holidays
from gehoor.core.settings import Settings
from gehoor.run.on_duty import shifts_around
from gehoor.web.site import Site

__all__ = ["QUARTERS", "Bar", "Day", "Week", "week_of"]

QUARTERS = 96
"""A day is drawn in quarters of an hour."""

_QUARTER_MIN = 15
_WEEK = timedelta(days=6)


class Bar(NamedTuple):
    """A stretch of a day: how many quarters long, and who works then; `who` is empty where it stays blank.

    `rule`: the place of its rule in the settings, from 1; 0: it comes from a calendar.
    """

    span: int
    who: str = ""
    hours: str = ""
    kind: Kind = "duty"
    rule: int = 0


class Day(NamedTuple):
    """A day: lanes of bars below each other, and when somebody is on duty (`who` says so) or nobody is."""

    on: date
    is_today: bool
    is_holiday: bool
    lanes: list[list[Bar]]
    covered: list[Bar]


class Week(NamedTuple):
    """Seven days from a Monday; who in the roster is nobody of the team; which calendars could not be read."""

    days: list[Day]
    strangers: list[str]
    trouble: tuple[str, ...]


class _Drawn(NamedTuple):
    since: int
    until: int
    bar: Bar


def week_of(site: Site, weeks_ahead: int) -> Week:
    """Return a week: 0 is this one. Reads the team and calendars: use a thread."""
    settings, zone, now = site.settings, site.zone, site.clock.now()
    today = datetime.fromtimestamp(now / SECOND_US, UTC).astimezone(zone).date()
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks_ahead)
    around, trouble = shifts_around(settings, micros(datetime(monday.year, monday.month, monday.day, 12, tzinfo=zone)))
    members = site.team.members()
    roster = Roster(members, around)
    names = {name.casefold(): one.name or one.id for one in members for name in (one.id, one.mail, one.name) if name}
    ruled = list(_ruled(settings, zone, monday))
    known = {shift for _, shift in ruled}
    shifts = ruled + [(0, shift) for shift in around if shift not in known]
    holidays = public_holidays(settings.alerts.holidays)
    days = [
        Day(
            on=day,
            is_today=day == today,
            is_holiday=day in holidays,
            lanes=_lanes(_drawn(shifts, day, zone, names)),
            covered=_covered(roster, day, zone),
        )
        for day in (monday + timedelta(days=n) for n in range(7))
    ]
    return Week(days, sorted(roster.strangers), trouble)


def _ruled(settings: Settings, zone: ZoneInfo, monday: date) -> Iterator[tuple[int, Shift]]:
    holidays = public_holidays(settings.alerts.holidays)
    for place, rule in enumerate(settings.roster.shifts, start=1):
        yield from ((place, shift) for shift in shifts_of([rule], zone, holidays, monday, monday + _WEEK))


def _drawn(shifts: Iterable[tuple[int, Shift]], day: date, zone: ZoneInfo, names: dict[str, str]) -> Iterator[_Drawn]:
    """Return what of the shifts lies on a day, by the clock on the wall, in quarters."""
    for rule, shift in shifts:
        start, end = (datetime.fromtimestamp(at / SECOND_US, UTC).astimezone(zone) for at in (shift.start, shift.end))
        since = 0 if start.date() < day else start.hour * 60 + start.minute if start.date() == day else None
        until = 24 * 60 if end.date() > day else end.hour * 60 + end.minute if end.date() == day else 0
        if since is None or until <= since:
            continue
        first, last = since // _QUARTER_MIN, -(-until // _QUARTER_MIN)
        who = names.get(shift.who.casefold(), shift.who)
        hours = f"{start:%H:%M}–{end:%H:%M}"
        yield _Drawn(first, last, Bar(last - first, who, hours, shift.kind, rule))


def _lanes(drawn: Iterable[_Drawn]) -> list[list[Bar]]:
    """Put bars in as few lanes as hold them, the earliest first, each lane filled up to a whole day."""
    lanes: list[list[Bar]] = []
    ends: list[int] = []
    for one in sorted(drawn, key=lambda one: (one.since, one.until, one.bar.who)):
        place = next((place for place, end in enumerate(ends) if end <= one.since), len(lanes))
        if place == len(lanes):
            lanes.append([])
            ends.append(0)
        lanes[place] += [*_blank(one.since - ends[place]), one.bar]
        ends[place] = one.until
    return [[*lane, *_blank(QUARTERS - end)] for lane, end in zip(lanes, ends, strict=True)]


def _blank(span: int) -> Sequence[Bar]:
    return [Bar(span)] if span else []


def _covered(roster: Roster, day: date, zone: ZoneInfo) -> list[Bar]:
    begin = datetime(day.year, day.month, day.day, tzinfo=zone)
    moments = (micros(begin + timedelta(minutes=_QUARTER_MIN * n)) for n in range(QUARTERS))
    runs = groupby(bool(roster.on_duty(at)) for at in moments)
    return [Bar(len(list(run)), "somebody" if is_there else "") for is_there, run in runs]
