"""Spam, what relevance drops, and search that merges a little with each page."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MERGE = "INSERT INTO search(search, rank) VALUES ('crisismerge', 256)"


def upgrade() -> None:
    """Bring a segment from revision 0001 to 0002."""
    op.execute(_MERGE)
    op.add_column("activity", sa.Column("spam", sa.Text()))
    op.add_column("activity", sa.Column("spam_p", sa.Float()))
    op.add_column("cursor", sa.Column("n_dropped", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "dropped",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("keys", sa.LargeBinary()),
        sa.Column("changed", sa.LargeBinary()),
        sa.Column("data", sa.LargeBinary()),
    )
