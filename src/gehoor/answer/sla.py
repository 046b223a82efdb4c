"""From what happens in a conversation to its clocks.

A reply is owed from the customer's first unanswered message until we answer. A resolution is owed from their first
message until the matter is resolved; when it comes back, the clock goes on where it stood, so that resolving early
wins no time. What is resolved without an answer is let go: their next message starts anew, and when we open it again
ourselves, the reply is owed as before. While we wait for the customer, nothing runs. Back-fill starts nothing: nobody
waits for an answer to what was said long ago, though it tells whether we answered before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gehoor.answer.calendar import Calendar
from gehoor.answer.sla_clock import SlaClock
from gehoor.answer.sla_policy import Policy, Target

__all__ = ["Event", "Happens", "clocks"]

Happens = Literal["in", "out", "open", "pending", "resolved"]


@dataclass(frozen=True)
class Event:
    """Something that concerns the clocks: a message in or out, or a status that somebody gave; microseconds UTC."""

    at: int
    happens: Happens
    is_backfill: bool = False


def clocks(policy: Policy, calendar: Calendar, events: Iterable[Event]) -> tuple[SlaClock, ...]:
    """Return all clocks of a conversation, in the order in which they started.

    Parameters
    ----------
    policy : Policy
        What is promised.
    calendar : Calendar
        When we work.
    events : iterable of Event
        In any order; of two of one moment the first given comes first. Statuses that change nothing for the clocks
        (snoozed) are left out.

    Examples
    --------
    >>> from gehoor.answer.hours import Stretch
    >>> always = Calendar("UTC", [[Stretch.parse("00:00-24:00")]] * 7)
    >>> minute = 60_000_000
    >>> events = [Event(0, "in"), Event(5 * minute, "out"), Event(9 * minute, "resolved")]
    >>> found = clocks(Policy("mail", first_reply=4, resolution=10), always, events)
    >>> [(clock.target, clock.state(9 * minute, always)) for clock in found]
    [('first_reply', 'broken'), ('resolution', 'kept')]
    """
    sla = _Conversation(policy, calendar)
    for event in sorted(events, key=lambda one: one.at):
        sla.take(event)
    return tuple(sla.clocks)


class _Conversation:
    def __init__(self, policy: Policy, calendar: Calendar) -> None:
        self.clocks: list[SlaClock] = []
        self._policy = policy
        self._calendar = calendar
        self._last: dict[Target, int] = {}
        self._was_asked = self._was_answered = False

    def take(self, event: Event) -> None:
        if event.happens == "in":
            self._asked(event)
        elif event.happens == "out":
            self._was_answered |= self._was_asked
            self._end(event.at, "first_reply", "next_reply", is_met=True)
        elif event.happens == "pending":
            self._pause(event.at)
        elif event.happens == "open":
            self._go_on(event.at, was_resolved_by_mistake=True)
        else:
            self._end(event.at, "resolution", is_met=True)
            self._end(event.at, "first_reply", "next_reply", is_met=False)

    def _asked(self, event: Event) -> None:
        self._was_asked = True
        if event.is_backfill:
            return
        self._go_on(event.at)
        self._start("next_reply" if self._was_answered else "first_reply", event.at)
        if "resolution" not in self._last:
            self._start("resolution", event.at)

    def _start(self, target: Target, at: int) -> None:
        target_us = self._policy.target_us(target)
        place = self._last.get(target)
        if target_us is None or (place is not None and self.clocks[place].ended_at is None):
            return
        self._last[target] = len(self.clocks)
        self.clocks.append(SlaClock(target, target_us, started_at=at, running_since=at))

    def _go_on(self, at: int, *, was_resolved_by_mistake: bool = False) -> None:
        for target, place in self._last.items():
            clock = self.clocks[place]
            if target == "resolution" or clock.ended_at is None or (was_resolved_by_mistake and not clock.is_met):
                self.clocks[place] = clock.run(at)

    def _pause(self, at: int) -> None:
        for place in self._last.values():
            self.clocks[place] = self.clocks[place].pause(at, self._calendar)

    def _end(self, at: int, *targets: Target, is_met: bool) -> None:
        for place in (self._last[target] for target in targets if target in self._last):
            self.clocks[place] = self.clocks[place].end(at, self._calendar, is_met=is_met)
