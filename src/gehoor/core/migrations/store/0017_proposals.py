"""Who may be one person, as the linker proposes it each night."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_GONE = (
    "CREATE TRIGGER person_proposal_gone AFTER DELETE ON person_actor "
    'BEGIN DELETE FROM person_proposal WHERE "left" = OLD.actor_key OR "right" = OLD.actor_key; END'
)


def upgrade() -> None:
    """Bring a store from revision 0016 to 0017."""
    big = sa.BigInteger()
    op.create_table(
        "person_proposal",
        sa.Column("left", big, primary_key=True),
        sa.Column("right", big, primary_key=True),
        sa.Column("p", sa.Float(), nullable=False),
        sa.Column("agrees", sa.Text(), nullable=False),
        sa.Column("at", big, nullable=False),
        sa.Column("later", big, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("person_proposal_right", "person_proposal", ["right"])
    op.execute(_GONE)
