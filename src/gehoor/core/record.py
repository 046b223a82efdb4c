"""The one record: what somebody said (ActivityStreams 2.0) or did (Segment spec), flat.

In: decoders make `Activity` structs. Out: `to_batch` turns them into an Arrow batch of `ACTIVITY`, the only form in
which activities travel between processes. The row stages append the columns of `ANNOTATION`; the owner adds `seq`,
`duplicate_of` and `campaign`: together `LEDGER`, which is also what the history on disk looks like.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal, get_args

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "ACTIVITY",
    "ANNOTATION",
    "LEDGER",
    "MICROS",
    "PASSING",
    "Activity",
    "Kind",
    "Type",
    "digest",
    "is_said",
    "kind_of",
    "to_batch",
    "to_ledger",
]

Type = Literal[
    "Create", "Update", "Delete", "Announce", "Like", "Follow", "Flag", "Undo",
    "Track", "Identify", "Page", "Screen", "Group", "Alias",
]  # fmt: skip
Kind = Literal["say", "answer", "share", "react", "do", "undo", "spam"]
"""What an activity amounts to when counted: said, answered by us, passed on, reacted, done, taken back; or spam."""

_KINDS: dict[str, Kind] = {
    "Create": "say", "Update": "say", "Announce": "share", "Like": "react", "Follow": "react", "Flag": "react",
    "Delete": "undo", "Undo": "undo",
}  # fmt: skip


def kind_of(type_: str, direction: str = "in", spam: str | None = None) -> Kind:
    """Return what an activity counts as; everything from the Segment spec is `do`, our own words are `answer`.

    What others say and `spam` says something about (its reason) is `spam`, whatever it sounds like.

    Examples
    --------
    >>> kind_of("Create"), kind_of("Create", "out"), kind_of("Track"), kind_of("Create", "in", "links")
    ('say', 'answer', 'do', 'spam')
    """
    kind = _KINDS.get(type_, "do")
    if kind != "say":
        return kind
    if direction != "in":
        return "answer"
    return "spam" if spam else "say"


def is_said(rows: pa.RecordBatch) -> pa.BooleanArray:
    """Tell which rows are of the kind `say`: what people say, not what we answer, and no spam."""
    is_theirs = pc.and_(pc.equal(rows.column("direction"), "in"), pc.is_null(rows.column("spam")))
    return pc.and_(pc.is_in(rows.column("type"), pa.array(["Create", "Update"])), is_theirs)


class Activity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One thing that one actor did at one moment.

    Attributes
    ----------
    id : str
        This activity within its channel (an edit, a like, a deletion has an id of its own): native URI or number.
    type : Type
        ActivityStreams or Segment type.
    object : str, optional
        What it concerns: a post, a liked post, an order. None: the activity's own id (a plain `Create`).
    rev : int
        Revision of the object, usually microseconds of the edit; the highest wins, a `Delete` beats all.
    published, received : int
        Microseconds UTC. `published` as the channel gave it, None when absent; for an edit it is when the *object*
        was first published, if the channel says so.
    channel : str
        mastodon, mail, feed, shop, phone ...; `id`, `object`, `actor` and `in_reply_to` live inside it.
    heard_by : str, optional
        Which of our accounts or sources heard it. Not part of the identity: heard twice counts once.
    direction : str
        `in`, `out` (ours) or `internal`.
    visibility : str
        `public`, `followers` or `direct`.
    actor : str, optional
        The channel's stable id of who did it; never a handle or a phone number.
    lines, properties, policy : str, optional
        JSON text: order lines; everything that we do not read, untouched; consent and purposes.
    """

    id: str
    type: Type = "Create"
    object: str | None = None
    rev: int = 0
    published: int | None = None
    received: int
    channel: str
    heard_by: str | None = None
    direction: Literal["in", "out", "internal"] = "in"
    visibility: Literal["public", "followers", "direct"] = "public"
    actor: str | None = None
    actor_name: str | None = None
    actor_followers: int | None = None
    place: str | None = None
    text: str | None = None
    html: str | None = None
    url: str | None = None
    media: tuple[str, ...] = ()
    language: str | None = None
    in_reply_to: str | None = None
    conversation: str | None = None
    quote_of: str | None = None
    mentions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    views: int | None = None
    replies: int | None = None
    reposts: int | None = None
    likes: int | None = None
    event: str | None = None
    product: str | None = None
    brand: str | None = None
    quantity: float | None = None
    value: float | None = None
    currency: str | None = None
    promotion: str | None = None
    lines: str | None = None
    properties: str | None = None
    policy: str | None = None


MICROS = pa.timestamp("us", tz="UTC")
_INTS = {"rev", "actor_followers", "views", "replies", "reposts", "likes"}
_FLOATS = {"quantity", "value"}
_TIMES = {"published", "received"}
_LISTS = {"media", "mentions", "tags"}


def _arrow_type(name: str) -> pa.DataType:
    if name in _INTS:
        return pa.int64()
    if name in _FLOATS:
        return pa.float64()
    if name in _TIMES:
        return MICROS
    return pa.list_(pa.string()) if name in _LISTS else pa.string()


