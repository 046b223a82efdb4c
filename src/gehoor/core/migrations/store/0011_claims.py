"""What people say of what is claimed: whether it is true, and a note."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Bring a store from revision 0010 to 0011."""
    op.create_table(
        "claim",
        sa.Column("topic", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
