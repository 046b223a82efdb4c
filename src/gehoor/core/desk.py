"""What stands on the desk: a line of the inbox, a whole conversation, and what people wrote beside it."""

from typing import Literal

import msgspec

from gehoor.core.person_reader import Account

__all__ = [
    "CHANNELS_DIRECT", "STATUSES", "URGENCIES", "Conversation", "DeskEvent", "DeskNote", "DeskReply", "InboxPage",
    "InboxRow", "Message", "OrderLine", "ReplyState", "Seen", "Snippet", "Status", "View",
]  # fmt: skip

Status = Literal["open", "pending", "snoozed", "resolved", "earlier", "lapsed"]
STATUSES: tuple[Status, ...] = ("open", "pending", "snoozed", "resolved")
"""What people can say of a conversation; `earlier` and `lapsed` it is by itself: see `desk_query.STATUS_SQL`."""
ReplyState = Literal["draft", "asked", "queued", "taken_back", "sent", "unknown", "failed"]
URGENCIES = ("low", "normal", "high", "critical")
"""What stands in `urgency` as a number: its place here."""
CHANNELS_DIRECT = ("mail", "phone", "counter", "chat", "form")
"""Where who says something speaks to us, whatever it is about."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """As of when somebody saw a conversation: its last post, and the last act of the desk."""

    last_seq: int
    version: int


class InboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as the inbox shows it. Times: microseconds UTC.

    Attributes
    ----------
    id : int
        By which it is opened; the `seq` of the first post that was heard of it.
    name : str, optional
        What the person is called.
    snippet : str
        The first words of their last message; hostile text, never markup. Of a search: where the words stand.
    status : str
        What it is now: a message after `resolved` opened it again, a snooze that is over woke it.
    waiting_since : int, optional
        The first message that nobody answered yet; None: we spoke last.
    due : int, optional
        Left to who knows the policies.
    urgency : int
        0 low, 1 normal, 2 high, 3 critical.
    said_priority : int
        -1, 0, 1: what a person of the team said of it.
    reach : int
        The most followers that any message of it had.
    seen : Seen
        To be handed back with a reply.
    """

    id: int
    actor_key: int | None
    name: str | None
    snippet: str
    channel: str
    brand: str | None
    language: str | None
    status: Status
    assignee: str | None
    team: str | None
    labels: tuple[str, ...]
    snoozed_until: int | None
    waiting_since: int | None
    due: int | None = None
    urgency: int
    said_priority: int
    intent: str | None
    need: str | None
    sentiment: str | None
    reach: int
    n_in: int
    n_out: int
    first_in_at: int
    first_out_at: int | None
    last_in_at: int
    last_out_at: int | None
    is_direct: bool
    is_backfill: bool
    seen: Seen


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of the inbox in order; `after` is where the next page begins, None where there is none."""

    rows: list[InboxRow]
    after: str | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation, hostile text.

    Attributes
    ----------
    was : str
        "" it stands; `edited`: another version took its place; `deleted`: its words are gone; `older`: it is kept in
        the history only, no longer in the ledger.
    """

    seq: int
    id: str | None
    at: int
    direction: str
    channel: str
    visibility: str
    actor: str | None
    actor_key: int | None
    actor_name: str | None
    text: str | None
    url: str | None
    media: tuple[str, ...] = ()
    language: str | None
    intent: str | None
    need: str | None
    sentiment: str | None
    urgency: int
    properties: str | None = None
    was: Literal["", "edited", "deleted", "older"] = ""


class DeskNote(msgspec.Struct, frozen=True, kw_only=True):
    """An internal note; `mentions` are the members called by name in it."""

    id: int
    at: int
    said_by: str
    text: str
    mentions: tuple[str, ...]


class DeskReply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of ours and what became of it.

    Attributes
    ----------
    state : str
        `draft`; `asked` (waits for a second pair of eyes); `queued` (leaves at `not_before`, until then it can be
        taken back); `taken_back`; `sent`; `unknown` (it may have left: look it up, then a person decides); `failed`.
    receipt : str, optional
        What the channel said.
    heard_as : str, optional
        The id that the channel gave it; in the ledger it is a message like any.
    drafted_from : tuple of str
        What its first words were taken from.
    """

    key: str
    to_seq: int
    at: int
    said_by: str
    approved_by: str | None
    state: ReplyState
    not_before: int
    text: str
    language: str | None
    channel: str
    drafted_from: tuple[str, ...]
    receipt: str | None
    heard_as: str | None


class DeskEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what was done at the desk; `detail` is JSON without words of customers."""

    id: int
    at: int
    said_by: str
    act: str
    detail: str


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the person bought or did; `object` names the order, the cart."""

    seq: int
    at: int
    event: str
    object: str | None
    value: float | None
    currency: str | None


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one conversation.

    Attributes
    ----------
    row : InboxRow, optional
        None: of its messages nothing is left (deleted, forgotten).
    messages : list of Message
        In the order in which they were said.
    notes, replies, events : list
        Oldest first.
    others : list of InboxRow
        Other conversations of the same person, newest first, without snippets.
    accounts : list of Account
        The accounts of the person, where a profile is kept.
    person : int, optional
        Who it is: `core.person_reader`.
    """

    id: int
    row: InboxRow | None
    messages: list[Message]
    notes: list[DeskNote]
    replies: list[DeskReply]
    events: list[DeskEvent]
    others: list[InboxRow]
    accounts: list[Account]
    orders: list[OrderLine]
    person: int | None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view of the inbox; no owner: everybody's."""

    id: int
    name: str
    query: str
    owner: str | None = None


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply in one language; `acts` is JSON of what it does besides."""

    id: int
    name: str
    language: str
    need: str | None
    text: str
    acts: str = "{}"
