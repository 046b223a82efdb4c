"""Tables of `ledger.sqlite` about communities: written by `run.communities`, read through `core.community`."""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = ["community", "community_member", "metadata"]

community = sa.Table(
    "community",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer(), nullable=False),
    sa.Column("found_at", sa.BigInteger(), nullable=False),
    sa.Column("by_language", sa.Float(), nullable=False),
    sa.Column("by_country", sa.Float()),
    comment="people who speak of the same; `by_language`, `by_country`: how much of them either tells, 0 to 1",
)

community_member = sa.Table(
    "community_member",
    metadata,
    sa.Column("actor_key", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("community", sa.Integer(), nullable=False),
    sa.Column("participation", sa.Float(), nullable=False),
    comment="whose community is which; `participation`: how evenly their ties are spread over several, 0 to 1",
)
sa.Index("community_member_community", community_member.c.community)
