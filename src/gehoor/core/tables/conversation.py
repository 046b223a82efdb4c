"""Tables of `ledger.sqlite` about conversations: which posts belong together. Written by `answer.conversations`.

All of it is derived from the ledger. What people decide of conversations stands in `core.tables.desk`.
"""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = ["conversation", "conversation_post", "metadata"]

conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("actor_key", sa.BigInteger()),
    sa.Column("name", sa.Text()),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("brand", sa.Text()),
    sa.Column("language", sa.Text()),
    sa.Column("intent", sa.Text()),
    sa.Column("need", sa.Text()),
    sa.Column("urgency", sa.Integer(), nullable=False),
    sa.Column("sentiment", sa.Text()),
    sa.Column("reach", sa.BigInteger(), nullable=False),
    sa.Column("is_direct", sa.Boolean(), nullable=False),
    sa.Column("is_backfill", sa.Boolean(), nullable=False),
    sa.Column("n_in", sa.Integer(), nullable=False),
    sa.Column("n_out", sa.Integer(), nullable=False),
    sa.Column("first_in_at", sa.BigInteger(), nullable=False),
    sa.Column("first_out_at", sa.BigInteger()),
    sa.Column("last_in_at", sa.BigInteger(), nullable=False),
    sa.Column("last_out_at", sa.BigInteger()),
    sa.Column("waiting_since", sa.BigInteger()),
    sa.Column("last_in_seq", sa.BigInteger(), nullable=False),
    sa.Column("last_seq", sa.BigInteger(), nullable=False),
    sa.Column("closed_seq", sa.BigInteger(), nullable=False),
    sa.Column("changed", sa.BigInteger(), nullable=False),
    comment="one person, one matter; known by the seq of the first post that was heard of it. Times: microseconds UTC; "
    "waiting_since: the first message that nobody answered yet (null: we spoke last); urgency 0 low to 3 critical; "
    "closed_seq: up to which seq people resolved it, so that it is open where last_in_seq > closed_seq; changed: the "
    "offset at which it was written last",
)
_IS_OPEN = sa.text("last_in_seq > closed_seq")
sa.Index("conversation_actor", conversation.c.actor_key, conversation.c.last_in_at)
sa.Index("conversation_open", conversation.c.last_in_at, sqlite_where=_IS_OPEN)
sa.Index("conversation_last", conversation.c.last_in_at)
sa.Index("conversation_changed", conversation.c.changed)
sa.Index("conversation_name", conversation.c.name)

conversation_post = sa.Table(
    "conversation_post",
    metadata,
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("conversation", sa.Integer(), nullable=False),
    sa.Column("object_key", sa.BigInteger(), nullable=False),
    sa.Column("parent_key", sa.BigInteger()),
    sa.Column("thread_key", sa.BigInteger()),
    sa.Column("actor_key", sa.BigInteger()),
    sa.Column("name", sa.Text()),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("brand", sa.Text()),
    sa.Column("language", sa.Text()),
    sa.Column("reach", sa.BigInteger(), nullable=False),
    sa.Column("is_direct", sa.Boolean(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("direction", sa.Text(), nullable=False),
    sa.Column("intent", sa.Text()),
    sa.Column("need", sa.Text()),
    sa.Column("urgency", sa.Integer(), nullable=False),
    sa.Column("sentiment", sa.Text()),
    sa.Column("is_backfill", sa.Boolean(), nullable=False),
    sa.Column("was", sa.Text(), nullable=False),
    comment="a post of a conversation, with all by which it found it; `was` is '' (stands), 'edited' (another row took "
    "its place) or 'deleted'. What we said to nobody in particular is here too: `conversation` then has no row",
)
sa.Index("conversation_post_conversation", conversation_post.c.conversation, conversation_post.c.at)
sa.Index("conversation_post_object", conversation_post.c.object_key)
sa.Index("conversation_post_actor", conversation_post.c.actor_key)
_HAS_PARENT, _HAS_THREAD = sa.text("parent_key IS NOT NULL"), sa.text("thread_key IS NOT NULL")
sa.Index("conversation_post_parent", conversation_post.c.parent_key, sqlite_where=_HAS_PARENT)
sa.Index("conversation_post_thread", conversation_post.c.thread_key, sqlite_where=_HAS_THREAD)
