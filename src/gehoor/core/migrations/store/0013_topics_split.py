"""Topics that were split, what is remembered of those that live, and what country tells of communities."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Bring a store from revision 0012 to 0013."""
    whole = sa.Integer()
    op.add_column("topic", sa.Column("split_from", whole))
    op.add_column("community", sa.Column("by_country", sa.Float()))
    op.create_table(
        "topic_live",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "topic_word",
        sa.Column("bucket", whole, primary_key=True, autoincrement=False),
        sa.Column("n", sa.Float(), nullable=False),
    )
