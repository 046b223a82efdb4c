"""Which posts come to the desk, and what of each is needed to find its conversation. Arrow masks first: most do not."""

from collections.abc import Collection
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.desk import CHANNELS_DIRECT, URGENCIES
from gehoor.core.record import digest
from gehoor.core.settings_desk import Desk

__all__ = ["NAMES", "Said", "Taken", "account_name", "take"]

_SAYS = pa.array(["Create", "Update"])
_DIRECT = pa.array(CHANNELS_DIRECT)
_URGENCY = {name: place for place, name in enumerate(URGENCIES)}
_COLUMNS = (
    "seq", "channel", "object_key", "parent_key", "actor_key", "actor_name", "language", "actor_followers",
    "direction", "intent", "need", "urgency", "sentiment", "is_backfill", "conversation", "quote_of", "brands",
)  # fmt: skip


class Said(NamedTuple):
    """A post of a conversation, as the table `conversation_post` keeps it; names are digests."""

    seq: int
    object_key: int
    parent_key: int | None
    thread_key: int | None
    actor_key: int | None
    name: str | None
    channel: str
    brand: str | None
    language: str | None
    reach: int
    is_direct: bool
    at: int
    direction: str
    intent: str | None
    need: str | None
    urgency: int
    sentiment: str | None
    is_backfill: bool


NAMES = ", ".join(Said._fields)


class Taken(NamedTuple):
    """What of a batch comes to the desk: posts, and for each the ten seconds it counts in (None: taken in any case)."""

    posts: list[Said]
    spans: list[int | None]


def account_name(account: str) -> str:
    """Return how an account is compared: in small letters, without what stands before it.

    Examples
    --------
    >>> account_name("@Acme@Fedi.example")
    'acme@fedi.example'
    """
    return account.strip().lower().removeprefix("mailto:").lstrip("@")


def take(rows: pa.RecordBatch, desk: Desk, accounts: Collection[str], ours: pa.Array) -> Taken:
    """Return what of some rows comes to the desk.

    Parameters
    ----------
    rows : pyarrow.RecordBatch
        Rows of `core.record.LEDGER`.
    accounts : collection of str
        Our accounts, by `account_name`.
    ours : pyarrow.Array
        Object keys of what we said ourselves: a reply to one of them comes to the desk.

    Notes
    -----
    Cost: 0.3 us a row that does not, 5 us one that does.
    """
    rows = rows.filter(pc.and_(pc.is_in(rows.column("type"), _SAYS), pc.is_null(rows.column("spam"))))
    if rows.num_rows == 0:
        return Taken([], [])
    said_to_us, public = _direct(rows), _public(rows, desk, accounts)
    is_out = pc.equal(rows.column("direction"), "out")
    is_in = pc.equal(rows.column("direction"), "in")
    sure = pc.or_(is_out, pc.and_(is_in, pc.or_(said_to_us, pc.is_in(rows.column("parent_key"), ours))))
    rows = rows.append_column("_direct", said_to_us).append_column("_sure", sure)
    rows = rows.filter(pc.or_(sure, pc.and_(is_in, public)))
    return _posts(rows)


def _direct(rows: pa.RecordBatch) -> pa.Array:
    return pc.or_(pc.equal(rows.column("visibility"), "direct"), pc.is_in(rows.column("channel"), _DIRECT))


def _public(rows: pa.RecordBatch, desk: Desk, accounts: Collection[str]) -> pa.Array:
    """Return which rows mention an account of ours, or are about a brand of ours and wait for an answer."""
    mentioned = _mentions(rows, accounts)
    if desk.takes == "direct":
        return mentioned
    about = pc.greater(pc.list_value_length(rows.column("brands")), 0)
    waits = pc.equal(rows.column("actionability"), "answer")
    return pc.or_(mentioned, pc.fill_null(pc.and_(about, waits), False))  # noqa: FBT003  # pyarrow's own


def _mentions(rows: pa.RecordBatch, accounts: Collection[str]) -> pa.Array:
    column = rows.column("mentions")
    if not accounts or column.null_count == len(column):
        return pa.array([False] * rows.num_rows)
    mine = [
        place
        for place, names in enumerate(column.to_pylist())
        if names and any(account_name(name) in accounts for name in names)
    ]
    return pc.is_in(pa.array(range(rows.num_rows), pa.int64()), pa.array(mine, pa.int64()))


def _posts(rows: pa.RecordBatch) -> Taken:
    at = rows.column("event_at").cast(pa.int64()).to_pylist()
    received = rows.column("received").cast(pa.int64()).to_pylist()
    sure, direct = rows.column("_sure").to_pylist(), rows.column("_direct").to_pylist()
    columns = [rows.column(name).to_pylist() for name in _COLUMNS]
    posts = [
        _said(row, moment, is_direct=is_direct)
        for row, moment, is_direct in zip(zip(*columns, strict=True), at, direct, strict=True)
    ]
    spans = [None if is_sure else moment // 10_000_000 for is_sure, moment in zip(sure, received, strict=True)]
    return Taken(posts, spans)


def _said(row: tuple[Any, ...], at: int, *, is_direct: bool) -> Said:
    (seq, channel, object_key, parent, actor, name, language, followers, direction, intent, need, urgency, sentiment,
     is_backfill, thread, quote, brands) = row  # fmt: skip
    if parent is None and quote is not None:
        parent = digest(channel, quote)
    return Said(
        seq, object_key, parent, digest(channel, thread) if thread else None, actor, name, channel,
        brands[0] if brands else None, language, followers or 0, is_direct, at, direction, intent, need,
        _URGENCY.get(urgency, 1), sentiment, bool(is_backfill),
    )  # fmt: skip
