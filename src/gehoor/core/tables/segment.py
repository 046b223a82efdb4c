"""Tables of a segment: one day (of arrival) of the ledger, in a file of its own that retention drops whole.

All that a page's transaction writes stands here, so that one fsync commits it or nothing.
"""

from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.record import LEDGER

__all__ = [
    "ACTIVITY_COLUMNS",
    "REVISION",
    "activity",
    "block",
    "change",
    "cursor",
    "dropped",
    "lookup",
    "metadata",
    "reject",
    "span",
]

REVISION = "0005"

metadata = sa.MetaData()


def _sql_type(field: pa.Field) -> sa.types.TypeEngine[Any]:
    if pa.types.is_floating(field.type):
        return sa.Float()
    if pa.types.is_boolean(field.type):
        return sa.SmallInteger()
    if pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type):
        return sa.BigInteger()
    return sa.Text()  # lists are JSON text


def _column(field: pa.Field) -> sa.Column[object]:
    if field.name == "seq":
        return sa.Column("seq", sa.Integer(), primary_key=True)  # SQLite: INTEGER makes it the rowid
    # published 0 means absent: NULLs would all be different under the unique index
    return sa.Column(field.name, _sql_type(field), nullable=field.nullable and field.name != "published")


# in revisions 0002, 0003 and 0005: SQLite puts them behind the columns of the first
_ADDED = (
    "spam", "spam_p", "need", "need_p", "actionability", "actionability_p", "urgency", "urgency_p", "emotion",
    "emotion_p", "motive", "motive_p", "campaign",
)  # fmt: skip

activity = sa.Table(
    "activity",
    metadata,
    *(_column(field) for field in LEDGER if field.name not in _ADDED),
    sa.Column("labels", sa.Text()),
    # 0 stands, 1 superseded by a later revision, 2 gone (deleted or undone): `core.ledger.resolve`
    sa.Column("state", sa.SmallInteger(), nullable=False),
    *(_column(LEDGER.field(name)) for name in _ADDED),
    # keys that grow with time: the only unique index that a page transaction can afford
    sa.UniqueConstraint("published", "key", name="activity_published_key"),
)
# `published` is indexed by the constraint, and nearly always what is counted; these are the moments that are not
sa.Index("activity_event_at", activity.c.event_at, sqlite_where=sa.text("event_at <> published"))
ACTIVITY_COLUMNS: tuple[str, ...] = tuple(column.name for column in activity.columns)

cursor = sa.Table(
    "cursor",
    metadata,
    sa.Column("source", sa.Text(), primary_key=True),
    sa.Column("cursor", sa.LargeBinary(), nullable=False),
    sa.Column("last_heard_at", sa.BigInteger(), nullable=False),
    sa.Column("newest_at", sa.BigInteger(), nullable=False),
    sa.Column("n_stored", sa.BigInteger(), nullable=False),
    sa.Column("n_seen", sa.BigInteger(), nullable=False),
    sa.Column("n_rejected", sa.BigInteger(), nullable=False),
    sa.Column("n_dropped", sa.BigInteger(), nullable=False, server_default="0"),
    comment="where each source reads on, with its totals; carried over into the next day's segment",
)

reject = sa.Table(
    "reject",
    metadata,
    sa.Column("source", sa.Text(), primary_key=True),
    sa.Column("position", sa.BigInteger(), primary_key=True),
    sa.Column("stage", sa.Text(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("raw", sa.LargeBinary(), nullable=False),
    sa.Column("native_id", sa.Text()),
    sa.Column("decoder", sa.Text(), nullable=False),
    sa.Column("decoder_version", sa.Text(), nullable=False),
    sa.Column("options", sa.LargeBinary(), nullable=False),
    sa.Column("received", sa.BigInteger(), nullable=False),
    comment="items that could not be taken in; source + position identify them, equal raw lines stay apart",
)

dropped = sa.Table(
    "dropped",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Column("received", sa.BigInteger(), nullable=False),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sa.Column("reasons", sa.Text(), nullable=False),
    sa.Column("keys", sa.LargeBinary()),
    sa.Column("changed", sa.LargeBinary()),
    sa.Column("data", sa.LargeBinary()),
    comment="one row a page: what relevance dropped of it, by reason; the rows themselves for some days, then null",
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("seq", sa.Integer(), primary_key=True),
    sa.Column("target", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("before", sa.LargeBinary(), nullable=False),
    sa.Column("after", sa.LargeBinary(), nullable=False),
    comment="what happened to a row after it was written: 'state' or 'annotate'; JSON of the columns before and after",
)

block = sa.Table(
    "block",
    metadata,
    sa.Column("first_seq", sa.Integer(), primary_key=True),
    sa.Column("n", sa.Integer(), nullable=False),
    sa.Column("keys", sa.LargeBinary(), nullable=False),
    sa.Column("object_keys", sa.LargeBinary(), nullable=False),
    sa.Column("digests", sa.LargeBinary(), nullable=False),
    sa.Column("signatures", sa.LargeBinary(), nullable=False),
    sa.Column("flags", sa.LargeBinary(), nullable=False),
    sa.Column("duplicate_of", sa.LargeBinary(), nullable=False),
    sa.Column("actor_keys", sa.LargeBinary()),
    sa.Column("languages", sa.LargeBinary()),
    sa.Column("templates", sa.LargeBinary()),
    sa.Column("campaigns", sa.LargeBinary()),
    comment="one row a page: what the owner remembers of its rows, to refill its memory after a restart",
)

span = sa.Table(
    "span",
    metadata,
    sa.Column("day", sa.Integer(), primary_key=True),
    sa.Column("low", sa.BigInteger(), nullable=False),
    sa.Column("high", sa.BigInteger(), nullable=False),
    comment="which published days this segment holds and within which moments: where a re-delivery can be",
)

lookup = sa.Table(
    "lookup",
    metadata,
    sa.Column("part", sa.Integer(), primary_key=True),
    sa.Column("hash", sa.BigInteger(), primary_key=True),
    sa.Column("seq", sa.Integer(), primary_key=True),
    sqlite_with_rowid=False,
    comment="delayed index: digest of id, object, actor, parent, original -> row; `part` keeps each flush small",
)

mark = sa.Table(
    "mark",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("value", sa.BigInteger(), nullable=False),
    comment="last_seq, indexed: the last offset handed out, and up to where `lookup` is written",
)

mutated = sa.Table(
    "mutated",
    metadata,
    sa.Column("hash", sa.BigInteger(), primary_key=True, autoincrement=False),
    comment="digests that an edit, a deletion or an undo concerns: a late original must look before it counts",
)

# external content: the words stand once, in `activity`, and 'delete' with the old text really removes them
SEARCH_DDL = (
    "CREATE VIRTUAL TABLE search USING fts5(text, labels, content='activity', content_rowid='seq', "
    'tokenize="unicode61 remove_diacritics 2")',
    "INSERT INTO search(search, rank) VALUES ('secure-delete', 1)",
    # merge later and more at once: 2 us a post less, and a query over 16 pieces is as fast as over 4
    "INSERT INTO search(search, rank) VALUES ('automerge', 16)",
    # ... but a little with each page: at the default of 16 every merge is a crisis, done at once (1.7 s)
    "INSERT INTO search(search, rank) VALUES ('crisismerge', 256)",
)
__all__ += ["SEARCH_DDL", "mark", "mutated"]
