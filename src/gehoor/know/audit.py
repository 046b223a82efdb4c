"""The audit log: who looked at a person, exported, merged, erased; only grows, and shows where it was touched."""

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gehoor.core.tables.person import audit

__all__ = ["LOOKED_FOR", "PURPOSES", "SAW", "first_broken", "note_decision", "note_look", "note_member"]

PURPOSES = {
    "show": "service", "export": "access", "forget": "erasure", "object": "objection", "merge": "identity",
    "split": "identity", "apart": "identity", "later": "identity",
}  # fmt: skip
"""What may be done with a person, and what for."""

_LISTED = {"listed_marketing": "marketing", "listed_service": "service"}

LOOKED_FOR = "looked_for"
"""A search among people; the line holds a digest of the words instead of a person."""

SAW = tuple(f"saw_{name}" for name in ("valuable", "leaving", "overlooked", "new", "talkers", "kind", "proposed"))
"""A list of people that was shown."""

_SHOWN = dict.fromkeys((LOOKED_FOR, *SAW), "service")

_TEAM = dict.fromkeys(
    (
        "member_added", "member_changed", "member_reset", "entered", "password_changed", "totp_on", "totp_off",
        "token_made", "token_dropped",
    ),
    "team",
)  # fmt: skip
_DECISION = "decision"

_FIELDS = ("id", "at", "said_by", "act", "person", "purpose")


def note_look(tx: sa.Connection, act: str, person: int, *, at: int, said_by: str) -> None:
    """Add a line, sealed to the one before; a person stands in it as a digest only."""
    _note(tx, (at, said_by, act, person, (PURPOSES | _LISTED | _SHOWN | _TEAM)[act]))


def note_member(tx: sa.Connection, act: str, member: str, *, at: int, said_by: str) -> None:
    """Add a line about somebody of the team, whose id is a hexadecimal number."""
    note_look(tx, act, int(member, 16), at=at, said_by=said_by)


def note_decision(tx: sa.Connection, act: str, *, at: int, said_by: str) -> None:
    """Add a line about something that was decided of no person in particular: an alert, a setting, a judgement."""
    _note(tx, (at, said_by, act, 0, _DECISION))


def _note(tx: sa.Connection, rest: tuple[int, str, str, int, str]) -> None:
    last = tx.execute(sa.select(audit.c.id, audit.c.chain).order_by(audit.c.id.desc()).limit(1)).first()
    number, before = (last.id + 1, bytes(last.chain)) if last else (1, b"")
    line = (number, *rest)
    values = dict(zip(_FIELDS, line, strict=True))
    tx.execute(sa.insert(audit).values(**values, chain=_sealed(before, line)))


def first_broken(tx: sa.Connection) -> int | None:
    """Return the first line that is not as it was written, or does not follow the one before; None when all do."""
    before, expected = b"", 1
    for row in tx.execute(sa.select(audit).order_by(audit.c.id)):
        line = [row._mapping[name] for name in _FIELDS]
        if row.id != expected or bytes(row.chain) != _sealed(before, line):
            return expected
        before, expected = bytes(row.chain), expected + 1
    return None


def _sealed(before: bytes, line: Sequence[Any]) -> bytes:
    return hashlib.blake2b(before + repr(tuple(line)).encode(), digest_size=16).digest()
