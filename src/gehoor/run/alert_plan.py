"""When each person is told of an alert: quiet hours, snoozing, levels, and who is next when nobody looks after it.

All of it is a function of the alert, the settings and the moment: after a crash the same is due, under the same key.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gehoor.core.alert import Alert
from gehoor.core.clock import SECOND_US
from gehoor.core.settings_alerts import Recipient

__all__ = ["NEWS_US", "PAUSE_US", "Due", "due_of", "plan_of", "quiet_until", "stories_of"]

_MINUTE_US = 60 * SECOND_US
_EVER = 1 << 62
NEWS_US = 60 * _MINUTE_US
"""What was due longer ago is no news: after a rebuild, or a long stop, nobody is woken for the past."""

PAUSE_US = 10 * _MINUTE_US
"""A story is over when nothing new began in so long after its last alert."""


class Due(NamedTuple):
    """One message that is due: the how-manieth sender of a person, and at which moment it was."""

    step: int
    sender: str
    at: int


def stories_of(alerts: Sequence[Alert]) -> dict[str, str]:
    """Return the story that each alert belongs to: the id of its first alert, of the same brand and overlapping.

    What came up beside another is another matter, and a story of its own.
    """
    story: dict[str, str] = {}
    last: dict[str, tuple[int, str]] = {}
    for alert in sorted(alerts, key=lambda one: (one.began_at, one.id)):
        if alert.beside is not None:
            story[alert.id] = alert.id
            continue
        until, name = last.get(alert.brand, (-PAUSE_US - 1, alert.id))
        goes_on = alert.began_at <= until + PAUSE_US
        story[alert.id] = name if goes_on else alert.id
        ends = _EVER if alert.ended_at is None else alert.ended_at
        last[alert.brand] = max(ends, until) if goes_on else ends, story[alert.id]
    return story


def due_of(alert: Alert, person: Recipient, zone: ZoneInfo, now: int) -> Iterator[Due]:
    """Yield what a person should be told of an alert now, one `Due` a sender of theirs.

    Parameters
    ----------
    alert : Alert
        As it stands now, with what people decided about it.
    person : Recipient
        Whom it is about.
    zone : ZoneInfo
        Of the workspace, for those who have none of their own.
    now : int
        Microseconds UTC.
    """
    for due in plan_of(alert, person, zone):
        if due.at <= now < due.at + NEWS_US:
            yield due


def plan_of(alert: Alert, person: Recipient, zone: ZoneInfo) -> Iterator[Due]:
    """Yield what a person is told of an alert, sooner or later, if it stays as it is; see `due_of`."""
    if alert.verdict == "false" or alert.level < person.from_level:
        return
    began = alert.rose_at if alert.rose_at is not None else alert.detected_at
    for step, sender in enumerate(person.by):
        wait = (person.after_minutes + step * person.louder_minutes) * _MINUTE_US
        due = _not_snoozed(alert, began + wait)
        at = due if alert.level == 3 else quiet_until(person, zone, due)
        is_over = alert.ended_at is not None and alert.ended_at <= due
        is_seen = alert.acknowledged_at is not None and alert.acknowledged_at <= at
        if not is_over and not is_seen:
            yield Due(step, sender, at)


def _not_snoozed(alert: Alert, at: int) -> int:
    """Return when it may be told; what became a crisis after it was snoozed is told at once."""
    if alert.snoozed_until is None or alert.snoozed_at is None:
        return at
    is_graver = alert.level == 3 and alert.rose_at is not None and alert.rose_at > alert.snoozed_at
    return at if is_graver or at < alert.snoozed_at else max(at, alert.snoozed_until)


def quiet_until(person: Recipient, zone: ZoneInfo, at: int) -> int:
    """Return the moment itself, or the end of the quiet hours that it falls in, on the person's own clock."""
    hours = person.quiet_hours
    if hours is None or hours[0] == hours[1]:
        return at
    since, until = hours
    local = datetime.fromtimestamp(at / SECOND_US, ZoneInfo(person.timezone) if person.timezone else zone)
    moment = local.time()
    is_night = since > until
    is_quiet = (moment >= since or moment < until) if is_night else since <= moment < until
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1 if is_night and moment >= since else 0)
    return round(datetime.combine(day, until.replace(fold=local.fold), local.tzinfo).timestamp()) * SECOND_US
