"""What a slow reader said of posts that our heads were not sure of."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring a store from revision 0003 to 0004."""
    op.create_table(
        "reread",
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("task", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("p", sa.Float(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("before_p", sa.Float()),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
