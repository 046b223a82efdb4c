"""Puts in the outbox what people are to be told of alerts: each person and place once a story, once more for a crisis.

Runs between two commits, in one transaction with the outbox itself: what a crash undoes is due again, and what was put
in is there, so that nobody is told twice.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from gehoor.core.alert import Alert, alert_of
from gehoor.core.clock import DAY_US
from gehoor.core.outbox import emit
from gehoor.core.settings import Settings
from gehoor.core.tables.ledger import alert as table
from gehoor.core.tables.ledger import outbox
from gehoor.run.alert_plan import NEWS_US, PAUSE_US, due_of, quiet_until, stories_of
from gehoor.run.on_duty import awake
from gehoor.warn.wording import ended_message, message_of

__all__ = ["put_in_outbox"]

_CRISIS = ".crisis"
"""Ends the key of what is told once more: no sender has a full stop in its name."""


def put_in_outbox(tx: sa.Connection, settings: Settings, now: int) -> int:
    """Put in what is due at a moment (microseconds UTC); return how many messages that is. Cost: 0.26 ms at rest."""
    alerts = _recent(tx, now) if settings.alerts.people or settings.alerts.to else []
    if not alerts:
        return 0
    story = stories_of(alerts)
    n = 0
    for name in dict.fromkeys(story.values()):
        mine = [alert for alert in alerts if story[alert.id] == name]
        told = _told(tx, mine)
        n += _tell_senders(tx, settings, mine, told, now)
        n += _tell(tx, settings, mine, told, now) + _tell_over(tx, settings, mine, told, now)
    return n


def _recent(tx: sa.Connection, now: int) -> list[Alert]:
    is_recent = table.c.ended_at.is_(None) | (table.c.ended_at > now - DAY_US)
    return [alert_of(row) for row in tx.execute(sa.select(table).where(is_recent).order_by(table.c.began_at))]


def _told(tx: sa.Connection, alerts: Sequence[Alert]) -> set[str]:
    """Return to whom something was told of a story: the ends of the keys, `person:step` or the name of a sender."""
    found: set[str] = set()
    for alert in alerts:
        prefix = f"alert:{alert.id}:"
        key = outbox.c.key
        rows = tx.execute(sa.select(key).where(key >= prefix, key < prefix + chr(0x10FFFF))).scalars()
        found |= {row.removeprefix(prefix) for row in rows}
    return found


def _tell_senders(tx: sa.Connection, settings: Settings, alerts: Sequence[Alert], told: set[str], now: int) -> int:
    """Tell each of `[alerts] to` at once, day and night: it is a place, and sleeps as little as a crisis."""
    n = 0
    for alert in alerts:
        is_news = alert.verdict != "false" and now < (alert.rose_at or alert.detected_at) + NEWS_US
        for name in settings.alerts.to if is_news else ():
            end = name + _CRISIS if alert.level == 3 else name
            if end in told or name + _CRISIS in told:
                continue
            payload = msgspec.json.encode(message_of(alert, settings, alerts[0].id))
            n += emit(tx, f"alert:{alert.id}:{end}", name, payload)
            told.add(end)
    return n


def _tell(tx: sa.Connection, settings: Settings, alerts: Sequence[Alert], told: set[str], now: int) -> int:
    zone, n = ZoneInfo(settings.workspace.timezone), 0
    people = awake(tx, settings, now)
    for alert in alerts:
        for name, person in people.items():
            for due in due_of(alert, person, zone, now):
                end = f"{name}:{due.step}:crisis" if alert.level == 3 else f"{name}:{due.step}"
                if end in told or f"{name}:{due.step}:crisis" in told:
                    continue
                payload = msgspec.json.encode(message_of(alert, settings, alerts[0].id))
                n += emit(tx, f"alert:{alert.id}:{end}", due.sender, payload, due.at)
                told.add(end)
    return n


def _tell_over(tx: sa.Connection, settings: Settings, alerts: Sequence[Alert], told: set[str], now: int) -> int:
    """Tell those who heard of a story that it is over, unless it was none."""
    last = max(alerts, key=lambda alert: (alert.ended_at or 1 << 62, alert.id))
    if last.ended_at is None or any(alert.verdict == "false" for alert in alerts):
        return 0
    due = last.ended_at + PAUSE_US
    if not due <= now < due + NEWS_US:
        return 0
    zone, n = ZoneInfo(settings.workspace.timezone), 0
    payload = msgspec.json.encode(ended_message(last, settings, alerts[0].id))
    for name in (name for name in settings.alerts.to if told & {name, name + _CRISIS}):
        n += emit(tx, f"over:{alerts[0].id}:{name}", name, payload)
    for name, person in settings.alerts.people.items():
        has_heard = any(end.startswith(f"{name}:") for end in told)
        if has_heard and quiet_until(person, zone, due) == due:
            n += emit(tx, f"over:{alerts[0].id}:{name}:0", person.by[0], payload)
    return n
