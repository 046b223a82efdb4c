"""The first tables of a segment."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER, _REAL, _TEXT, _FLAG, _BYTES = sa.BigInteger(), sa.Float(), sa.Text(), sa.SmallInteger(), sa.LargeBinary()

_ACTIVITY = (
    "id! type! object rev!# published!# received!# channel! heard_by direction! visibility! actor actor_name "
    "actor_followers# place text html url media language in_reply_to conversation quote_of mentions tags views# "
    "replies# reposts# likes# event product brand quantity~ value~ currency promotion lines properties policy key!# "
    "object_key!# actor_key# parent_key# event_at!# is_backfill!? text_digest# language_p~ brands sentiment "
    "sentiment_p~ intent intent_p~ duplicate_of# labels state!?"
)
"""Columns of `activity`: ! is never null, # a number, ~ a real number, ? a small one; else text."""

_SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5(text, labels, content='activity', content_rowid='seq', "
    'tokenize="unicode61 remove_diacritics 2")',
    "INSERT INTO search(search, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO search(search, rank) VALUES ('automerge', 16)",
)


def _column(word: str) -> sa.Column[Any]:
    kinds: dict[str, sa.types.TypeEngine[Any]] = {"#": _NUMBER, "~": _REAL, "?": _FLAG}
    kind = kinds.get(word[-1], _TEXT)
    return sa.Column(word.rstrip("!#~?"), kind, nullable="!" not in word)


def _not_null(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    """Make the tables as they are in revision 0001."""
    op.create_table(
        "activity",
        sa.Column("seq", sa.Integer(), primary_key=True),
        *(_column(word) for word in _ACTIVITY.split()),
        sa.UniqueConstraint("published", "key", name="activity_published_key"),
    )
    op.create_index("activity_event_at", "activity", ["event_at"], sqlite_where=sa.text("event_at <> published"))
    for ddl in _SEARCH:
        op.execute(ddl)
    _of_the_page()
    _of_the_memory()


def _of_the_page() -> None:
    op.create_table(
        "cursor",
        sa.Column("source", _TEXT, primary_key=True),
        _not_null("cursor", _BYTES),
        *(_not_null(name, _NUMBER) for name in ("last_heard_at", "newest_at", "n_stored", "n_seen", "n_rejected")),
    )
    op.create_table(
        "reject",
        sa.Column("source", _TEXT, primary_key=True),
        sa.Column("position", _NUMBER, primary_key=True),
        _not_null("stage", _TEXT),
        _not_null("reason", _TEXT),
        _not_null("raw", _BYTES),
        sa.Column("native_id", _TEXT),
        _not_null("decoder", _TEXT),
        _not_null("decoder_version", _TEXT),
        _not_null("options", _BYTES),
        _not_null("received", _NUMBER),
    )
    op.create_table(
        "change",
        sa.Column("seq", sa.Integer(), primary_key=True),
        _not_null("target", _NUMBER),
        _not_null("kind", _TEXT),
        _not_null("before", _BYTES),
        _not_null("after", _BYTES),
    )


def _of_the_memory() -> None:
    blobs = ("keys", "object_keys", "digests", "signatures", "flags", "duplicate_of")
    op.create_table(
        "block",
        sa.Column("first_seq", sa.Integer(), primary_key=True),
        _not_null("n", sa.Integer()),
        *(_not_null(name, _BYTES) for name in blobs),
    )
    op.create_table(
        "span", sa.Column("day", sa.Integer(), primary_key=True), _not_null("low", _NUMBER), _not_null("high", _NUMBER)
    )
    op.create_table(
        "lookup",
        sa.Column("part", sa.Integer(), primary_key=True),
        sa.Column("hash", _NUMBER, primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table("mark", sa.Column("name", _TEXT, primary_key=True), _not_null("value", _NUMBER))
    op.create_table("mutated", sa.Column("hash", _NUMBER, primary_key=True, autoincrement=False))
