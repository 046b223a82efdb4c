"""Groups of people that somebody keeps, and how loyal each person is."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_GONE = (
    "CREATE TRIGGER person_loyalty_gone AFTER DELETE ON person "
    "BEGIN DELETE FROM person_loyalty WHERE person = OLD.person; END"
)


def upgrade() -> None:
    """Bring a store from revision 0009 to 0010."""
    text, number = sa.Text(), sa.Float()
    op.create_table(
        "audience",
        sa.Column("name", text, primary_key=True),
        sa.Column("rule", text, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("said_by", text, nullable=False),
    )
    op.create_table(
        "person_loyalty",
        sa.Column("person", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("state", text, nullable=False),
        sa.Column("brand", text, nullable=False),
        sa.Column("n_brands", sa.Integer(), nullable=False),
        sa.Column("p_ours", number, nullable=False),
        sa.Column("p_promotion", number, nullable=False),
        sa.Column("gap_days", number),
        sa.Column("p_silence", number),
    )
    op.execute(_GONE)
