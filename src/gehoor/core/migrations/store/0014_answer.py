"""Conversations, and what the team decides and writes at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_BIG, _TEXT, _DATA, _WHOLE, _TRUTH = sa.BigInteger(), sa.Text(), sa.LargeBinary(), sa.Integer(), sa.Boolean()


def upgrade() -> None:
    """Bring a store from revision 0013 to 0014."""
    _conversations()
    _posts()
    _decisions()
    _words()
    _notes()
    _ways()
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER desk_event_no_{act.lower()} BEFORE {act} ON desk_event "
            "BEGIN SELECT RAISE(ABORT, 'what was done at the desk only grows'); END"
        )


def _conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("actor_key", _BIG),
        sa.Column("name", _TEXT),
        sa.Column("channel", _TEXT, nullable=False),
        sa.Column("brand", _TEXT),
        sa.Column("language", _TEXT),
        sa.Column("intent", _TEXT),
        sa.Column("need", _TEXT),
        sa.Column("urgency", _WHOLE, nullable=False),
        sa.Column("sentiment", _TEXT),
        sa.Column("reach", _BIG, nullable=False),
        sa.Column("is_direct", _TRUTH, nullable=False),
        sa.Column("is_backfill", _TRUTH, nullable=False),
        sa.Column("n_in", _WHOLE, nullable=False),
        sa.Column("n_out", _WHOLE, nullable=False),
        sa.Column("first_in_at", _BIG, nullable=False),
        sa.Column("first_out_at", _BIG),
        sa.Column("last_in_at", _BIG, nullable=False),
        sa.Column("last_out_at", _BIG),
        sa.Column("waiting_since", _BIG),
        sa.Column("last_in_seq", _BIG, nullable=False),
        sa.Column("last_seq", _BIG, nullable=False),
        sa.Column("closed_seq", _BIG, nullable=False),
        sa.Column("changed", _BIG, nullable=False),
    )
    op.create_index("conversation_actor", "conversation", ["actor_key", "last_in_at"])
    op.create_index("conversation_last", "conversation", ["last_in_at"])
    op.create_index("conversation_changed", "conversation", ["changed"])
    op.create_index("conversation_name", "conversation", ["name"])
    is_open = sa.text("last_in_seq > closed_seq")
    op.create_index("conversation_open", "conversation", ["last_in_at"], sqlite_where=is_open)


def _posts() -> None:
    op.create_table(
        "conversation_post",
        sa.Column("seq", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("conversation", _WHOLE, nullable=False),
        sa.Column("object_key", _BIG, nullable=False),
        sa.Column("parent_key", _BIG),
        sa.Column("thread_key", _BIG),
        sa.Column("actor_key", _BIG),
        sa.Column("name", _TEXT),
        sa.Column("channel", _TEXT, nullable=False),
        sa.Column("brand", _TEXT),
        sa.Column("language", _TEXT),
        sa.Column("reach", _BIG, nullable=False),
        sa.Column("is_direct", _TRUTH, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("direction", _TEXT, nullable=False),
        sa.Column("intent", _TEXT),
        sa.Column("need", _TEXT),
        sa.Column("urgency", _WHOLE, nullable=False),
        sa.Column("sentiment", _TEXT),
        sa.Column("is_backfill", _TRUTH, nullable=False),
        sa.Column("was", _TEXT, nullable=False),
    )
    op.create_index("conversation_post_conversation", "conversation_post", ["conversation", "at"])
    op.create_index("conversation_post_object", "conversation_post", ["object_key"])
    op.create_index("conversation_post_actor", "conversation_post", ["actor_key"])
    for name in ("parent", "thread"):
        is_there = sa.text(f"{name}_key IS NOT NULL")
        op.create_index(f"conversation_post_{name}", "conversation_post", [f"{name}_key"], sqlite_where=is_there)


def _decisions() -> None:
    op.create_table(
        "desk_conversation",
        sa.Column("conversation", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("version", _WHOLE, nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("status_at", _BIG, nullable=False),
        sa.Column("status_seq", _BIG, nullable=False),
        sa.Column("snoozed_until", _BIG),
        sa.Column("assignee", _TEXT),
        sa.Column("team", _TEXT),
        sa.Column("labels", _TEXT, nullable=False),
        sa.Column("need", _TEXT),
        sa.Column("priority", _WHOLE, nullable=False),
    )
    op.create_index("desk_conversation_assignee", "desk_conversation", ["assignee", "status"])
    op.create_table(
        "desk_event",
        sa.Column("id", _WHOLE, primary_key=True),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("said_by", _TEXT, nullable=False),
        sa.Column("conversation", _WHOLE, nullable=False),
        sa.Column("act", _TEXT, nullable=False),
        sa.Column("detail", _TEXT, nullable=False),
    )
    op.create_index("desk_event_at", "desk_event", ["at"])
    op.create_index("desk_event_conversation", "desk_event", ["conversation", "id"])


def _words() -> None:
    op.create_table(
        "desk_reply",
        sa.Column("key", _TEXT, primary_key=True),
        sa.Column("conversation", _WHOLE, nullable=False),
        sa.Column("to_seq", _BIG, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("said_by", _TEXT, nullable=False),
        sa.Column("approved_by", _TEXT),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("not_before", _BIG, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("language", _TEXT),
        sa.Column("channel", _TEXT, nullable=False),
        sa.Column("drafted_from", _TEXT, nullable=False),
        sa.Column("receipt", _TEXT),
        sa.Column("heard_as", _TEXT),
        sa.Column("heard_at", _BIG),
    )
    op.create_index("desk_reply_conversation", "desk_reply", ["conversation", "at"])
    op.create_index("desk_reply_state", "desk_reply", ["state", "heard_at"])
    op.create_table(
        "desk_snippet",
        sa.Column("id", _WHOLE, primary_key=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("language", _TEXT, nullable=False),
        sa.Column("need", _TEXT),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("acts", _TEXT, nullable=False),
        sa.Column("at", _BIG, nullable=False),
    )
    op.create_index("desk_snippet_name", "desk_snippet", ["name", "language"], unique=True)


def _ways() -> None:
    op.create_table(
        "desk_view",
        sa.Column("id", _WHOLE, primary_key=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("query", _TEXT, nullable=False),
        sa.Column("owner", _TEXT),
        sa.Column("at", _BIG, nullable=False),
    )
    op.create_table(
        "desk_survey",
        sa.Column("id", _WHOLE, primary_key=True),
        sa.Column("conversation", _WHOLE, nullable=False),
        sa.Column("token", _DATA, nullable=False),
        sa.Column("asked_at", _BIG, nullable=False),
        sa.Column("answered_at", _BIG),
        sa.Column("score", _WHOLE),
        sa.Column("words", _TEXT),
    )
    op.create_index("desk_survey_conversation", "desk_survey", ["conversation"])
    op.create_index("desk_survey_token", "desk_survey", ["token"], unique=True)


def _notes() -> None:
    op.create_table(
        "desk_tie",
        sa.Column("conversation", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("into", _WHOLE, nullable=False),
        sa.Column("at", _BIG, nullable=False),
    )
    op.create_index("desk_tie_into", "desk_tie", ["into"])
    op.create_table(
        "desk_note",
        sa.Column("id", _WHOLE, primary_key=True),
        sa.Column("conversation", _WHOLE, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("said_by", _TEXT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("mentions", _TEXT, nullable=False),
    )
    op.create_index("desk_note_conversation", "desk_note", ["conversation"])
