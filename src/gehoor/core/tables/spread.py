"""Tables of `ledger.sqlite` about what spreads: cascades, and the posts of each. Written by `warn.spread`."""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = ["cascade", "cascade_post", "metadata"]

cascade = sa.Table(
    "cascade",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer(), nullable=False),
    sa.Column("began", sa.BigInteger(), nullable=False),
    sa.Column("last", sa.BigInteger(), nullable=False),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("usual", sa.Float(), nullable=False),
    sa.Column("sums", sa.LargeBinary(), nullable=False),
    comment="posts that brought each other; known by the seq of its first; `sums` is what `warn.cascade` remembers",
)
sa.Index("cascade_last", cascade.c.last)

cascade_post = sa.Table(
    "cascade_post",
    metadata,
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("cascade", sa.Integer(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("name", sa.BigInteger(), nullable=False),
    sa.Column("parent", sa.BigInteger()),
    sa.Column("via", sa.Text(), nullable=False),
    sa.Column("actor_key", sa.BigInteger()),
    sa.Column("channel", sa.Text(), nullable=False),
    comment="a post of a cascade: under which name others refer to it, to which name it refers itself, and how",
)
sa.Index("cascade_post_cascade", cascade_post.c.cascade, cascade_post.c.at)
