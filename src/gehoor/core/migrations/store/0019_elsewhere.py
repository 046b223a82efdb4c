"""What a person ordered of other brands stands beside how loyal they are."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_COLUMNS = {
    "n_elsewhere": "0", "days_elsewhere": "0", "returns_elsewhere": "0", "spend_elsewhere": "0", "first_ours_day": "-1",
    "last_ours_day": "-1",
}  # fmt: skip


def upgrade() -> None:
    """Bring a store from revision 0018 to 0019."""
    for name, unknown in _COLUMNS.items():
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default=unknown)
        op.add_column("person_loyalty", column)
    op.execute("DELETE FROM mark WHERE name = 'loyalty'")  # to be counted again
