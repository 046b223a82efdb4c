"""The first tables of `ledger.sqlite`."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables as they are in revision 0001."""
    big, text = sa.BigInteger(), sa.Text()
    op.create_table("offset", sa.Column("projection", text, primary_key=True), sa.Column("offset", big, nullable=False))
    keys = ["kind", "brand", "channel", "sentiment", "intent"]
    op.create_table(
        "rollup",
        sa.Column("resolution", sa.Integer(), primary_key=True),
        sa.Column("at", big, primary_key=True),
        *(sa.Column(name, text, primary_key=True) for name in keys),
        sa.Column("n", big, nullable=False),
        sa.Column("n_copies", big, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "word",
        sa.Column("day", sa.Integer(), primary_key=True),
        sa.Column("bucket", sa.Integer(), primary_key=True),
        sa.Column("n", big, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "word_name",
        sa.Column("bucket", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", text, nullable=False),
    )
    op.create_table(
        "void",
        sa.Column("seq", big, primary_key=True, autoincrement=False),
        sa.Column("offset", big, nullable=False),
    )
    _desk()


def _desk() -> None:
    big, text = sa.BigInteger(), sa.Text()
    op.create_table(
        "outbox",
        sa.Column("key", text, primary_key=True),
        sa.Column("channel", text, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("not_before", big, nullable=False),
        sa.Column("n_tries", sa.Integer(), nullable=False),
        sa.Column("receipt", text),
    )
    op.create_table(
        "source",
        sa.Column("name", text, primary_key=True),
        sa.Column("type", text, nullable=False),
        sa.Column("status", text, nullable=False),
        sa.Column("message", text),
        sa.Column("per_minute", sa.Float(), nullable=False),
    )
    op.create_table("mark", sa.Column("name", text, primary_key=True), sa.Column("value", big, nullable=False))
    op.create_table(
        "forgotten",
        sa.Column("actor_key", big, primary_key=True, autoincrement=False),
        sa.Column("at", big, nullable=False),
    )
