"""What people decide about alerts, who is who, alarms that were missed, and how late alarms are."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring a store from revision 0004 to 0005."""
    big, text = sa.BigInteger(), sa.Text()
    for name in ("acknowledged_at", "snoozed_at", "snoozed_until"):
        op.add_column("alert", sa.Column(name, big))
    op.create_table(
        "role",
        sa.Column("actor_key", big, primary_key=True, autoincrement=False),
        sa.Column("role", text, nullable=False),
        sa.Column("at", big, nullable=False),
    )
    op.create_table(
        "missed",
        sa.Column("at", big, primary_key=True, autoincrement=False),
        sa.Column("brand", text, primary_key=True),
        sa.Column("said_at", big, nullable=False),
    )
    op.create_table(
        "warned",
        sa.Column("at", big, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
