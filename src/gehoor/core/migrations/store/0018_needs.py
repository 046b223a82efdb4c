"""How often each need was spoken of."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Bring a store from revision 0017 to 0018."""
    op.create_table(
        "need",
        sa.Column("resolution", sa.Integer(), primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True),
        sa.Column("brand", sa.Text(), primary_key=True),
        sa.Column("intent", sa.Text(), primary_key=True),
        sa.Column("need", sa.Text(), primary_key=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
