"""What posts are about: topics, and the posts of each."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring a store from revision 0007 to 0008."""
    whole, big = sa.Integer(), sa.BigInteger()
    op.create_table(
        "topic",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("telling", big),
        sa.Column("began_at", big, nullable=False),
        sa.Column("last_at", big, nullable=False),
        sa.Column("n", whole, nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("merged_into", whole),
    )
    op.create_index("topic_last_at", "topic", ["last_at"])
    op.create_index("topic_merged_into", "topic", ["merged_into"])
    op.create_table(
        "topic_post",
        sa.Column("seq", whole, primary_key=True, autoincrement=False),
        sa.Column("topic", whole, nullable=False),
    )
    op.create_index("topic_post_topic", "topic_post", ["topic", "seq"])
