"""Alerts, and what projections hold in memory."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring a store from revision 0001 to 0002."""
    big, text, data = sa.BigInteger(), sa.Text(), sa.LargeBinary()
    op.create_table(
        "snapshot",
        sa.Column("projection", text, primary_key=True),
        sa.Column("data", data, nullable=False),
    )
    op.create_table(
        "alert",
        sa.Column("id", text, primary_key=True),
        sa.Column("brand", text, nullable=False),
        sa.Column("measure", text, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("began_at", big, nullable=False),
        sa.Column("detected_at", big, nullable=False),
        sa.Column("ended_at", big),
        sa.Column("data", data, nullable=False),
        sa.Column("verdict", text),
    )
    op.create_index("alert_began_at", "alert", ["began_at"])
