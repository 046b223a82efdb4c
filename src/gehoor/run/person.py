"""What may be asked about one person, and decided: each time noted in the audit log, by the owner."""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.forget import Forgotten
from gehoor.core.forget_person import forget_person
from gehoor.core.own_secret import own_secret
from gehoor.core.person_reader import Account, PersonReader, name_of_person, person_of_name
from gehoor.core.proposal import put_off
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.settings import load
from gehoor.core.sqlite import alone, truncate_wal
from gehoor.core.tables import person as tables
from gehoor.know.audit import PURPOSES, note_look
from gehoor.know.components import APART, SAME
from gehoor.know.identity import KINDS, Keys
from gehoor.know.persons import OBJECTS, Persons
from gehoor.run.person_file import identifiers_of, write_export
from gehoor.run.person_view import PersonView, view_of
from gehoor.run.workplace import Workplace

__all__ = ["Who", "act_on_person"]

_LATER_US = 30 * DAY_US


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody as one may name them: a person's number, an account, or a mail address, phone or customer number."""

    id: str
    channel: str | None = None


class _Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act on one person."""

    who: Who
    other: Who | None = None
    path: str | None = None
    undo: bool = False
    said_by: str = "you"


def act_on_person(owner: Workplace, act: str, arguments: dict[str, Any]) -> Any:
    """Do one of `know.audit.PURPOSES` on the writer's thread, and note it.

    Raises
    ------
    SettingError
        There is nobody of that name, or the act cannot be done with what is known.
    """
    if act not in PURPOSES:
        raise SettingError(f"With a person one can {', '.join(PURPOSES)}; not {act!r}.")
    wanted = msgspec.convert(arguments, _Act)
    owner.projector.flush(everything=True)
    return _Acting(owner, wanted).do(act)


class _Acting:
    """One act while it is done."""

    def __init__(self, owner: Workplace, wanted: _Act) -> None:
        self._owner, self._wanted = owner, wanted
        self._reader = Reader(owner.root)
        self._people = PersonReader(self._reader)

    def do(self, act: str) -> Any:
        try:
            accounts = self._accounts(self._wanted.who)
            person = min(account.person for account in accounts)
            result = getattr(self, f"_{act}")(accounts)
        finally:
            self._reader.close()
        with self._owner.projector.engine.begin() as tx:
            note_look(tx, act, person, at=self._owner.clock.now(), said_by=self._wanted.said_by)
        return result

    # -- who is meant -------------------------------------------------------------------------------------------------

    def _accounts(self, who: Who) -> list[Account]:
        """Return the accounts of the person that is meant; one account, also of a stranger, has a channel beside it."""
        table = tables.person_actor
        if who.channel is not None:
            key = digest(who.channel, who.id)
            return self._people.accounts_of(key) or [_stranger(who.channel, who.id)]
        number = person_of_name(who.id)
        found = self._people.accounts_of(number) if number is not None else []
        found = found or self._people.accounts(table.c.actor == who.id) or self._with_key(who.id)
        persons = sorted({account.person for account in found})
        if len(persons) > 1:
            several = ", ".join(map(name_of_person, persons))
            raise SettingError(f"{who.id!r} is of several persons: {several}. Name one of them, or say --channel.")
        if not persons:
            raise SettingError(f"Nobody is known as {who.id!r}. Is it an account? Then say where: --channel mastodon")
        return self._people.accounts_of(persons[0])

    def _with_key(self, text: str) -> list[Account]:
        keys = Keys(own_secret(self._owner.root))
        digests = [key.digest for kind in KINDS for key in keys.keys_of({kind: text})]
        return self._people.accounts_with(digests)

    # -- acts ---------------------------------------------------------------------------------------------------------

    def _show(self, accounts: list[Account]) -> PersonView:
        return view_of(self._reader, accounts, self._owner.clock.now())

    def _export(self, accounts: list[Account]) -> dict[str, Any]:
        if self._wanted.path is None:
            raise SettingError("Say into which file: -o person.jsonl")
        n = write_export(Path(self._wanted.path), self._owner, self._reader, accounts)
        return {"path": self._wanted.path, "n": n}

    def _forget(self, accounts: list[Account]) -> list[Forgotten]:
        owner, pairs = self._owner, [(account.channel, account.actor) for account in accounts]
        identifiers = identifiers_of(self._reader, owner.root, [account.actor_key for account in accounts])
        done = forget_person(owner.root, owner.projector, pairs, identifiers, owner.clock.now())
        keys = [account.actor_key for account in accounts]
        choice = tables.person_choice
        mine = sa.and_(choice.c.kind != OBJECTS, sa.or_(choice.c.left.in_(keys), choice.c.right.in_(keys)))
        self._decide(pairs, lambda tx: tx.execute(sa.delete(choice).where(mine)), forget=True)
        alone(owner.projector.engine, "VACUUM")  # as `core.forget` does: no moved copy stays in the file
        truncate_wal(owner.projector.engine)
        return done

    def _object(self, accounts: list[Account]) -> PersonView | None:
        """Stop profiling somebody who objects; the posts stay, and are answered like any."""
        pairs = [(account.channel, account.actor) for account in accounts]
        rows = [(account.actor_key, account.actor_key) for account in accounts]
        self._decide(pairs, lambda tx: self._write_choices(tx, OBJECTS, rows))
        return None

    def _merge(self, accounts: list[Account]) -> PersonView:
        """Say that two are one person: an agent saw it confirmed by the person."""
        others = self._accounts(self._other())
        undo = self._wanted.undo
        if accounts[0].person == others[0].person and not undo:
            raise SettingError("They are one person already.")
        pairs = [(account.channel, account.actor) for account in (*accounts, *others)]
        named = self._named(others).actor_key
        rows = [(accounts[0].actor_key, named)]
        every = [(one.actor_key, other.actor_key) for one in accounts for other in others]
        mine = [(account.actor_key, named) for account in accounts if account.actor_key != named]

        def write(tx: sa.Connection) -> None:
            if not undo:
                _drop_choices(tx, APART, every)
            self._write_choices(tx, SAME, mine if undo else rows)

        self._decide(pairs, write)
        return self._seen_again(accounts[0])

    def _split(self, accounts: list[Account]) -> PersonView:
        """Say that an account is not of the same person as the others; it stays so, whatever comes in later."""
        if self._wanted.undo:
            return self._unsplit(accounts)
        key = self._account_in(self._other(), accounts)
        rest = [account.actor_key for account in accounts if account.actor_key != key]
        if not rest:
            raise SettingError("That is the only account of this person: there is nothing to split.")
        rows = [(key, other) for other in rest]

        def write(tx: sa.Connection) -> None:
            _drop_choices(tx, SAME, rows)
            self._write_choices(tx, APART, rows)

        self._decide([(account.channel, account.actor) for account in accounts], write)
        return self._seen_again(next(account for account in accounts if account.actor_key in rest))

    def _apart(self, accounts: list[Account]) -> PersonView:
        """Say of two persons that they are not one, as was proposed; or take that back."""
        others = self._accounts(self._other())
        if self._wanted.undo:
            return self._unsplit(accounts)
        if accounts[0].person == others[0].person:
            raise SettingError("They are one person: say which account is somebody else's.")
        pairs = [(account.channel, account.actor) for account in (*accounts, *self._kept(others))]
        rows = [(one.actor_key, other.actor_key) for one in accounts for other in others]
        self._decide(pairs, lambda tx: self._write_choices(tx, APART, rows))
        return self._seen_again(accounts[0])

    def _later(self, accounts: list[Account]) -> PersonView:
        """Put off whether two are one person by a month; or take that back."""
        others = self._accounts(self._other())
        until = 0 if self._wanted.undo else self._owner.clock.now() + _LATER_US
        with self._owner.projector.engine.begin() as tx:
            put_off(tx, [(one.actor_key, other.actor_key) for one, other in product(accounts, others)], until)
        return self._seen_again(accounts[0])

    def _unsplit(self, accounts: list[Account]) -> PersonView:
        """Take back that two are apart: whether they are one is for the evidence to say again."""
        others = self._accounts(self._other())
        pairs = [(account.channel, account.actor) for account in (*accounts, *self._kept(others))]
        rows = [(one.actor_key, other.actor_key) for one in accounts for other in others]
        self._decide(pairs, lambda tx: self._write_choices(tx, APART, rows))
        return self._seen_again(accounts[0])

    def _kept(self, accounts: list[Account]) -> list[Account]:
        """Return those of whom a profile is kept: that somebody is another one begins none of a stranger."""
        return accounts if self._people.accounts_of(accounts[0].actor_key) else []

    def _other(self) -> Who:
        if self._wanted.other is None:
            raise SettingError("Say which other account is meant.")
        return self._wanted.other

    def _named(self, accounts: list[Account]) -> Account:
        """Return the very account that is meant by `other`, so that another decision about the same two stays."""
        meant = self._other()
        exact = (one for one in accounts if one.actor == meant.id and meant.channel in (None, one.channel))
        return next(exact, accounts[0])

    def _account_in(self, who: Who, accounts: Sequence[Account]) -> int:
        mine = [one for one in accounts if one.actor == who.id and who.channel in (None, one.channel)]
        if len(mine) != 1:
            known = ", ".join(f"{one.actor} on {one.channel}" for one in accounts)
            raise SettingError(f"{who.id!r} is not one account of this person. There are: {known}.")
        return mine[0].actor_key

    def _seen_again(self, account: Account) -> PersonView:
        return view_of(self._reader, self._people.accounts_of(account.actor_key), self._owner.clock.now())

    # -- writing ------------------------------------------------------------------------------------------------------

    def _write_choices(self, tx: sa.Connection, kind: str, rows: Iterable[tuple[int, int]]) -> None:
        if self._wanted.undo:
            _drop_choices(tx, kind, rows)
            return
        at, said_by = self._owner.clock.now(), self._wanted.said_by
        lines = [(*sorted(row), kind, at, said_by) for row in rows]
        tx.exec_driver_sql("INSERT OR REPLACE INTO person_choice VALUES (?, ?, ?, ?, ?)", lines)

    def _decide(
        self, accounts: list[tuple[str, str]], write: Callable[[sa.Connection], Any], *, forget: bool = False
    ) -> None:
        if not load(self._owner.root).know.profiles and not forget:
            raise SettingError("Profiles are switched off in this workspace: [know] profiles = false in gehoor.toml.")
        projector = self._owner.projector
        with projector.engine.begin() as tx:
            write(tx)
            for projection in projector.projections:
                if isinstance(projection, Persons):
                    projection.decided(tx, projector.ledger.last_seq, accounts, forget=forget)


def _stranger(channel: str, actor: str) -> Account:
    key = digest(channel, actor)
    return Account(actor_key=key, person=key, channel=channel, actor=actor, name=None, cells=b"")


def _drop_choices(tx: sa.Connection, kind: str, rows: Iterable[tuple[int, int]]) -> None:
    choice = tables.person_choice
    for row in rows:
        left, right = sorted(row)
        tx.execute(sa.delete(choice).where(choice.c.left == left, choice.c.right == right, choice.c.kind == kind))
