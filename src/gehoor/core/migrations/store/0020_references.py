"""By what others referred to those who are forgotten: it is replaced wherever it is heard again."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Bring a store from revision 0019 to 0020."""
    op.create_table("forgotten_reference", sa.Column("key", sa.BigInteger(), primary_key=True, autoincrement=False))
