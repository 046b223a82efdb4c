"""What comes first at the desk and why: conversations beside what was promised, and what their people are worth."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import msgspec
import sqlalchemy as sa

from gehoor.answer.calendar import Calendar
from gehoor.answer.hours import WEEKDAYS, Stretch
from gehoor.answer.leaning import Leaning
from gehoor.answer.priority import Facts, Why, priority
from gehoor.answer.sla_clock import SlaClock, State
from gehoor.answer.sla_policy import TARGETS, Policy, Target
from gehoor.core.clock import DAY_US
from gehoor.core.desk import InboxRow
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.core.settings_desk import Desk, SlaPolicy
from gehoor.core.tables.conversation import conversation
from gehoor.core.tables.desk import desk_event
from gehoor.core.tables.person import person, person_actor, person_value
from gehoor.run.desk_clocks import DeskClocks

__all__ = ["DeskRank", "Ranked", "promised_of"]

_YEAR_DAYS = 365.25
_REMEMBERED_US = 365 * DAY_US


class _Customer(msgspec.Struct, frozen=True):
    """For how many years somebody is known, and which fifth of customers spends as much (5 most; 0 not counted)."""

    years: int = 0
    worth_fifth: int = 0


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with its place, the reasons for it, heaviest first, and what is left of what was promised.

    Attributes
    ----------
    due, left_us : int, optional
        When it is late, and how much working time is left until then (negative: late); None: no clock runs.
    target, since : optional
        Which promise that is, and when its clock began.
    share : float
        Of the time that was promised, how much is left, 0 to 1.
    """

    row: InboxRow
    score: float
    why: tuple[Why, ...]
    due: int | None = None
    left_us: int | None = None
    target: Target | None = None
    since: int | None = None
    share: float = 0.0
    state: State | None = None


class DeskRank:
    """Ranks conversations.

    Parameters
    ----------
    reader : Reader
        Of the workspace: what is known of customers, and what people said of priorities.
    policies : sequence of Policy
        What is promised.
    calendar : Calendar
        When we work.
    """

    def __init__(self, reader: Reader, policies: Sequence[Policy], calendar: Calendar) -> None:
        self._reader, self._policies, self._calendar = reader, policies, calendar

    @classmethod
    def of(cls, reader: Reader, settings: Settings) -> "DeskRank":
        """Return what ranks by the settings of a workspace."""
        return cls(reader, *_promised(settings.desk, settings.workspace.timezone, settings.alerts.holidays))

    def rank(self, rows: Sequence[InboxRow], now: int) -> list[Ranked]:
        """Return conversations, what comes first first. Cost: 3 ms a hundred."""
        customers = self._customers({row.actor_key for row in rows if row.actor_key is not None}, now)
        leanings = self._leanings(now) if rows else {}
        clocks = DeskClocks(self._reader, self._policies, self._calendar).running(rows, now)
        ranked = [
            self._ranked(row, clocks.get(row.id), self._facts(row, customers, leanings, now), now) for row in rows
        ]
        return sorted(ranked, key=lambda one: (-one.score, one.row.waiting_since or one.row.last_in_at, one.row.id))

    def _ranked(self, row: InboxRow, clock: SlaClock | None, facts: Facts, now: int) -> Ranked:
        if clock is None:
            told = priority(facts)
            return Ranked(row=row, score=told.score, why=told.why)
        left = clock.left_us(now, self._calendar)
        told = priority(replace(facts, left_us=left, target_us=clock.target_us))
        return Ranked(
            row=row, score=told.score, why=told.why, left_us=left, target=clock.target, since=clock.started_at,
            due=clock.due_at(self._calendar), share=min(max(left / clock.target_us, 0.0), 1.0),
            state=clock.state(now, self._calendar),
        )  # fmt: skip

    @staticmethod
    def _facts(
        row: InboxRow,
        customers: Mapping[int, _Customer],
        leanings: Mapping[tuple[str | None, str], Leaning],
        now: int,
    ) -> Facts:
        customer, leaning = customers.get(row.actor_key or 0, _Customer()), leanings.get((row.need, row.channel))
        return Facts(
            urgency=row.urgency, need=row.need, reach=row.reach, worth_fifth=customer.worth_fifth,
            years=customer.years, n_messages=row.n_in, said=row.said_priority,
            waited_us=now - row.waiting_since if row.waiting_since is not None else 0,
            learned=leaning.offset(now) if leaning else 0.0,
        )  # fmt: skip

    def _customers(self, actors: Collection[int], now: int) -> Mapping[int, _Customer]:
        both = person_actor.join(person, person.c.person == person_actor.c.person)
        all_three = both.outerjoin(person_value, person_value.c.person == person.c.person)
        columns = (person_actor.c.actor_key, person.c.first_day, person_value.c.much_fifth)
        mine = (person_actor.c.actor_key.in_(actors), person.c.may_profile.is_(True))
        rows = self._reader.stored(sa.select(*columns).select_from(all_three).where(*mine)) if actors else []
        today = now // DAY_US
        return {row.actor_key: _Customer(_years(row.first_day, today), row.much_fifth or 0) for row in rows}

    def _leanings(self, now: int) -> Mapping[tuple[str | None, str], Leaning]:
        """Return how people lean, by need and channel, from what they said of priorities in the last year."""
        acts = desk_event.join(conversation, conversation.c.id == desk_event.c.conversation)
        columns = (desk_event.c.at, desk_event.c.detail, conversation.c.need, conversation.c.channel)
        where = (desk_event.c.at > now - _REMEMBERED_US, desk_event.c.act == "priority")
        found: dict[tuple[str | None, str], Leaning] = {}
        for row in self._reader.stored(sa.select(*columns).select_from(acts).where(*where)):
            key, vote = (row.need, row.channel), msgspec.json.decode(row.detail).get("to", 0)
            found[key] = found.get(key, Leaning()).told(vote, row.at)
        return found


def _years(first_day: int, today: int) -> int:
    return max(0, int((today - first_day) / _YEAR_DAYS)) if first_day >= 0 else 0


_PROMISED: dict[tuple[bytes, str, str | None], tuple[tuple[Policy, ...], Calendar]] = {}


def _promised(desk: Desk, zone: str, country: str | None) -> tuple[tuple[Policy, ...], Calendar]:
    """Return what is promised and when we work; kept, since a calendar learns its years once."""
    key = (msgspec.json.encode(desk), zone, country)
    if key not in _PROMISED:
        hours = {str(day): stretches for day, stretches in desk.hours.items()}
        policies = tuple(_policy(one) for one in desk.policies)
        week = [[Stretch.parse(text) for text in hours.get(day, ())] for day in WEEKDAYS]
        always = [[Stretch.parse("00:00-24:00")]] * 7
        calendar = Calendar(zone, week, country) if any(week) else Calendar(zone, always)
        _PROMISED.clear()
        _PROMISED[key] = policies, calendar
    return _PROMISED[key]


def promised_of(settings: Settings) -> tuple[tuple[Policy, ...], Calendar]:
    """Return what a workspace promises, and when it works."""
    return _promised(settings.desk, settings.workspace.timezone, settings.alerts.holidays)


def _policy(told: SlaPolicy) -> Policy:
    wanted = {name: getattr(told, name) for name in TARGETS}
    return Policy(
        told.name, **wanted, channels=frozenset(told.channels), urgencies=frozenset(told.urgencies),
        groups=frozenset(told.groups),
    )  # fmt: skip
