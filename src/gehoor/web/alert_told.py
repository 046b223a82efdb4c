"""Who was told of an alert: whom, by which sender, when, and what became of it."""

from collections.abc import Sequence

import msgspec

from gehoor.core.alert import Alert
from gehoor.core.outbox import Entry
from gehoor.run.alert_plan import PAUSE_US, plan_of, stories_of
from gehoor.web.site import Site

__all__ = ["Told", "Waits", "told_of", "waits_of"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One message about an alert.

    Attributes
    ----------
    entry : Entry
        As it stands in the outbox.
    who : str, optional
        What the person is called; None: it went to a place, such as a channel of the team.
    at : int, optional
        Microseconds UTC at which it was due; None: at once.
    is_louder : bool
        Nobody looked after the alert, so the next way to reach this person was taken.
    is_end : bool
        It says that the alert is over.
    """

    entry: Entry
    who: str | None
    at: int | None
    is_louder: bool
    is_end: bool


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who will be told.

    Attributes
    ----------
    who, sender : str
        What they are called, and by which way.
    at : int
        Microseconds UTC.
    """

    who: str
    sender: str
    at: int


def told_of(site: Site, alert: Alert) -> list[Told]:
    """Return who was told of an alert, in the order in which it was due; the words of what was sent are not kept."""
    found = [
        _told(site, entry, what, entry.key.removeprefix(f"{what}:{alert.id}:"))
        for what in ("alert", "over")
        for entry in site.reader.entries(f"{what}:{alert.id}:")
    ]
    return sorted(found, key=lambda one: (one.is_end, one.at or 0, one.entry.channel, one.entry.key))


def waits_of(site: Site, alert: Alert, told: Sequence[Told], now: int) -> list[Waits]:
    """Return whom an alert will still be told if nobody looks after it: the next way of each person, the soonest first.

    Who is told only while they are on duty is left out: who that will be is not known yet. Of an alert that is not the
    first of its story nobody is promised anything: who heard of the story does not hear of it again.
    """
    since = alert.began_at - PAUSE_US
    if stories_of(site.reader.alerts(since)).get(alert.id) != alert.id:
        return []
    known = {(one.who, one.entry.channel) for one in told}
    found = []
    for name, person in site.settings.alerts.people.items():
        who = person.name or name
        plan = [] if person.member else plan_of(alert, person, site.zone)
        coming = [due for due in plan if due.at > now and (who, due.sender) not in known]
        found += [Waits(who=who, sender=due.sender, at=due.at) for due in coming[:1]]
    return sorted(found, key=lambda one: one.at)


def _told(site: Site, entry: Entry, what: str, whom: str) -> Told:
    """Read from the key whom it was for: a person and the how-manieth way to reach them, or a sender."""
    name, step, *_ = [*whom.split(":"), ""]
    person = site.settings.alerts.people.get(name)
    return Told(
        entry=entry, who=((person and person.name) or name) if step.isdecimal() else None, at=entry.not_before or None,
        is_louder=step.isdecimal() and step != "0", is_end=what == "over",
    )  # fmt: skip