_REQUIRED = {"id", "type", "rev", "received", "channel", "direction", "visibility"}

ACTIVITY: pa.Schema = pa.schema(
    [pa.field(name, _arrow_type(name), nullable=name not in _REQUIRED) for name in Activity.__struct_fields__]
)
"""One row an activity; the fields and order of `Activity`."""

ANNOTATION: pa.Schema = pa.schema(
    [
        # identity, from core: 64-bit digests of channel + id, object, actor, in_reply_to
        pa.field("key", pa.int64(), nullable=False),
        pa.field("object_key", pa.int64(), nullable=False),
        pa.field("actor_key", pa.int64()),
        pa.field("parent_key", pa.int64()),
        # event time: published clamped to received + 5 min, or received where published is absent
        pa.field("event_at", MICROS, nullable=False),
        pa.field("is_backfill", pa.bool_(), nullable=False),
        # sift: digest of the normalised text (null: no text) and 64-byte MinHash signature (null: too short)
        pa.field("text_digest", pa.int64()),
        pa.field("signature", pa.binary(64)),
        # ... and digest of what stays of it without what a template fills in (null: too little)
        pa.field("template", pa.int64()),
        # sift: the reason why it is spam (null: it is not, or a person said so), and why it would not be kept
        pa.field("spam", pa.string()),
        pa.field("spam_p", pa.float32()),
        pa.field("drop", pa.string()),
        # understand (its `language` column replaces the one the channel gave)
        pa.field("language_p", pa.float32()),
        pa.field("brands", pa.list_(pa.string())),
        pa.field("sentiment", pa.string()),
        pa.field("sentiment_p", pa.float32()),
        pa.field("intent", pa.string()),
        pa.field("intent_p", pa.float32()),
        # ... the second level of the intent (`delivery`), and what else a post asks of us
        pa.field("need", pa.string()),
        pa.field("need_p", pa.float32()),
        pa.field("actionability", pa.string()),
        pa.field("actionability_p", pa.float32()),
        pa.field("urgency", pa.string()),
        pa.field("urgency_p", pa.float32()),
        pa.field("emotion", pa.string()),
        pa.field("emotion_p", pa.float32()),
        pa.field("motive", pa.string()),
        pa.field("motive_p", pa.float32()),
        # ... its sense: the direction in which similar posts lie, one signed byte a dimension (null: no text)
        pa.field("vector", pa.binary(128)),
        # how search and counts find the row: label tokens (`core.labels`), buckets of its words (`core.words`)
        pa.field("labels", pa.string(), nullable=False),
        pa.field("words", pa.list_(pa.int32())),
    ]
)
"""The columns that the row stages add. A column whose stage failed or does not apply is null."""

PASSING = ("signature", "template", "drop", "vector", "labels", "words")
"""Annotations that travel to the owner but are no column of the history."""

LEDGER: pa.Schema = pa.schema(
    [
        pa.field("seq", pa.int64(), nullable=False),
        *ACTIVITY,
        *(field for field in ANNOTATION if field.name not in PASSING),
        pa.field("duplicate_of", pa.int64()),
        pa.field("campaign", pa.int64()),
    ]
)
"""A committed row: its offset, the activity, its annotations, the `seq` of the post it nearly repeats, and of the first
of its campaign."""


def to_batch(activities: Sequence[Activity]) -> pa.RecordBatch:
    """Turn activities into one Arrow batch of `ACTIVITY`.

    Cost: about 2.5 µs an activity; fields that nobody set cost almost nothing.

    Examples
    --------
    >>> batch = to_batch([Activity(id="1", received=0, channel="file", text="Hoi")])
    >>> batch.num_rows, batch.column("text")[0].as_py()
    (1, 'Hoi')
    """
    n = len(activities)
    columns: list[pa.Array] = []
    for field in ACTIVITY:
        name = field.name
        values = [getattr(activity, name) for activity in activities]
        if name in _LISTS:  # none is null, whatever the other rows of the batch have
            values = [value or None for value in values] if any(values) else [None] * n
        columns.append(pa.nulls(n, field.type) if values.count(None) == n else pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=ACTIVITY)


def to_ledger(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows with the columns of `LEDGER`, in its order; what an older file does not have is null."""
    n, known = rows.num_rows, set(rows.schema.names)
    columns = [rows.column(f.name).cast(f.type) if f.name in known else pa.nulls(n, f.type) for f in LEDGER]
    return pa.RecordBatch.from_arrays(columns, schema=LEDGER)


def digest(channel: str, name: str) -> int:
    """Return the signed 64-bit digest of a name (id, object, actor) inside its channel.

    BLAKE2b rather than a fast hash: ids come from strangers, and a stranger must not be able to aim at a collision.
    Cost: 0.7 µs.
    """
    data = f"{channel}\n{name}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)


assert set(get_args(Type)) >= set(_KINDS)
