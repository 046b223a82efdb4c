"""What spreads: cascades, and the posts of each."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring a store from revision 0006 to 0007."""
    whole, big, text = sa.Integer(), sa.BigInteger(), sa.Text()
    op.create_table(
        "cascade",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("n", whole, nullable=False),
        sa.Column("began", big, nullable=False),
        sa.Column("last", big, nullable=False),
        sa.Column("channel", text, nullable=False),
        sa.Column("usual", sa.Float(), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
    )
    op.create_index("cascade_last", "cascade", ["last"])
    op.create_table(
        "cascade_post",
        sa.Column("seq", whole, primary_key=True, autoincrement=False),
        sa.Column("cascade", whole, nullable=False),
        sa.Column("at", big, nullable=False),
        sa.Column("name", big, nullable=False),
        sa.Column("parent", big),
        sa.Column("via", text, nullable=False),
        sa.Column("actor_key", big),
        sa.Column("channel", text, nullable=False),
    )
    op.create_index("cascade_post_cascade", "cascade_post", ["cascade", "at"])
