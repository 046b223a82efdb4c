"""The team, as the owner keeps it: who is in it, in which roles; each change is noted in the audit log."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.member import ROLES, Role
from gehoor.core.tables.team import api_token, member, session
from gehoor.core.team import digest_of, new_token, packed
from gehoor.know.audit import note_member
from gehoor.run.team_login import LOGIN_ACTS
from gehoor.run.workplace import Workplace

__all__ = ["LINK_DAYS", "act_on_team"]

LINK_DAYS = 3
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST = 200
_MOST_CAPACITY = 1_000


class _Added(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody new; without a password they get a one-time link."""

    name: str
    mail: str
    roles: tuple[Role, ...]
    team: str | None = None
    languages: tuple[str, ...] = ()
    password: str | None = None
    said_by: str = "you"


class _Changed(msgspec.Struct, frozen=True, kw_only=True):
    """All that may be changed of somebody; what is UNSET stays."""

    id: str
    name: str | msgspec.UnsetType = msgspec.UNSET
    roles: tuple[Role, ...] | msgspec.UnsetType = msgspec.UNSET
    team: str | msgspec.UnsetType | None = msgspec.UNSET
    languages: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    skills: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    capacity: int | msgspec.UnsetType = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET
    said_by: str = "you"


class _Reset(msgspec.Struct, frozen=True, kw_only=True):
    """Who needs a new password."""

    id: str
    said_by: str = "you"


def act_on_team(owner: Workplace, act: str, arguments: dict[str, Any]) -> Any:
    """Do something with the team on the writer's thread: `add change reset`, or what `run.team_login` knows.

    Raises
    ------
    SettingError
        It cannot be done: the sentence says why.
    """
    acts: dict[str, Callable[[sa.Connection, Workplace, dict[str, Any]], Any]] = {
        "add": _add, "change": _change, "reset": _reset, **LOGIN_ACTS,
    }  # fmt: skip
    if act not in acts:
        raise SettingError(f"With the team one can {', '.join(acts)}; not {act!r}.")
    with owner.projector.engine.begin() as tx:
        return acts[act](tx, owner, arguments)


def _add(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> dict[str, str]:
    """Add somebody; return their id, and a one-time link where they chose no password yet."""
    wanted, now = _converted(arguments, _Added), owner.clock.now()
    mail = wanted.mail.strip().lower()
    if not _MAIL.fullmatch(mail) or len(mail) > _LONGEST:
        raise SettingError(f"{wanted.mail[:80]!r} is no mail address.")
    if tx.execute(sa.select(member.c.id).where(member.c.mail == mail)).first():
        raise SettingError(f"{mail} is in the team already.")
    if not tx.execute(sa.select(member.c.id).limit(1)).first() and (
        "admin" not in wanted.roles or wanted.password is None
    ):
        raise SettingError("The first of the team must be an admin with a password: who else would let others in?")
    id_, token = secrets.token_hex(6), "" if wanted.password else new_token()
    values = {
        "id": id_, "name": _name(wanted.name), "mail": mail, "roles": _roles(wanted.roles), "team": wanted.team or None,
        "languages": packed(wanted.languages), "skills": "", "capacity": 10, "since": now, "is_active": True,
        "password": wanted.password, "totp_step": 0, "recovery": "", "session_epoch": 0, **_link(token, now),
    }  # fmt: skip
    tx.execute(sa.insert(member).values(**values))
    note_member(tx, "member_added", id_, at=now, said_by=wanted.said_by)
    return {"id": id_, "link": token}


def _change(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> bool:
    """Change what somebody is and may do; who goes is logged out at once."""
    wanted = _converted(arguments, _Changed)
    values = {
        name: getattr(wanted, name)
        for name in ("name", "roles", "team", "languages", "skills", "capacity", "is_active")
        if getattr(wanted, name) is not msgspec.UNSET
    }
    checks: dict[str, Callable[[Any], Any]] = {
        "name": _name, "roles": _roles, "languages": packed, "skills": packed, "capacity": _capacity,
        "team": lambda team: team or None,
    }  # fmt: skip
    values = {name: checks[name](value) if name in checks else value for name, value in values.items()}
    if not values or not tx.execute(sa.update(member).where(member.c.id == wanted.id).values(**values)).rowcount:
        raise SettingError(f"Nobody of the team is known as {wanted.id[:40]!r}.")
    if values.get("is_active") is False:
        _log_out(tx, wanted.id)
        tx.execute(sa.delete(api_token).where(api_token.c.member == wanted.id))
    _check_admins(tx)
    note_member(tx, "member_changed", wanted.id, at=owner.clock.now(), said_by=wanted.said_by)
    return True


def _reset(tx: sa.Connection, owner: Workplace, arguments: dict[str, Any]) -> str:
    """Log somebody out everywhere, and return a one-time link by which they choose a new password."""
    wanted, now, token = _converted(arguments, _Reset), owner.clock.now(), new_token()
    values = {"password": None, "totp": None, "totp_step": 0, "recovery": "", **_link(token, now)}
    found = tx.execute(sa.update(member).where(member.c.id == wanted.id, member.c.is_active).values(**values))
    if not found.rowcount:
        raise SettingError(f"Nobody who is active in the team is known as {wanted.id[:40]!r}.")
    _log_out(tx, wanted.id)
    tx.execute(sa.delete(api_token).where(api_token.c.member == wanted.id))
    note_member(tx, "member_reset", wanted.id, at=now, said_by=wanted.said_by)
    return token


def _converted(arguments: dict[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.convert(arguments, kind)
    except msgspec.ValidationError as error:
        raise SettingError(f"That cannot be done with the team: {error}.") from None


def _link(token: str, now: int) -> dict[str, Any]:
    """Return the columns of a one-time link; none where there is no token."""
    return {"link": digest_of(token) if token else None, "link_until": now + LINK_DAYS * DAY_US if token else 0}


def _log_out(tx: sa.Connection, id_: str) -> None:
    tx.execute(sa.update(member).where(member.c.id == id_).values(session_epoch=member.c.session_epoch + 1))
    tx.execute(sa.delete(session).where(session.c.member == id_))


def _check_admins(tx: sa.Connection) -> None:
    """Refuse to be left with nobody who may let others in; the transaction is taken back."""
    admins = member.c.roles.contains("|admin|", autoescape=True)
    if not tx.execute(sa.select(member.c.id).where(member.c.is_active, admins, member.c.password.is_not(None))).first():
        raise SettingError("Somebody must stay who is admin. Make somebody else admin first.")


def _name(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > _LONGEST:
        raise SettingError(f"A name has 1 to {_LONGEST} characters.")
    return kept


def _roles(roles: tuple[Role, ...]) -> str:
    if not roles:
        raise SettingError(f"Somebody of the team has at least one role: {', '.join(ROLES)}.")
    return packed(role for role in ROLES if role in roles)


def _capacity(capacity: int) -> int:
    if not 0 <= capacity <= _MOST_CAPACITY:
        raise SettingError(f"Somebody looks after 0 to {_MOST_CAPACITY:,} conversations at once.")
    return capacity
