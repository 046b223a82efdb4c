"""What pages and programs ask of the desk: the inbox in a view, one conversation, a search, what changed since."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US, Clock
from gehoor.core.desk import (
    Conversation,
    DeskEvent,
    DeskNote,
    DeskReply,
    InboxPage,
    InboxRow,
    Seen,
    Snippet,
    View,
)
from gehoor.core.desk_messages import messages_of, orders_of, snippets_of
from gehoor.core.desk_query import SORTS, STATUS_SQL, Asked, Condition, ViewError, ViewQuery, read_view
from gehoor.core.desk_search import found_by_words, words_of
from gehoor.core.member import Member
from gehoor.core.person_reader import Account, PersonReader
from gehoor.core.reader import Reader
from gehoor.core.rights import rights_of
from gehoor.core.settings_desk import PUBLIC_DAYS
from gehoor.core.tables import desk as tables
from gehoor.core.tables.conversation import conversation_post
from gehoor.core.tables.ledger import offset, snapshot

__all__ = ["MOST_COUNTED", "DeskReader"]

_NAMES = (
    "c.id, c.actor_key, c.name, c.channel, c.brand, c.language, d.assignee, d.team, d.labels, d.snoozed_until, "
    "c.waiting_since, c.urgency, d.priority, c.intent, coalesce(d.need, c.need) AS need, c.sentiment, c.reach, c.n_in, "
    "c.n_out, c.first_in_at, c.first_out_at, c.last_in_at, c.last_out_at, c.is_direct, c.is_backfill, c.last_in_seq, "
    "c.last_seq, d.version"
)
_FROM = "FROM conversation c LEFT JOIN desk_conversation d ON d.conversation = c.id"
_SAME = ("id", "actor_key", "name", "channel", "brand", "language", "assignee", "team", "snoozed_until",
         "waiting_since", "urgency", "intent", "need", "sentiment", "reach", "n_in", "n_out", "first_in_at",
         "first_out_at", "last_in_at", "last_out_at")  # fmt: skip
MOST_COUNTED = 1_000
"""A view that holds more is counted no further: it says one more."""
_MOST_FOUND, _OTHERS = 1_000, 20


class DeskReader:
    """Answers questions about conversations; reads only.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    clock : Clock
        What is snoozed wakes by it.
    public_days : int
        `[desk] public_days`.
    late : callable, optional
        Tells which conversations are later than was promised, for `is:late`.

    Notes
    -----
    Whoever may not see every team is shown the conversations of no team, of their own and what is assigned to them.
    """

    def __init__(
        self,
        reader: Reader,
        clock: Clock,
        public_days: int = PUBLIC_DAYS,
        late: Callable[[], Iterable[int]] | None = None,
    ) -> None:
        self._reader, self._clock, self._public_days, self._late = reader, clock, public_days, late

    # -- the inbox ----------------------------------------------------------------------------------------------------

    def inbox(self, view: str, member: Member, limit: int = 50, after: str | None = None) -> InboxPage:
        """Return the first conversations of a view, in its order, after a place that a page before ended at.

        Raises
        ------
        ViewError
            The view cannot be read: where, and what is known there (`core.desk_query`).
        """
        wanted = self._read(view, member)
        most = 4 * limit if len(wanted.conditions) <= 1 else _MOST_FOUND  # a view that narrows needs more to choose of
        found = found_by_words(self._reader, wanted.words, most) if wanted.words else None
        conditions = [*wanted.conditions, *self._seen_by(member)]
        order = SORTS[wanted.sort]
        if found is not None:
            conditions.append((f"c.id IN ({', '.join(map(str, found)) or 'NULL'})", ()))
        if after is not None:
            conditions.append((f"({order}, c.id) < (?, ?)", _place(after, view)))
        rows = self._rows(conditions, order, limit + 1)
        return InboxPage(
            rows=self._lines(rows[:limit], found or {}, words_of(wanted.words)),
            after=f"{rows[limit - 1].place}.{rows[limit - 1].id}" if len(rows) > limit else None,
        )

    def counts(self, views: Mapping[str, str], member: Member) -> dict[str, int]:
        """Return how many conversations each of some views holds, by name; more than 1,000 are 1,001."""
        return {name: self._count(view, member) for name, view in views.items()}

    def _count(self, view: str, member: Member) -> int:
        wanted = self._read(view, member)
        conditions = [*wanted.conditions, *self._seen_by(member)]
        if wanted.words:
            found = found_by_words(self._reader, wanted.words, _MOST_FOUND)
            conditions.append((f"c.id IN ({', '.join(map(str, found)) or 'NULL'})", ()))
        where, values = _joined(conditions)
        sql = f"SELECT count(*) FROM (SELECT 1 {_FROM} WHERE {where} LIMIT {MOST_COUNTED + 1})"
        rows = self._ask(sql, values)
        return int(rows[0][0]) if rows else 0

    def search(self, text: str, member: Member, limit: int = 50) -> list[InboxRow]:
        """Return conversations in whose messages or notes all words stand, or whose person is called so; newest first.

        `text` is a view like any: `pindakaas is:resolved` looks among what is done.
        """
        read = read_view(text, self._asked(member))
        return self.inbox(text if read.has_status else f"is:all {text}", member, limit).rows

    def _read(self, view: str, member: Member) -> ViewQuery:
        asked = self._asked(member)
        wanted = read_view(view, asked)
        return wanted if wanted.has_status else read_view(f"{view} is:open", asked)

    def _asked(self, member: Member) -> Asked:
        return Asked(member.id, self._clock.now(), self._public_days, self._late)

    def _seen_by(self, member: Member) -> list[Condition]:
        if "desk.every_team" in rights_of(member):
            return []
        return [("(d.team IS NULL OR d.team = ? OR d.assignee = ?)", (member.team, member.id))]

    def _rows(self, conditions: Sequence[Condition], order: str, limit: int) -> list[sa.Row[Any]]:
        where, values = _joined(conditions)
        names = f"{_NAMES}, {STATUS_SQL} AS status, {order} AS place"
        sql = f"SELECT {names} {_FROM} WHERE {where} ORDER BY {order} DESC, c.id DESC LIMIT {int(limit)}"
        return self._ask(sql, (*Asked("", self._clock.now(), self._public_days).for_status, *values))

    def _ask(self, sql: str, values: Sequence[object] = ()) -> list[sa.Row[Any]]:
        """Ask `ledger.sqlite` with parameters in their order."""
        parts = sql.split("?")
        named = "".join(f"{part}:v{place}" for place, part in enumerate(parts[:-1])) + parts[-1]
        bound = sa.text(named).bindparams(**{f"v{place}": value for place, value in enumerate(values)})
        return self._reader.stored(bound)

    def _lines(
        self, rows: Sequence[sa.Row[Any]], found: Mapping[int, int], words: Sequence[str] = ()
    ) -> list[InboxRow]:
        seqs = [found.get(row.id) or row.last_in_seq for row in rows]
        said = snippets_of(self._reader, seqs, words)
        return [_line(row, said.get(seq, "")) for row, seq in zip(rows, seqs, strict=True)]

    # -- one conversation ---------------------------------------------------------------------------------------------

    def conversation(self, id_: int, member: Member) -> Conversation | None:
        """Return all of a conversation; None where there is none, or it is not theirs to see.

        `id_` may be that of any message of it: what was put together opens under both.
        """
        table = conversation_post
        homes = self._reader.stored(sa.select(table.c.conversation).where(table.c.seq == id_))
        if not homes:
            return None
        home = int(homes[0][0])
        posts = self._reader.stored(
            sa.select(table).where(table.c.conversation == home).order_by(table.c.at, table.c.seq)
        )
        rows = self._rows([("c.id = ?", (home,)), *self._seen_by(member)], SORTS["newest"], 1)
        if not rows and any(not post.was and post.direction == "in" for post in posts):
            return None
        names = [post.seq for post in posts]
        accounts = self._accounts(rows[0].actor_key if rows else None)
        return Conversation(
            id=home,
            row=self._lines(rows, {})[0] if rows else None,
            messages=messages_of(self._reader, posts),
            notes=[_note(row) for row in self._beside(tables.desk_note, names)],
            replies=[_reply(row) for row in self._beside(tables.desk_reply, names)],
            events=[_event(row) for row in self._beside(tables.desk_event, names)],
            others=self._others(home, rows[0].actor_key if rows else None, accounts, member),
            accounts=accounts,
            orders=orders_of(self._reader, accounts),
            person=accounts[0].person if accounts else None,
        )

    def _beside(self, table: sa.Table, names: Sequence[int]) -> list[sa.Row[Any]]:
        """Return what people wrote of a conversation, under any name that it had, oldest first."""
        order = [table.c.at, *table.primary_key.columns]
        return self._reader.stored(sa.select(table).where(table.c.conversation.in_(names)).order_by(*order))

    def _accounts(self, actor_key: int | None) -> list[Account]:
        return [] if actor_key is None else PersonReader(self._reader).accounts_of(actor_key)

    def _others(self, home: int, actor: int | None, accounts: Sequence[Account], member: Member) -> list[InboxRow]:
        actors = {account.actor_key for account in accounts} | ({actor} if actor is not None else set())
        if not actors:
            return []
        mine = f"c.actor_key IN ({', '.join(map(str, sorted(actors)))}) AND c.id <> ?"
        rows = self._rows([(mine, (home,)), *self._seen_by(member)], SORTS["newest"], _OTHERS)
        return [_line(row, "") for row in rows]

    # -- what is new --------------------------------------------------------------------------------------------------

    def version(self) -> str:
        """Return as of when the desk is seen now: for `changed_since`."""
        heard = self._reader.stored(sa.select(offset.c.offset).where(offset.c.projection == "conversations"))
        acts = self._reader.stored(sa.select(sa.func.max(tables.desk_event.c.id)))
        return f"{heard[0][0] if heard else 0}.{(acts[0][0] or 0) if acts else 0}"

    def changed_since(self, version: str) -> list[int]:
        """Return the conversations that got a message, lost one, or were acted on since a version."""
        heard, _, act = version.partition(".")
        if not (heard.isdecimal() and act.isdecimal()):
            return []
        sql = (
            "SELECT id FROM conversation WHERE changed > ? UNION SELECT conversation FROM conversation_post "
            "WHERE seq IN (SELECT conversation FROM desk_event WHERE id > ?)"
        )
        return [row[0] for row in self._ask(sql, (int(heard), int(act)))]

    def n_left_out(self) -> int:
        """Return how many public posts of the last day joined stories only, because too many came at once."""
        rows = self._reader.stored(sa.select(snapshot.c.data).where(snapshot.c.projection == "conversations"))
        since = (self._clock.now() - DAY_US) // (10 * SECOND_US)
        spans = msgspec.msgpack.decode(rows[0][0], type=list[tuple[int, int]]) if rows else []
        return sum(n for span, n in spans if span >= since)

    # -- what is kept -------------------------------------------------------------------------------------------------

    def views(self, member: Member) -> list[View]:
        """Return the saved views of a member and of everybody, by name."""
        table = tables.desk_view
        mine = sa.or_(table.c.owner.is_(None), table.c.owner == member.id)
        rows = self._reader.stored(sa.select(table).where(mine).order_by(table.c.name, table.c.id))
        return [View(id=row.id, name=row.name, query=row.query, owner=row.owner) for row in rows]

    def snippets(self) -> list[Snippet]:
        """Return the canned replies, by name and language."""
        table = tables.desk_snippet
        rows = self._reader.stored(sa.select(table).order_by(table.c.name, table.c.language))
        return [Snippet(**{name: getattr(row, name) for name in Snippet.__struct_fields__}) for row in rows]


def _joined(conditions: Sequence[Condition]) -> tuple[str, list[object]]:
    where = " AND ".join(sql for sql, _ in conditions) or "1"
    return where, [value for _, values in conditions for value in values]


def _place(after: str, view: str) -> tuple[int, int]:
    place, _, id_ = after.rpartition(".")
    try:
        return int(place), int(id_)
    except ValueError:
        raise ViewError("There is no such place in the inbox: begin at the top.", view, 0) from None


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in (text or "").split("|") if part)


def _line(row: sa.Row[Any], said: str) -> InboxRow:
    return InboxRow(
        **{name: getattr(row, name) for name in _SAME},
        snippet=said,
        status=row.status,
        labels=_list(row.labels),
        said_priority=row.priority or 0,
        is_direct=bool(row.is_direct),
        is_backfill=bool(row.is_backfill),
        seen=Seen(last_seq=row.last_seq, version=row.version or 0),
    )


def _note(row: sa.Row[Any]) -> DeskNote:
    return DeskNote(id=row.id, at=row.at, said_by=row.said_by, text=row.text, mentions=_list(row.mentions))


def _reply(row: sa.Row[Any]) -> DeskReply:
    plain = {name: getattr(row, name) for name in DeskReply.__struct_fields__ if name != "drafted_from"}
    return DeskReply(**plain, drafted_from=_list(row.drafted_from))


def _event(row: sa.Row[Any]) -> DeskEvent:
    return DeskEvent(id=row.id, at=row.at, said_by=row.said_by, act=row.act, detail=row.detail)
