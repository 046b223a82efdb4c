"""What the API says: plain types, times in RFC 3339. Texts are what people wrote: never markup."""

from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args

import msgspec

from gehoor.core.clock import SECOND_US
from gehoor.core.desk import ReplyState, Status

__all__ = [
    "Act", "AlertLine", "Alerts", "Done", "Edition", "Line", "Lines", "NewNote", "NewReply", "NewSnippet", "Note",
    "People", "PersonLine", "PostLine", "Posts", "Problem", "Queued", "Reply", "Said", "Snippet", "StoryLine",
    "Whole", "micros", "told",
]  # fmt: skip

_S = TypeVar("_S", bound=msgspec.Struct)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why it was not done, in plain words (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a list; `version` is what `If-Match` asks."""

    id: int
    version: str
    name: str | None
    snippet: str
    channel: str
    brand: str | None
    language: str | None
    status: Status
    assignee: str | None
    team: str | None
    labels: list[str]
    need: str | None
    intent: str | None
    sentiment: str | None
    urgency: Literal["low", "normal", "high", "critical"]
    n_in: int
    n_out: int
    first_in_at: datetime
    first_out_at: datetime | None
    last_in_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Some conversations; ask for the next ones with `after`, until it is null."""

    items: list[Line]
    after: str | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `was`: empty where it stands, else edited, deleted, or older than what the ledger keeps."""

    seq: int
    at: datetime
    direction: str
    channel: str
    visibility: str
    actor_name: str | None
    text: str | None
    url: str | None
    language: str | None
    was: Literal["", "edited", "deleted", "older"]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note that only the team sees; `mentions` are members who are called in it."""

    id: int
    at: datetime
    said_by: str
    text: str
    mentions: list[str]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of ours; `state` says what became of it, `to_seq` which message it answers."""

    key: str
    to_seq: int
    at: datetime
    said_by: str
    approved_by: str | None
    state: ReplyState
    text: str
    channel: str
    receipt: str | None


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with all that was said and written beside it."""

    line: Line
    messages: list[Said]
    notes: list[Note]
    replies: list[Reply]


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do with a conversation.

    `take`; `assign` with `assignee`; `team` with `team`; `status` with `status`, and `until` to snooze; `label` with
    `add` and `remove`; `priority` with `priority` (-1, 0, 1); `need` with `need`; `merge` with `other`, a conversation
    of the same matter; `split` with `other`, what was put together, or the `seq` of a message that is to stand apart;
    `talk` with `channel` and `text`: what was said on the phone or at the counter.
    """

    act: Literal["take", "assign", "team", "status", "label", "priority", "need", "merge", "split", "talk"]
    assignee: str | None = None
    team: str | None = None
    status: Status = "open"
    until: datetime | None = None
    add: list[str] = []
    remove: list[str] = []
    priority: Literal[-1, 0, 1] = 0
    need: str = ""
    other: int = 0
    channel: Literal["phone", "counter"] = "phone"
    text: str = ""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: the `version` of the conversation now, and the one that it became where that is another."""

    version: str
    conversation: int


class NewNote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note to write; who is named with @ is called."""

    text: str


class NewReply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer to send. `to`: the `seq` of a message of theirs, by default the newest that can be answered.

    `elsewhere`: a mail goes to the address that this message asks for in Reply-To, instead of to who wrote it.
    """

    text: str
    to: int | None = None
    language: str | None = None
    elsewhere: bool = False


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that leaves at `leaves_at`, or that waits for a second pair of eyes (`asked`)."""

    key: str
    state: ReplyState
    leaves_at: datetime | None
    version: str


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply in one language."""

    id: int
    name: str
    language: str
    need: str | None
    text: str


class NewSnippet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A canned reply to keep, in the place of the one of this name in this language."""

    name: str
    language: str
    text: str
    need: str | None = None


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """A person of whom a profile is kept; days are dates, null where there is none."""

    id: str
    n_accounts: int
    n_said: int
    n_orders: int
    first_day: str | None
    last_day: str | None
    may_profile: bool


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Some people; ask for the next ones with `after`, until it is null."""

    items: list[PersonLine]
    after: str | None = None


class PostLine(msgspec.Struct, frozen=True, kw_only=True):
    """A post as it was heard and judged."""

    seq: int
    id: str
    channel: str
    event_at: datetime
    received: datetime
    actor_name: str | None
    text: str | None
    url: str | None
    language: str | None
    brands: list[str]
    sentiment: str | None
    intent: str | None
    need: str | None
    urgency: str | None


class Posts(msgspec.Struct, frozen=True, kw_only=True):
    """Some posts; ask for the next ones with `after`, until it is null."""

    items: list[PostLine]
    after: str | None = None


class AlertLine(msgspec.Struct, frozen=True, kw_only=True):
    """What grew: `level` 1 notice, 2 warning, 3 crisis; `ended_at` is null while it goes on.

    `need` is what alone stands out, where all else said of the brand is as ever: then `n` counts only posts with it.
    """

    id: str
    brand: str
    measure: str
    need: str | None
    level: int
    began_at: datetime
    detected_at: datetime
    ended_at: datetime | None
    n: int
    expected: float
    probability: float
    verdict: str | None


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Some alerts; ask for the next ones with `after`, until it is null."""

    items: list[AlertLine]
    after: str | None = None


class StoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """What people talk about together."""

    id: str
    name: str
    brand: str
    since: datetime
    is_over: bool
    n: int
    n_people: int


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What the mirror says of a day; `edition` is the whole of it, as `gehoor mirror --json` prints it."""

    day: str
    brand: str
    edition: dict[str, Any]


def told(what: object, kind: type[_S], **more: object) -> _S:
    """Return what we know as a type of the API: the fields of the same name, moments as date-times."""
    values: dict[str, Any] = dict(more)
    for field in msgspec.structs.fields(kind):
        if field.name not in values:
            values[field.name] = _moment(getattr(what, field.name), field.type)
    return msgspec.convert(values, kind, from_attributes=True)


def _moment(value: Any, kind: Any) -> Any:
    is_moment = kind is datetime or datetime in get_args(kind)
    return datetime.fromtimestamp(value / SECOND_US, UTC) if is_moment and isinstance(value, int) else value


def micros(moment: datetime | None) -> int | None:
    """Return a moment in microseconds UTC; one without a zone is UTC."""
    if moment is None:
        return None
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(known.timestamp() * SECOND_US)
