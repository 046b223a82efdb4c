"""The clocks of conversations, from what was said and done in each: replies that are owed, and when it is to be done.

Who has a policy of their own is known by segments that people keep: `groups` of a policy name them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import cast, get_args

import msgspec
import sqlalchemy as sa

from gehoor.answer.calendar import NEVER, Calendar
from gehoor.answer.sla import Event, Happens, clocks
from gehoor.answer.sla_clock import SlaClock
from gehoor.answer.sla_policy import Policy, policy_for
from gehoor.core.audience.people import People
from gehoor.core.audience.rule import parse_rule
from gehoor.core.clock import DAY_US
from gehoor.core.desk import URGENCIES, InboxRow
from gehoor.core.forget_desk import TALKS
from gehoor.core.query import QueryError
from gehoor.core.reader import Reader
from gehoor.core.tables.conversation import conversation_post
from gehoor.core.tables.desk import desk_event

__all__ = ["DeskClocks"]

_STILL = ("pending", "resolved", "earlier", "lapsed")
_HAPPENS = frozenset(get_args(Happens))


class DeskClocks:
    """Tells of conversations which clock runs out first.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    policies : sequence of Policy
        What is promised; the first that holds decides.
    calendar : Calendar
        When we work.
    """

    def __init__(self, reader: Reader, policies: Sequence[Policy], calendar: Calendar) -> None:
        self._reader, self._policies, self._calendar = reader, policies, calendar

    def running(self, rows: Sequence[InboxRow], now: int) -> Mapping[int, SlaClock]:
        """Return by conversation the running clock that is due first; nothing where none runs. Cost: 4 ms a hundred.

        A reply that is owed, or the whole matter; time in which we wait for the customer does not count, and back-fill
        starts no clock. Of a row `id actor_key channel urgency status` are read.
        """
        live = [row for row in rows if row.status not in _STILL] if self._policies else []
        groups = self._groups({row.actor_key for row in live if row.actor_key is not None}, now)
        policies = {
            row.id: policy
            for row in live
            if (policy := policy_for(
                self._policies, row.channel, URGENCIES[row.urgency], groups.get(row.actor_key or 0, frozenset())
            )) is not None
        }  # fmt: skip
        happened = self._happened(policies)
        found = {id_: self._first(clocks(policies[id_], self._calendar, happened[id_])) for id_ in policies}
        return {id_: clock for id_, clock in found.items() if clock is not None}

    def _first(self, known: Sequence[SlaClock]) -> SlaClock | None:
        running = [clock for clock in known if clock.running_since is not None]
        return min(running, key=lambda one: one.due_at(self._calendar) or NEVER, default=None)

    def _happened(self, ids: Collection[int]) -> Mapping[int, list[Event]]:
        """Return what concerns the clocks of some conversations, in its order."""
        events: defaultdict[int, list[Event]] = defaultdict(list)
        for id_, event in (*self._said(ids), *self._decided(ids)) if ids else ():
            events[id_].append(event)
        return events

    def _said(self, ids: Collection[int]) -> Iterator[tuple[int, Event]]:
        table = conversation_post.c
        columns = (table.conversation, table.at, table.direction, table.is_backfill, table.channel)
        mine = sa.select(*columns).where(table.conversation.in_(ids), table.was == "", table.direction != "internal")
        for row in self._reader.stored(mine.order_by(table.at, table.seq)):
            if row.direction == "in":
                yield row.conversation, Event(row.at, "in", row.is_backfill)
            if row.direction != "in" or row.channel in TALKS:  # a talk is answered while it lasts
                yield row.conversation, Event(row.at, "out", row.is_backfill)

    def _decided(self, ids: Collection[int]) -> Iterator[tuple[int, Event]]:
        """Yield what people said of how it stands, also before it was put together with another."""
        post, done = conversation_post.c, desk_event.c
        both = conversation_post.join(desk_event, done.conversation == post.seq)
        mine = sa.select(post.conversation, done.at, done.detail).select_from(both)
        for row in self._reader.stored(mine.where(post.conversation.in_(ids), done.act == "status").order_by(done.id)):
            status = msgspec.json.decode(row.detail).get("status")
            if status in _HAPPENS:
                yield row.conversation, Event(row.at, cast(Happens, status))

    def _groups(self, actors: Collection[int], now: int) -> Mapping[int, frozenset[str]]:
        """Return in which of the segments that policies name each actor's person is."""
        named = {name for policy in self._policies for name in policy.groups}
        found: defaultdict[int, set[str]] = defaultdict(set)
        people = People(self._reader)
        for kept in people.kept() if named and actors else ():
            if kept.name not in named:
                continue
            try:
                rule = parse_rule(kept.rule, now // DAY_US)
            except QueryError:  # a rule of an older gehoor: the segment's page says what is wrong with it
                continue
            for actor in people.actors(rule, actors):
                found[actor].add(kept.name)
        return {actor: frozenset(names) for actor, names in found.items()}
