"""Which posts come to the desk, and what of each is needed to find its conversation. Arrow masks first: most do not."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.desk import CHANNELS_DIRECT, URGENCIES
from gehoor.core.reference import reference_key
from gehoor.core.settings_desk import Desk

__all__ = ["NAMES", "Names", "Said", "Taken", "account_name", "take"]

_MOST_NAMES = 131_072
_SAYS = pa.array(["Create", "Update"])
_DIRECT = pa.array(CHANNELS_DIRECT)
_URGENCY = {name: place for place, name in enumerate(URGENCIES)}
_COLUMNS = (
    "seq", "channel", "object_key", "parent_key", "actor_key", "actor_name", "language", "actor_followers",
    "direction", "intent", "need", "urgency", "sentiment", "is_backfill", "conversation", "quote_of", "brands",
)  # fmt: skip


_ASKED = (
    "type", "spam", "visibility", "channel", "direction", "object_key", "parent_key", "mentions", "brands",
    "actionability",
)  # fmt: skip
_KEPT = (*_COLUMNS, "event_at", "received")

Bools = npt.NDArray[np.bool_]


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
    """A post that comes to the desk, and the ten seconds it counts in (None: it is taken in any case)."""

    post: Said
    span: int | None


class Names:
    """What stands at the desk, by name: who answers what we said, or goes on with their own words, speaks to us.

    Of the last 131,072 things that were said; what was edited or deleted since is known as well.
    """

    def __init__(self, known: Iterable[tuple[int, int | None]] = ()) -> None:
        self._actor: dict[int, int | None] = dict(known)

    def __contains__(self, name: int) -> bool:
        return name in self._actor

    def add(self, said: Collection[tuple[int, int | None]]) -> None:
        """Take in names, each with whose words they are; None: ours."""
        self._actor.update(said)
        if len(self._actor) > 2 * _MOST_NAMES:
            self._actor = dict(list(self._actor.items())[-_MOST_NAMES:])

    def note(self, post: Said) -> None:
        """Take in one post, for `goes_on` and `said` alone."""
        self._actor[post.object_key] = post.actor_key if post.direction == "in" else None

    def said(self) -> list[tuple[int, int | None]]:
        """Return all names, with whose words they are."""
        return list(self._actor.items())

    def goes_on(self, parent: int | None, actor: int | None) -> bool:
        """Tell whether who answers this speaks to us: it is ours, or their own."""
        whose = self._actor.get(parent, 0) if parent is not None else 0
        return whose is None or (whose != 0 and whose == actor)


def account_name(account: str) -> str:
    """Return how an account is compared: in small letters, without what stands before it.

    Examples
    --------
    >>> account_name("@Acme@Fedi.example")
    'acme@fedi.example'
    """
    return account.strip().lower().removeprefix("mailto:").lstrip("@")


def take(rows: pa.RecordBatch, desk: Desk, accounts: Collection[str], names: Names) -> list[Taken]:
    """Return what of some rows comes to the desk, and let `names` know of it.

    Parameters
    ----------
    rows : pyarrow.RecordBatch
        Rows of `core.record.LEDGER`, in order of `seq`.
    accounts : collection of str
        Our accounts, by `account_name`.
    names : Names
        What stands there already.

    Notes
    -----
    Cost: 0.4 us a row that does not, 5 us one that does.
    """
    asked = rows.select(_ASKED)
    is_said = pc.and_(pc.is_in(asked.column("type"), _SAYS), pc.is_null(asked.column("spam")))
    is_in = pc.and_(is_said, pc.equal(asked.column("direction"), "in"))
    said_to_us, public = _direct(asked), _public(asked, desk, accounts)
    is_out = pc.and_(is_said, pc.equal(asked.column("direction"), "out"))
    sure = pc.or_(is_out, pc.and_(is_in, said_to_us))
    wanted = pc.or_(sure, pc.and_(is_in, public))
    mask = _with_answers(asked, wanted.to_numpy(zero_copy_only=False), is_in.to_numpy(zero_copy_only=False), names)
    if not mask.any():
        return []
    kept = rows.select(_KEPT).append_column("_direct", said_to_us)
    kept = kept.append_column("_sure", sure).append_column("_wanted", wanted)
    return _taken(kept.filter(pa.array(mask)), names)


def _with_answers(rows: pa.RecordBatch, wanted: Bools, is_in: Bools, names: Names) -> Bools:
    """Return which rows are wanted, or may go on with those or with what stands at the desk."""
    mask = wanted.copy()
    parent = rows.column("parent_key")
    asking = np.flatnonzero(is_in & ~wanted & parent.is_valid().to_numpy(zero_copy_only=False))
    objects = rows.column("object_key").to_numpy()
    here = set(objects[wanted].tolist())
    parents = parent.take(pa.array(asking)).to_pylist()
    for place, name, above in zip(asking.tolist(), objects[asking].tolist(), parents, strict=True):
        if above in names or above in here:
            mask[place] = True
            here.add(name)
    return mask


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
    is_ours = np.zeros(rows.num_rows, np.bool_)
    if accounts and column.null_count < len(column):
        different = pc.list_flatten(column).dictionary_encode()
        ours = np.array([account_name(name) in accounts for name in different.dictionary.to_pylist()], np.bool_)
        mine = ours[different.indices.to_numpy()] if len(ours) else ours
        is_ours[pc.list_parent_indices(column).to_numpy()[mine]] = True
    return pa.array(is_ours)


def _taken(rows: pa.RecordBatch, names: Names) -> list[Taken]:
    """Return, one by one, what comes to the desk: an answer only after what it answers."""
    at = rows.column("event_at").cast(pa.int64()).to_pylist()
    received = rows.column("received").cast(pa.int64()).to_pylist()
    marks = zip(*(rows.column(name).to_pylist() for name in ("_direct", "_sure", "_wanted")), strict=True)
    columns = zip(*(rows.column(name).to_pylist() for name in _COLUMNS), strict=True)
    found: list[Taken] = []
    fresh = Names()
    for row, moment, heard, (is_direct, is_sure, is_wanted) in zip(columns, at, received, marks, strict=True):
        post = _said(row, moment, is_direct=is_direct)
        goes_on = names.goes_on(post.parent_key, post.actor_key) or fresh.goes_on(post.parent_key, post.actor_key)
        if is_wanted or goes_on:
            found.append(Taken(post, None if is_sure or goes_on else heard // 10_000_000))
            fresh.note(post)
    names.add(fresh.said())
    return found


def _said(row: tuple[Any, ...], at: int, *, is_direct: bool) -> Said:
    (seq, channel, object_key, parent, actor, name, language, followers, direction, intent, need, urgency, sentiment,
     is_backfill, thread, quote, brands) = row  # fmt: skip
    if parent is None and quote is not None:
        parent = reference_key(channel, quote)
    return Said(
        seq, object_key, parent, reference_key(channel, thread) if thread else None, actor, name, channel,
        brands[0] if brands else None, language, followers or 0, is_direct, at, direction, intent, need,
        _URGENCY.get(urgency, 1), sentiment, bool(is_backfill),
    )  # fmt: skip
