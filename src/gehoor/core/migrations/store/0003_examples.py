"""Examples that people gave, and the heads that were fitted on them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring a store from revision 0002 to 0003."""
    big, text, data = sa.BigInteger(), sa.Text(), sa.LargeBinary()
    op.create_table(
        "example",
        sa.Column("seq", big, primary_key=True, autoincrement=False),
        sa.Column("task", text, primary_key=True),
        sa.Column("value", text),
        sa.Column("before", text),
        sa.Column("before_p", sa.Float()),
        sa.Column("model", text, nullable=False),
        sa.Column("origin", text, nullable=False),
        sa.Column("said_by", text, nullable=False),
        sa.Column("at", big, nullable=False),
        sa.Column("actor_key", big),
        sa.Column("language", text),
        sa.Column("channel", text, nullable=False),
        sa.Column("text", text),
    )
    op.create_index("example_actor_key", "example", ["actor_key"])
    op.create_table(
        "refit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("task", text, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", big, nullable=False),
        sa.Column("outcome", text, nullable=False),
        sa.Column("data", data, nullable=False),
    )
