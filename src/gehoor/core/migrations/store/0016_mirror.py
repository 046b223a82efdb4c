"""What the mirror measured and said, and what people tell it: moments, renewals, what became of advice."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_BIG, _TEXT, _DATA, _WHOLE = sa.BigInteger(), sa.Text(), sa.LargeBinary(), sa.Integer()


def upgrade() -> None:
    """Bring a store from revision 0015 to 0016."""
    _measured()
    _told()


def _measured() -> None:
    op.create_table(
        "mirror_day",
        sa.Column("brand", _TEXT, primary_key=True),
        sa.Column("day", _WHOLE, primary_key=True),
        sa.Column("sums", _DATA, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "edition",
        sa.Column("brand", _TEXT, primary_key=True),
        sa.Column("period", _TEXT, primary_key=True),
        sa.Column("day", _WHOLE, primary_key=True),
        sa.Column("made_at", _BIG, nullable=False),
        sa.Column("data", _DATA, nullable=False),
    )


def _told() -> None:
    op.create_table(
        "moment",
        sa.Column("id", _WHOLE, primary_key=True),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("name", "kind", "brand")),
        *(sa.Column(name, _BIG, nullable=False) for name in ("since", "until")),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("said_by", _TEXT, nullable=False),
    )
    op.create_index("moment_since", "moment", ["since"])
    op.create_table(
        "advice",
        sa.Column("id", _TEXT, primary_key=True),
        sa.Column("brand", _TEXT, nullable=False),
        sa.Column("day", _WHOLE, nullable=False),
        sa.Column("data", _DATA, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("state_day", _WHOLE, nullable=False),
        sa.Column("said_by", _TEXT, nullable=False),
    )
    op.create_index("advice_day", "advice", ["day"])
    op.create_table(
        "renewal",
        sa.Column("id", _WHOLE, primary_key=True),
        sa.Column("day", _WHOLE, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("kind", "name", "note", "brand")),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("said_by", _TEXT, nullable=False),
    )
    op.create_index("renewal_day", "renewal", ["day"])
