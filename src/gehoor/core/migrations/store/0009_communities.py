"""Communities, and who belongs to each."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Bring a store from revision 0008 to 0009."""
    whole, big = sa.Integer(), sa.BigInteger()
    op.create_table(
        "community",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("n", whole, nullable=False),
        sa.Column("found_at", big, nullable=False),
        sa.Column("by_language", sa.Float(), nullable=False),
    )
    op.create_table(
        "community_member",
        sa.Column("actor_key", big, primary_key=True, autoincrement=False),
        sa.Column("community", whole, nullable=False),
        sa.Column("participation", sa.Float(), nullable=False),
    )
    op.create_index("community_member_community", "community_member", ["community"])
