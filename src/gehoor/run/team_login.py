"""Logging in and out, as the owner keeps it: attempts, sessions, passwords, second factors, tokens of programs.

What checks a password runs where it was typed (`web`); here stands what must be done once, in one transaction.
"""

from collections.abc import Callable
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.member import Member, Role
from gehoor.core.rights import RIGHTS, Right, rights_of
from gehoor.core.store import put
from gehoor.core.tables.team import api_token, member, session
from gehoor.core.team import IDLE_US, LONGEST_US, digest_of, new_token, packed, unpacked
from gehoor.core.throttle import allow, forgive
from gehoor.know.audit import note_member
from gehoor.run.workplace import Workplace

__all__ = ["LOGIN_ACTS", "MOST_TOKEN_DAYS"]

MOST_TOKEN_DAYS = 366
_MOST_TOKENS = 20

Act = Callable[[sa.Connection, Workplace, dict[str, Any]], Any]


class _Entered(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gave the right password, and the right code where one is asked; `step` or `recovery` is used up."""

    id: str
    digest: bytes
    names: list[str] = []
    step: int | None = None
    recovery: str | None = None


class _Password(msgspec.Struct, frozen=True, kw_only=True):
    """A new password, hashed; `keep` is the one session that goes on, `link` the one-time link that is used up."""

    id: str
    password: str
    keep: bytes | None = None
    link: str | None = None


class _Totp(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor, sealed, with digests of its recovery codes; None: none any more."""

    id: str
    sealed: bytes | None = None
    step: int = 0
    recovery: tuple[str, ...] = ()


class _NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that somebody makes for a program of theirs."""

    id: str
    name: str
    rights: tuple[Right, ...]
    days: int


def _attempt(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> float:
    """Count an attempt and return 0, or the seconds to wait."""
    return allow(tx, arguments["names"], owner.clock.now())


def _enter(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> bool:
    """Open a session; a code that was used before opens none."""
    wanted, now = msgspec.convert(arguments, _Entered), owner.clock.now()
    row = tx.execute(sa.select(member).where(member.c.id == wanted.id, member.c.is_active)).first()
    if row is None:
        return False
    if wanted.step is not None and wanted.step <= row.totp_step:
        return False
    codes = unpacked(row.recovery)
    if wanted.recovery is not None and wanted.recovery not in codes:
        return False
    values = {
        "totp_step": wanted.step or row.totp_step,
        "recovery": packed(code for code in codes if code != wanted.recovery),
    }
    tx.execute(sa.update(member).where(member.c.id == wanted.id).values(**values))
    over = sa.or_(session.c.seen <= now - IDLE_US, session.c.since <= now - LONGEST_US)
    tx.execute(sa.delete(session).where(over))
    put(tx, session, digest=wanted.digest, member=wanted.id, since=now, seen=now, epoch=row.session_epoch)
    forgive(tx, wanted.names)
    note_member(tx, "entered", wanted.id, at=now, said_by=wanted.id)
    return True


def _leave(tx: sa.Connection, _owner: Workplace, arguments: dict[str, Any]) -> bool:
    """End a session."""
    return bool(tx.execute(sa.delete(session).where(session.c.digest == arguments["digest"])).rowcount)


def _seen(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> bool:
    """Note that a session or token is used."""
    now = owner.clock.now()
    tx.execute(sa.update(session).where(session.c.digest == arguments["digest"]).values(seen=now))
    tx.execute(sa.update(api_token).where(api_token.c.digest == arguments["digest"]).values(used=now))
    return True


def _password(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> bool:
    """Take a new password: every other session ends; a one-time link works once."""
    wanted, now = msgspec.convert(arguments, _Password), owner.clock.now()
    where = [member.c.id == wanted.id, member.c.is_active]
    if wanted.link is not None:
        where += [member.c.link == digest_of(wanted.link), member.c.link_until > now]
    epoch = member.c.session_epoch + 1
    changed = sa.update(member).where(*where).values(password=wanted.password, link=None, session_epoch=epoch)
    if not tx.execute(changed).rowcount:
        return False
    tx.execute(sa.delete(session).where(session.c.member == wanted.id, session.c.digest != (wanted.keep or b"")))
    kept = sa.select(member.c.session_epoch).where(member.c.id == wanted.id).scalar_subquery()
    tx.execute(sa.update(session).where(session.c.member == wanted.id).values(epoch=kept))
    note_member(tx, "password_changed", wanted.id, at=now, said_by=wanted.id)
    return True


def _totp(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> bool:
    """Take a second factor, or let go of it."""
    wanted = msgspec.convert(arguments, _Totp)
    values = {"totp": wanted.sealed, "totp_step": wanted.step, "recovery": packed(wanted.recovery)}
    tx.execute(sa.update(member).where(member.c.id == wanted.id).values(**values))
    act = "totp_on" if wanted.sealed else "totp_off"
    note_member(tx, act, wanted.id, at=owner.clock.now(), said_by=wanted.id)
    return True


def _make_token(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> str:
    """Return a token for a program: shown once, kept nowhere."""
    wanted, now = msgspec.convert(arguments, _NewToken), owner.clock.now()
    row = tx.execute(sa.select(member).where(member.c.id == wanted.id, member.c.is_active)).first()
    if row is None:
        raise SettingError("Only who is in the team makes a token.")
    tx.execute(sa.delete(api_token).where(api_token.c.until < now))
    mine = sa.select(sa.func.count()).where(api_token.c.member == wanted.id)
    if tx.execute(mine).scalar_one() >= _MOST_TOKENS:
        raise SettingError(f"You have {_MOST_TOKENS} tokens already: take one away first.")
    theirs = rights_of(Member(id=row.id, name="", roles=cast(tuple[Role, ...], unpacked(row.roles))))
    rights = [right for right in RIGHTS if right in wanted.rights and right in theirs]
    name = " ".join(wanted.name.split())[:80]
    if not name or not rights or not 1 <= wanted.days <= MOST_TOKEN_DAYS:
        raise SettingError(f"A token has a name, at least one right of yours, and 1 to {MOST_TOKEN_DAYS} days.")
    token = f"gehoor_{new_token()}"
    values = {"name": name, "member": wanted.id, "rights": packed(rights), "since": now, "used": 0}
    put(tx, api_token, digest=digest_of(token), until=now + wanted.days * DAY_US, **values)
    note_member(tx, "token_made", wanted.id, at=now, said_by=wanted.id)
    return token


def _drop_token(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> bool:
    """Take a token of somebody away."""
    mine = (api_token.c.digest == arguments["digest"], api_token.c.member == arguments["id"])
    if not tx.execute(sa.delete(api_token).where(*mine)).rowcount:
        return False
    note_member(tx, "token_dropped", arguments["id"], at=owner.clock.now(), said_by=arguments["id"])
    return True


LOGIN_ACTS: dict[str, Act] = {
    "attempt": _attempt, "enter": _enter, "leave": _leave, "seen": _seen, "password": _password, "totp": _totp,
    "make_token": _make_token, "drop_token": _drop_token,
}  # fmt: skip
