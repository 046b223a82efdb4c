"""Table of `ledger.sqlite` about stories: what people say of what is claimed. Written through `core.story_claim`."""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = ["claim", "metadata"]

claim = sa.Table(
    "claim",
    metadata,
    sa.Column("topic", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("verdict", sa.Text(), nullable=False),
    sa.Column("note", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    comment="whether what is said in a topic is true, as people say: yes, no, unknown, or '' for a note alone",
)
