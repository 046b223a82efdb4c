"""Tables of `ledger.sqlite`: what is derived from the segments or decided by people, and how far each part has read."""

import sqlalchemy as sa

__all__ = [
    "REVISION",
    "alert",
    "example",
    "forgotten",
    "forgotten_reference",
    "mark",
    "metadata",
    "missed",
    "need",
    "offset",
    "outbox",
    "refit",
    "reread",
    "role",
    "rollup",
    "snapshot",
    "source",
    "void",
    "warned",
    "word",
    "word_name",
]

REVISION = "0020"

metadata = sa.MetaData()

offset = sa.Table(
    "offset",
    metadata,
    sa.Column("projection", sa.Text(), primary_key=True),
    sa.Column("offset", sa.BigInteger(), nullable=False),
    comment="how far each projection has read; commits together with its state",
)

rollup = sa.Table(
    "rollup",
    metadata,
    sa.Column("resolution", sa.Integer(), primary_key=True),
    sa.Column("at", sa.BigInteger(), primary_key=True),
    sa.Column("kind", sa.Text(), primary_key=True),
    sa.Column("brand", sa.Text(), primary_key=True),
    sa.Column("channel", sa.Text(), primary_key=True),
    sa.Column("sentiment", sa.Text(), primary_key=True),
    sa.Column("intent", sa.Text(), primary_key=True),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sa.Column("n_copies", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
    comment="counts per 10 s, minute and hour; brand '' is all posts together; '' elsewhere means not judged",
)

need = sa.Table(
    "need",
    metadata,
    sa.Column("resolution", sa.Integer(), primary_key=True),
    sa.Column("at", sa.BigInteger(), primary_key=True),
    sa.Column("brand", sa.Text(), primary_key=True),
    sa.Column("intent", sa.Text(), primary_key=True),
    sa.Column("need", sa.Text(), primary_key=True),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
    comment="what wishes were about, per minute and hour, of what people say; brand '' is all posts together",
)

word = sa.Table(
    "word",
    metadata,
    sa.Column("day", sa.Integer(), primary_key=True),
    sa.Column("bucket", sa.Integer(), primary_key=True),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
    comment="in how many posts of a day (of event time) a word stood; by hash, so that it can be taken back exactly",
)

word_name = sa.Table(
    "word_name",
    metadata,
    sa.Column("bucket", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text(), nullable=False),
    comment="the word that a bucket stands for; forgotten when a post with it is taken back, and learned again",
)

void = sa.Table(
    "void",
    metadata,
    sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("offset", sa.BigInteger(), nullable=False),
    comment="a row of the history no longer counts in parts that end before this offset",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("payload", sa.LargeBinary(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("not_before", sa.BigInteger(), nullable=False),
    sa.Column("n_tries", sa.Integer(), nullable=False),
    sa.Column("receipt", sa.Text()),
    comment="what leaves gehoor: waiting, sending, sent, unknown (crashed between sending and noting), failed",
)

source = sa.Table(
    "source",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("type", sa.Text(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("message", sa.Text()),
    sa.Column("per_minute", sa.Float(), nullable=False),
    comment="how each source is doing now, in words; its totals stand with its cursor",
)

mark = sa.Table(
    "mark",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("value", sa.BigInteger(), nullable=False),
    comment="settled, erased: up to which change the rows themselves have been brought up to date",
)

forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("actor_key", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    comment="actors erased by law, as digests: what they published before that moment is not taken in again",
)

forgotten_reference = sa.Table(
    "forgotten_reference",
    metadata,
    sa.Column("key", sa.BigInteger(), primary_key=True, autoincrement=False),
    comment="digests of what others refer to what they said by; a pseudonym stands for it: `core.reference`",
)

snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("projection", sa.Text(), primary_key=True),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    comment="what a projection holds in memory, as it stood at its offset; MessagePack, the projection's own",
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("brand", sa.Text(), nullable=False),
    sa.Column("measure", sa.Text(), nullable=False),
    sa.Column("level", sa.Integer(), nullable=False),
    sa.Column("began_at", sa.BigInteger(), nullable=False),
    sa.Column("detected_at", sa.BigInteger(), nullable=False),
    sa.Column("ended_at", sa.BigInteger()),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    sa.Column("verdict", sa.Text()),
    sa.Column("acknowledged_at", sa.BigInteger()),
    sa.Column("snoozed_at", sa.BigInteger()),
    sa.Column("snoozed_until", sa.BigInteger()),
    comment="what grew, once per burst; written by warn, read by pages; what people decide stands beside: `core.alert`",
)
sa.Index("alert_began_at", alert.c.began_at)

role = sa.Table(
    "role",
    metadata,
    sa.Column("actor_key", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    comment="who people said that somebody is, '' nobody in particular; goes when the actor is forgotten: `core.role`",
)

missed = sa.Table(
    "missed",
    metadata,
    sa.Column("at", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("brand", sa.Text(), primary_key=True),
    sa.Column("said_at", sa.BigInteger(), nullable=False),
    comment="when an alarm should have come and did not, as people say: `core.warned`",
)

warned = sa.Table(
    "warned",
    metadata,
    sa.Column("at", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    comment="how late alarms are on this workspace's own past, each time it was measured: `core.warned`",
)

example = sa.Table(
    "example",
    metadata,
    sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("task", sa.Text(), primary_key=True),
    sa.Column("value", sa.Text()),
    sa.Column("before", sa.Text()),
    sa.Column("before_p", sa.Float()),
    sa.Column("model", sa.Text(), nullable=False),
    sa.Column("origin", sa.Text(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("actor_key", sa.BigInteger()),
    sa.Column("language", sa.Text()),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("text", sa.Text()),
    comment="what people said of posts, to learn from and to measure by; goes with its post: `core.example`",
)
sa.Index("example_actor_key", example.c.actor_key)

refit = sa.Table(
    "refit",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("task", sa.Text(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    comment="every head that was fitted anew, promoted or not, and every way back, with figures: `core.refit`",
)

reread = sa.Table(
    "reread",
    metadata,
    sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("task", sa.Text(), primary_key=True),
    sa.Column("value", sa.Text(), nullable=False),
    sa.Column("p", sa.Float(), nullable=False),
    sa.Column("before", sa.Text()),
    sa.Column("before_p", sa.Float()),
    sa.Column("model", sa.Text(), nullable=False),
    sa.Column("is_used", sa.Boolean(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    comment="what a slow reader said of posts; teaches nothing, and goes with its post: `core.reread`",
)
