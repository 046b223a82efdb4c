"""What every process may ask about persons: who they are, what says so, what was decided, who looked."""

from collections.abc import Collection
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables import person as tables

__all__ = ["Account", "Choice", "EvidenceLine", "Look", "PersonReader", "PersonRow", "name_of_person", "person_of_name"]

_MASK = (1 << 64) - 1


def name_of_person(person: int) -> str:
    """Return how a person is called in addresses and commands: 16 hexadecimal digits.

    Examples
    --------
    >>> name_of_person(-2), person_of_name("fffffffffffffffe")
    ('fffffffffffffffe', -2)
    """
    return f"{person & _MASK:016x}"


def person_of_name(name: str) -> int | None:
    """Return the person of such a name; None where it is none."""
    if len(name) != 16 or not set(name) <= set("0123456789abcdef"):
        return None
    number = int(name, 16)
    return number - (1 << 64) if number >> 63 else number


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One actor of a person: where a reply to what was said there goes, whoever else is the same person."""

    actor_key: int
    person: int
    channel: str
    actor: str
    name: str | None
    cells: bytes


class EvidenceLine(msgspec.Struct, frozen=True, kw_only=True):
    """Why two are one: an actor gave a key (its digest is `other`), or called `other` an account of theirs."""

    actor_key: int
    other: int
    kind: str
    n: int
    seq: int


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided of two actors (`same`, `apart`) or of one (`objects`, with `left` and `right` the same)."""

    left: int
    right: int
    kind: Literal["same", "apart", "objects"]
    at: int
    said_by: str


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person as lists show them; the columns of the table `person`. Days since 1970, -1 where there is none.

    Attributes
    ----------
    currency, spend : int
        Code (`PersonReader.names`) of the currency in which most was spent, and how much, in ten-thousandths.
    heat_7, heat_30, heat_180 : float
        Binary logarithm of the count that halves in so many days: 2 ** (heat - day / 7) is the count on a day.
    may_profile : bool
        False when the person refused to be profiled: no segment and no list for marketing may hold them.
    """

    person: int
    n_actors: int
    first_day: int
    last_day: int
    n_days: int
    n_said: int
    n_negative: int
    n_positive: int
    n_did: int
    n_orders: int
    n_order_days: int
    first_order_day: int
    last_order_day: int
    n_returns: int
    currency: int
    spend: int
    n_contacts: int
    n_answers: int
    heat_7: float
    heat_30: float
    heat_180: float
    may_profile: bool


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit log."""

    id: int
    at: int
    said_by: str
    act: str
    person: int
    purpose: str


class PersonReader:
    """Answers questions about persons. A look at one of them is asked of the owner instead, who notes it.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def persons(
        self, *where: sa.ColumnElement[bool], order_by: str = "last_day", limit: int = 50, offset: int = 0
    ) -> list[PersonRow]:
        """Return persons for whom all of some conditions on the columns of `core.tables.person.person` hold.

        In order of a column, largest first.
        """
        table = tables.person
        statement = sa.select(table).where(*where).order_by(table.c[order_by].desc(), table.c.person)
        return [PersonRow(**row._mapping) for row in self._reader.stored(statement.limit(limit).offset(offset))]

    def count(self, *where: sa.ColumnElement[bool]) -> int:
        """Return for how many persons some conditions hold."""
        rows = self._reader.stored(sa.select(sa.func.count()).select_from(tables.person).where(*where))
        return int(rows[0][0]) if rows else 0

    def row(self, person: int) -> PersonRow | None:
        """Return the columns of a person."""
        return next(iter(self.persons(tables.person.c.person == person, limit=1)), None)

    def accounts(self, *where: sa.ColumnElement[bool]) -> list[Account]:
        """Return actors for whom some conditions on `core.tables.person.person_actor` hold."""
        table = tables.person_actor
        names = ("actor_key", "person", "channel", "actor", "name", "cells")
        statement = sa.select(*(table.c[name] for name in names)).where(*where).order_by(table.c.channel, table.c.actor)
        return [Account(**row._mapping) for row in self._reader.stored(statement)]

    def accounts_of(self, person: int) -> list[Account]:
        """Return the actors of a person, of whom any actor may be named."""
        table = tables.person_actor
        mine = sa.select(table.c.person).where(table.c.actor_key == person).scalar_subquery()
        return self.accounts(table.c.person == mine)

    def accounts_with(self, digests: Collection[int]) -> list[Account]:
        """Return the actors that gave one of some keys."""
        edge = tables.person_edge
        gave = sa.select(edge.c.actor_key).where(edge.c.other.in_(digests))
        return self.accounts(tables.person_actor.c.actor_key.in_(gave))

    def names(self, codes: Collection[int]) -> dict[int, str]:
        """Return what codes in cells stand for."""
        table = tables.person_name
        rows = self._reader.stored(sa.select(table.c.code, table.c.name).where(table.c.code.in_(codes)))
        return {row.code: row.name for row in rows}

    def evidence(self, actors: Collection[int]) -> list[EvidenceLine]:
        """Return what some actors gave, and who called one of them theirs."""
        table = tables.person_edge
        mine = sa.or_(table.c.actor_key.in_(actors), table.c.other.in_(actors))
        return [EvidenceLine(**row._mapping) for row in self._reader.stored(sa.select(table).where(mine))]

    def choices(self, actors: Collection[int]) -> list[Choice]:
        """Return what was decided about some actors."""
        table = tables.person_choice
        mine = sa.or_(table.c.left.in_(actors), table.c.right.in_(actors))
        return [Choice(**row._mapping) for row in self._reader.stored(sa.select(table).where(mine))]

    def looks(self, persons: Collection[int] = (), limit: int = 200) -> list[Look]:
        """Return who looked at some persons (all where none is named) and what was done with them, newest first."""
        table = tables.audit
        columns = [column for column in table.c if column.name != "chain"]
        statement: sa.Select[Any] = sa.select(*columns).order_by(table.c.id.desc()).limit(limit)
        if persons:
            statement = statement.where(table.c.person.in_(persons))
        return [Look(**row._mapping) for row in self._reader.stored(statement)]
