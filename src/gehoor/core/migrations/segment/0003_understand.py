"""What else a post asks of us: need, actionability, urgency, emotion, motive."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring a segment from revision 0002 to 0003."""
    for name in ("need", "actionability", "urgency", "emotion", "motive"):
        op.add_column("activity", sa.Column(name, sa.Text()))
        op.add_column("activity", sa.Column(f"{name}_p", sa.Float()))
