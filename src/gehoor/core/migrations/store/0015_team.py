"""People of the team: who they are, who is logged in, tokens of programs, attempts in vain."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_TEXT, _WHOLE, _LONG, _BYTES = sa.Text(), sa.Integer(), sa.BigInteger(), sa.LargeBinary()


def upgrade() -> None:
    """Bring a store from revision 0014 to 0015."""
    _member()
    op.create_table(
        "session",
        sa.Column("digest", _BYTES, primary_key=True),
        sa.Column("member", _TEXT, nullable=False),
        sa.Column("since", _LONG, nullable=False),
        sa.Column("seen", _LONG, nullable=False),
        sa.Column("epoch", _WHOLE, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("session_member", "session", ["member"])
    op.create_table(
        "api_token",
        sa.Column("digest", _BYTES, primary_key=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("member", _TEXT, nullable=False),
        sa.Column("rights", _TEXT, nullable=False),
        sa.Column("since", _LONG, nullable=False),
        sa.Column("used", _LONG, nullable=False),
        sa.Column("until", _LONG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("api_token_member", "api_token", ["member"])
    op.create_table(
        "throttle",
        sa.Column("key", _BYTES, primary_key=True),
        sa.Column("n", sa.Float(), nullable=False),
        sa.Column("at", _LONG, nullable=False),
        sqlite_with_rowid=False,
    )


def _member() -> None:
    op.create_table(
        "member",
        sa.Column("id", _TEXT, primary_key=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("mail", _TEXT, nullable=False, unique=True),
        sa.Column("roles", _TEXT, nullable=False),
        sa.Column("team", _TEXT),
        sa.Column("languages", _TEXT, nullable=False),
        sa.Column("skills", _TEXT, nullable=False),
        sa.Column("capacity", _WHOLE, nullable=False),
        sa.Column("since", _LONG, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password", _TEXT),
        sa.Column("totp", _BYTES),
        sa.Column("totp_step", _LONG, nullable=False),
        sa.Column("recovery", _TEXT, nullable=False),
        sa.Column("link", _BYTES),
        sa.Column("link_until", _LONG, nullable=False),
        sa.Column("session_epoch", _WHOLE, nullable=False),
    )
