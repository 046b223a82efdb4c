"""Turns a burst and what was found of it into the alert that people see."""

import msgspec
import sqlalchemy as sa

from gehoor.core.alert import Alert, Lead, write_alert
from gehoor.core.clock import SECOND_US
from gehoor.core.outbox import rewrite_entry
from gehoor.core.settings import Settings
from gehoor.core.tables.ledger import outbox
from gehoor.warn.burst_state import Burst
from gehoor.warn.crisis import Facts, crisis_of
from gehoor.warn.evidence import Evidence
from gehoor.warn.leading import lead_of
from gehoor.warn.level import level_of
from gehoor.warn.wording import message_of

__all__ = ["alert_of_burst", "tell_anew"]


def alert_of_burst(burst: Burst, now: int, found: Evidence) -> Alert:
    """Return the alert of a burst as it stands at a moment (seconds since 1970), and note its level in the burst."""
    facts = Facts(
        n=burst.n, expected=burst.expected, n_negative=burst.n_negative, spreading=found.spreading, reach=found.reach,
        roles=found.roles,
    )  # fmt: skip
    crisis = None if burst.measure == "silence" else crisis_of(facts)
    if crisis is not None:
        level = level_of(crisis, found.n_people, burst.n_negative / max(burst.n, 1.0), burst.level)
        if level > burst.level and burst.told_at:
            burst.rose_at = now
        burst.level = level
    burst.told_at = now
    return Alert(
        id=burst.id, brand=burst.brand, measure=burst.measure, level=burst.level,
        began_at=burst.began_at * SECOND_US, detected_at=burst.detected_at * SECOND_US,
        ended_at=now * SECOND_US if burst.is_over else None, rose_at=burst.rose_at * SECOND_US or None,
        n=round(burst.n), expected=round(burst.expected, 2), peak_per_minute=burst.peak_per_minute,
        normal_per_minute=round(burst.normal_per_minute, 3), probability=1 / (1 + 10 ** -burst.score),
        first=found.first, quotes=found.quotes, carriers=found.carriers, channels=found.channels, reach=found.reach,
        n_people=found.n_people, roles=found.roles, crisis=crisis, earlier=found.earlier,
        links=found.links, beside=burst.beside, need=burst.need,
        lead=Lead("term", burst.word) if burst.word else lead_of(burst.lead, found.posts, found.links),
    )  # fmt: skip


def tell_anew(tx: sa.Connection, alert: Alert, settings: Settings) -> None:
    """Write an alert whose words changed, and every message about it: also of who is told no more."""
    write_alert(tx, alert)
    payload = msgspec.json.encode(message_of(alert, settings))
    mine = outbox.c.key.startswith(f"alert:{alert.id}:", autoescape=True)
    for key in tx.execute(sa.select(outbox.c.key).where(mine)).scalars().all():
        rewrite_entry(tx, key, payload)
