"""Who wrote each post, and in which language surely: what somebody's habit is refilled from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring a segment from revision 0003 to 0004."""
    op.add_column("block", sa.Column("actor_keys", sa.LargeBinary()))
    op.add_column("block", sa.Column("languages", sa.LargeBinary()))
