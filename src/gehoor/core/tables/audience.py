"""Tables of `ledger.sqlite` about groups of people: rules that somebody kept, and how loyal each person is.

Written by `run.audience` and `run.loyalty`; read through `core.audience` and `core.loyalty`.
"""

import sqlalchemy as sa

from gehoor.core.tables.person import metadata, person

__all__ = ["GONE", "audience", "metadata", "person_loyalty"]

audience = sa.Table(
    "audience",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("rule", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    comment="rules over columns of profiles that somebody keeps under a name; whom they hold is asked anew each time",
)

person_loyalty = sa.Table(
    "person_loyalty",
    metadata,
    sa.Column("person", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("brand", sa.Text(), nullable=False),
    sa.Column("n_brands", sa.Integer(), nullable=False),
    sa.Column("p_ours", sa.Float(), nullable=False),
    sa.Column("p_promotion", sa.Float(), nullable=False),
    sa.Column("gap_days", sa.Float()),
    sa.Column("p_silence", sa.Float()),
    sa.Column("n_elsewhere", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("days_elsewhere", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("returns_elsewhere", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("spend_elsewhere", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("first_ours_day", sa.BigInteger(), nullable=False, server_default="-1"),
    sa.Column("last_ours_day", sa.BigInteger(), nullable=False, server_default="-1"),
    comment="how loyal a person is, as of the last night: `know.loyal_state`, and what they bought of other brands:"
    " `run.bought_elsewhere`; gone with the row in `person`",
)

GONE = (
    "CREATE TRIGGER person_loyalty_gone AFTER DELETE ON person "
    "BEGIN DELETE FROM person_loyalty WHERE person = OLD.person; END"
)
"""Who is forgotten is so here too, in the same transaction."""

sa.event.listen(person, "after_create", sa.DDL(GONE))  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it
