"""What leaves gehoor: once per key, also across a crash, and never blindly again."""

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.tables.ledger import outbox

__all__ = [
    "Entry",
    "State",
    "again",
    "claim",
    "emit",
    "entries",
    "postpone",
    "recover",
    "resolve",
    "rewrite_entry",
    "settle_entry",
]

State = Literal["waiting", "sending", "sent", "unknown", "failed"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to send.

    Attributes
    ----------
    key : str
        Idempotency key: the same key is put in once, whatever is rebuilt or replayed.
    channel : str
        Name of the sender in `gehoor.toml`.
    state : str
        `waiting`; `sending` (claimed); `sent`; `unknown` (we crashed between sending and noting: look it up, then a
        person decides); `failed`.
    not_before : int
        Microseconds UTC; until then it can be taken back.
    receipt : str, optional
        What the other side said last, or why it is not there yet.
    """

    key: str
    channel: str
    payload: bytes
    state: State
    not_before: int
    n_tries: int
    receipt: str | None = None


def emit(tx: sa.Connection, key: str, channel: str, payload: bytes, not_before: int = 0) -> bool:
    """Put something in the outbox, in the caller's transaction; False when the key is there already."""
    sql = "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, 'waiting', ?, 0, NULL)"
    return tx.exec_driver_sql(sql, (key, channel, payload, not_before)).rowcount == 1


def claim(tx: sa.Connection, now: int, limit: int = 100, channels: Collection[str] | None = None) -> list[Entry]:
    """Take what is due (for some channels only), oldest first, and mark it as being sent; commit before you send."""
    due = (outbox.c.state == "waiting") & (outbox.c.not_before <= now)
    if channels is not None:
        due &= outbox.c.channel.in_(channels)
    rows = tx.execute(sa.select(outbox).where(due).order_by(outbox.c.not_before, outbox.c.key).limit(limit)).all()
    keys = [row.key for row in rows]
    tx.execute(sa.update(outbox).where(outbox.c.key.in_(keys)).values(state="sending", n_tries=outbox.c.n_tries + 1))
    return [Entry(**{**row._mapping, "state": "sending", "n_tries": row.n_tries + 1}) for row in rows]


def settle_entry(tx: sa.Connection, key: str, state: State, receipt: str | None = None) -> None:
    """Note what became of an entry; what is sent is not kept, since it may quote people."""
    values = {"state": state, "receipt": receipt} | ({"payload": b""} if state == "sent" else {})
    tx.execute(sa.update(outbox).where(outbox.c.key == key).values(values))


def rewrite_entry(tx: sa.Connection, key: str, payload: bytes) -> None:
    """Put other words in the place of what is not sent yet."""
    tx.execute(sa.update(outbox).where(outbox.c.key == key, outbox.c.state != "sent").values(payload=payload))


def postpone(tx: sa.Connection, key: str, not_before: int, why: str) -> None:
    """Let an entry that was not taken wait for another try."""
    values = {"state": "waiting", "not_before": not_before, "receipt": why}
    tx.execute(sa.update(outbox).where(outbox.c.key == key).values(values))


def again(tx: sa.Connection, key: str) -> bool:
    """Send what failed, or may have been sent, once more: a person decided so. False when there is no such entry."""
    stuck = (outbox.c.key == key) & outbox.c.state.in_(("failed", "unknown"))
    return tx.execute(sa.update(outbox).where(stuck).values(state="waiting", not_before=0, n_tries=0)).rowcount == 1


def resolve(tx: sa.Connection, key: str, state: Literal["sent", "waiting", "unknown"], receipt: str) -> bool:
    """Note what a look-up told of an entry in doubt; False when a person decided in the meantime."""
    values = {"state": state, "receipt": receipt} | ({"payload": b""} if state == "sent" else {})
    stuck = (outbox.c.key == key) & (outbox.c.state == "unknown")
    return tx.execute(sa.update(outbox).where(stuck).values(values)).rowcount == 1


def recover(tx: sa.Connection, keyed: Collection[str] = ()) -> int:
    """Take up what was being sent when we stopped, once, at the start; return how many entries that were.

    Parameters
    ----------
    keyed : collection of str
        Channels whose other side tells repeats by the key: theirs wait to be sent again, all others are `unknown`.
    """
    stopped = outbox.c.state == "sending"
    n = tx.execute(sa.update(outbox).where(stopped, outbox.c.channel.in_(keyed)).values(state="waiting")).rowcount
    return n + tx.execute(sa.update(outbox).where(stopped).values(state="unknown")).rowcount


def entries(tx: sa.Connection, states: Sequence[State] = ()) -> list[Entry]:
    """Return what is in the outbox, by key."""
    statement = sa.select(outbox).order_by(outbox.c.key)
    if states:
        statement = statement.where(outbox.c.state.in_(states))
    return [Entry(**row._mapping) for row in tx.execute(statement)]
