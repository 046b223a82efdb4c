"""The campaign of each post, and what templates are refilled from."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring a segment from revision 0004 to 0005."""
    op.add_column("activity", sa.Column("campaign", sa.BigInteger()))
    op.add_column("block", sa.Column("templates", sa.LargeBinary()))
    op.add_column("block", sa.Column("campaigns", sa.LargeBinary()))
