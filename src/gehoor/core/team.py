"""What every process may ask about the team: who they are, whose session or token this is."""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.member import Member, Role
from gehoor.core.reader import Reader
from gehoor.core.rights import Right
from gehoor.core.tables import team as tables

__all__ = [
    "IDLE_US",
    "LONGEST_US",
    "Login",
    "Seat",
    "TeamReader",
    "Token",
    "digest_of",
    "new_token",
    "packed",
    "unpacked",
]

IDLE_US = 12 * 3_600 * SECOND_US
LONGEST_US = 7 * DAY_US
_COLUMNS = ("id", "name", "mail", "roles", "team", "languages", "skills", "capacity", "since", "is_active")


def new_token() -> str:
    """Return a token that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """Return what is kept of a token: who reads the tables cannot log in with it."""
    return hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=20).digest()


def packed(words: Iterable[str]) -> str:
    """Return words as a column holds them.

    Examples
    --------
    >>> packed(["agent", "lead"]), unpacked("|agent|lead|"), packed([])
    ('|agent|lead|', ('agent', 'lead'), '')
    """
    kept = [word.replace("|", " ").strip() for word in words]
    return "".join(f"|{word}" for word in kept if word) + "|" if any(kept) else ""


def unpacked(column: str) -> tuple[str, ...]:
    """Return the words of such a column."""
    return tuple(word for word in column.split("|") if word)


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """What checks whether somebody is who they say: stays within gehoor, and is shown nowhere."""

    member: Member
    password: str | None
    totp: bytes | None
    totp_step: int
    recovery: tuple[str, ...]


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A session that goes on; `digest` names it, `seen` is when it was last noted."""

    member: Member
    digest: bytes
    seen: int


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token of a program, and for whom it acts; `rights` are at most that member's."""

    digest: bytes
    name: str
    member: Member
    rights: tuple[Right, ...]
    since: int
    used: int
    until: int


class TeamReader:
    """Answers questions about the team. Cost: 0.1 ms each.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def is_there(self) -> bool:
        """Tell whether the workspace knows of teams: one of an older gehoor does once it is served again."""
        tables_there = sa.table("sqlite_master", sa.column("name"))
        return bool(self._reader.stored(sa.select(tables_there.c.name).where(tables_there.c.name == "member")))

    def has_members(self) -> bool:
        """Tell whether anybody was ever added who can log in: from then on a login is asked.

        The team of the demo cannot: it has neither passwords nor links.
        """
        can = sa.or_(tables.member.c.password.is_not(None), tables.member.c.link.is_not(None))
        return bool(self._reader.stored(sa.select(tables.member.c.id).where(can).limit(1)))

    def members(self) -> list[Member]:
        """Return everybody, also who left, by name."""
        return [login.member for login in self.logins()]

    def member(self, id_: str) -> Member | None:
        """Return a member of the team, also one who left."""
        login = self.login(id_)
        return login.member if login else None

    def names(self) -> dict[str, str]:
        """Return everybody's name by their id, for who decided something."""
        return {member.id: member.name for member in self.members()}

    def logins(self) -> list[Login]:
        """Return everybody with what checks them."""
        rows = self._reader.stored(sa.select(tables.member).order_by(sa.func.lower(tables.member.c.name)))
        return [_login(row) for row in rows]

    def login(self, id_: str) -> Login | None:
        """Return what checks a member."""
        return self._one(tables.member.c.id == id_)

    def login_of_mail(self, mail: str) -> Login | None:
        """Return what checks who logs in with a mail address; capitals do not matter."""
        return self._one(tables.member.c.mail == mail.strip().lower())

    def login_of_link(self, token: str, now: int) -> Login | None:
        """Return for whom a one-time link is, while it is good."""
        table = tables.member
        return self._one(table.c.link == digest_of(token), table.c.link_until > now, table.c.is_active)

    def _one(self, *where: sa.ColumnElement[bool]) -> Login | None:
        rows = self._reader.stored(sa.select(tables.member).where(*where))
        return _login(rows[0]) if rows else None

    def seat(self, token: str, now: int) -> Seat | None:
        """Return whose session a cookie is; None when it ended, was ended, or never was."""
        one, member = tables.session, tables.member
        where = (
            one.c.digest == digest_of(token), member.c.id == one.c.member, member.c.session_epoch == one.c.epoch,
            member.c.is_active, one.c.seen > now - IDLE_US, one.c.since > now - LONGEST_US,
        )  # fmt: skip
        rows = self._reader.stored(sa.select(member, one.c.digest, one.c.seen).where(*where))
        if not rows:
            return None
        row = rows[0]
        return Seat(member=_member(row), digest=bytes(row.digest), seen=row.seen)

    def token(self, token: str, now: int) -> Token | None:
        """Return for whom a program acts, and with which rights; None when the token is not good any more."""
        one, member = tables.api_token, tables.member
        where = (one.c.digest == digest_of(token), one.c.until > now, member.c.is_active)
        return next(iter(self._tokens(*where)), None)

    def tokens(self, member: str) -> list[Token]:
        """Return the tokens of a member, newest first."""
        return self._tokens(tables.api_token.c.member == member)

    def _tokens(self, *where: sa.ColumnElement[bool]) -> list[Token]:
        one, member = tables.api_token, tables.member
        columns = [column.label(f"token_{column.name}") for column in one.c]
        statement = sa.select(member, *columns).where(member.c.id == one.c.member, *where)
        return [
            Token(
                digest=bytes(row.token_digest), name=row.token_name, member=_member(row),
                rights=cast(tuple[Right, ...], unpacked(row.token_rights)),
                since=row.token_since, used=row.token_used, until=row.token_until,
            )
            for row in self._reader.stored(statement.order_by(one.c.since.desc()))
        ]  # fmt: skip


def _member(row: sa.Row[Any]) -> Member:
    known = {name: getattr(row, name) for name in _COLUMNS}
    known["roles"] = cast(tuple[Role, ...], unpacked(row.roles))
    known |= {name: unpacked(getattr(row, name)) for name in ("languages", "skills")}
    return Member(**known)


def _login(row: sa.Row[Any]) -> Login:
    return Login(
        member=_member(row), password=row.password, totp=row.totp, totp_step=row.totp_step,
        recovery=unpacked(row.recovery),
    )  # fmt: skip
