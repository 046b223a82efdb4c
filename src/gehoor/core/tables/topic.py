"""Tables of `ledger.sqlite` about what posts are about. Written by `warn.topics`, read through `core.topic`."""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = ["metadata", "topic", "topic_live", "topic_post", "topic_word"]

topic = sa.Table(
    "topic",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("language", sa.Text()),
    sa.Column("telling", sa.BigInteger()),
    sa.Column("began_at", sa.BigInteger(), nullable=False),
    sa.Column("last_at", sa.BigInteger(), nullable=False),
    sa.Column("n", sa.Integer(), nullable=False),
    sa.Column("weight", sa.Float(), nullable=False),
    sa.Column("merged_into", sa.Integer()),
    sa.Column("split_from", sa.Integer()),
    comment="what some posts are about; `weight` is its posts, those of long ago counting less; '' is not yet named",
)
sa.Index("topic_last_at", topic.c.last_at)
sa.Index("topic_merged_into", topic.c.merged_into)

topic_post = sa.Table(
    "topic_post",
    metadata,
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("topic", sa.Integer(), nullable=False),
    comment="the topic that a post got when it came or by a split; what was merged since says so by `merged_into`",
)
sa.Index("topic_post_topic", topic_post.c.topic, topic_post.c.seq)

topic_live = sa.Table(
    "topic_live",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    comment="what is remembered of each topic that lives, so that a restart goes on where it stood",
)

topic_word = sa.Table(
    "topic_word",
    metadata,
    sa.Column("bucket", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("n", sa.Float(), nullable=False),
    comment="in how many posts about us each word stood, those of long ago counting less",
)
