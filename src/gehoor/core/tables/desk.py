"""Tables of `ledger.sqlite` about the desk: what people of the team decided and wrote. Truth: never rebuilt.

Written by the owner (`run.desk`), each act in one transaction with its line in `desk_event`.
"""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = [
    "desk_conversation", "desk_event", "desk_note", "desk_reply", "desk_snippet", "desk_survey", "desk_tie",
    "desk_view", "metadata",
]  # fmt: skip

desk_conversation = sa.Table(
    "desk_conversation",
    metadata,
    sa.Column("conversation", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("status_at", sa.BigInteger(), nullable=False),
    sa.Column("status_seq", sa.BigInteger(), nullable=False),
    sa.Column("snoozed_until", sa.BigInteger()),
    sa.Column("assignee", sa.Text()),
    sa.Column("team", sa.Text()),
    sa.Column("labels", sa.Text(), nullable=False),
    sa.Column("need", sa.Text()),
    sa.Column("priority", sa.Integer(), nullable=False),
    comment="what people decided of a conversation; no row: open, nobody's. A status holds until a message after "
    "`status_seq`; `version` grows with every act; `labels` is '|a|b|'; `priority` -1, 0, 1: what a person said of it",
)
sa.Index("desk_conversation_assignee", desk_conversation.c.assignee, desk_conversation.c.status)

desk_event = sa.Table(
    "desk_event",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    sa.Column("conversation", sa.Integer(), nullable=False),
    sa.Column("act", sa.Text(), nullable=False),
    sa.Column("detail", sa.Text(), nullable=False),
    comment="all that was done at the desk: only grows. `detail` is JSON without words of customers",
)
sa.Index("desk_event_conversation", desk_event.c.conversation, desk_event.c.id)
sa.Index("desk_event_at", desk_event.c.at)

desk_tie = sa.Table(
    "desk_tie",
    metadata,
    sa.Column("conversation", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("into", sa.Integer(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    comment="conversations that people put together: a look-up of `conversation` opens `into`; undone by deleting it",
)
sa.Index("desk_tie_into", desk_tie.c.into)

desk_note = sa.Table(
    "desk_note",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("conversation", sa.Integer(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("mentions", sa.Text(), nullable=False),
    comment="internal notes; '|member|member|' are called by name. Goes when its conversation is forgotten",
)
sa.Index("desk_note_conversation", desk_note.c.conversation)

desk_reply = sa.Table(
    "desk_reply",
    metadata,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("conversation", sa.Integer(), nullable=False),
    sa.Column("to_seq", sa.BigInteger(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    sa.Column("approved_by", sa.Text()),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("not_before", sa.BigInteger(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("language", sa.Text()),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("drafted_from", sa.Text(), nullable=False),
    sa.Column("receipt", sa.Text()),
    sa.Column("heard_as", sa.Text()),
    sa.Column("heard_at", sa.BigInteger()),
    comment="answers: draft, asked (waits for a second pair of eyes), queued, taken_back, sent, unknown, failed; "
    "`key` is that of the outbox, `heard_as` the id that the channel gave, known to the ledger since `heard_at`",
)
sa.Index("desk_reply_conversation", desk_reply.c.conversation, desk_reply.c.at)
sa.Index("desk_reply_state", desk_reply.c.state, desk_reply.c.heard_at)

desk_view = sa.Table(
    "desk_view",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("query", sa.Text(), nullable=False),
    sa.Column("owner", sa.Text()),
    sa.Column("at", sa.BigInteger(), nullable=False),
    comment="saved views of the inbox, in its closed grammar; null owner: everybody's",
)

desk_snippet = sa.Table(
    "desk_snippet",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("language", sa.Text(), nullable=False),
    sa.Column("need", sa.Text()),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("acts", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    comment="canned replies and macros: one row a language; `acts` is JSON of what it does besides (label, resolve)",
)
sa.Index("desk_snippet_name", desk_snippet.c.name, desk_snippet.c.language, unique=True)

desk_survey = sa.Table(
    "desk_survey",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("conversation", sa.Integer(), nullable=False),
    sa.Column("token", sa.LargeBinary(), nullable=False),
    sa.Column("asked_at", sa.BigInteger(), nullable=False),
    sa.Column("answered_at", sa.BigInteger()),
    sa.Column("score", sa.Integer()),
    sa.Column("words", sa.Text()),
    comment="what people say of the help they got: score 1 to 5; `token` is a digest of what the link carries",
)
sa.Index("desk_survey_conversation", desk_survey.c.conversation)
sa.Index("desk_survey_token", desk_survey.c.token, unique=True)

_TRIGGERS = tuple(
    f"CREATE TRIGGER desk_event_no_{act.lower()} BEFORE {act} ON desk_event "
    "BEGIN SELECT RAISE(ABORT, 'what was done at the desk only grows'); END"
    for act in ("UPDATE", "DELETE")
)
for _ddl in _TRIGGERS:
    sa.event.listen(desk_event, "after_create", sa.DDL(_ddl))  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it
