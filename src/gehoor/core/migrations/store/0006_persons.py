"""People: who is one, what says so, what they did; what was decided of them; who looked."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bring a store from revision 0005 to 0006."""
    big, text, data, whole = sa.BigInteger(), sa.Text(), sa.LargeBinary(), sa.Integer()
    op.create_table(
        "person_actor",
        sa.Column("actor_key", whole, primary_key=True, autoincrement=False),
        sa.Column("person", big, nullable=False),
        sa.Column("channel", text, nullable=False),
        sa.Column("actor", text, nullable=False),
        sa.Column("name", text),
        sa.Column("since", big, nullable=False),
        sa.Column("cells", data, nullable=False),
    )
    op.create_index("person_actor_person", "person_actor", ["person"])
    _person()
    op.create_table(
        "person_name",
        sa.Column("code", whole, primary_key=True, autoincrement=False),
        sa.Column("name", text, nullable=False),
        sa.Column("n", big, nullable=False),
    )
    op.create_table(
        "person_edge",
        sa.Column("actor_key", big, primary_key=True),
        sa.Column("other", big, primary_key=True),
        sa.Column("kind", text, primary_key=True),
        sa.Column("n", big, nullable=False),
        sa.Column("seq", big, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("person_edge_other", "person_edge", ["other"])
    op.create_table(
        "person_choice",
        sa.Column("left", big, primary_key=True),
        sa.Column("right", big, primary_key=True),
        sa.Column("kind", text, primary_key=True),
        sa.Column("at", big, nullable=False),
        sa.Column("said_by", text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("person_choice_right", "person_choice", ["right"])
    _audit()


def _person() -> None:
    big, whole = sa.BigInteger(), sa.Integer()
    counts: dict[str, sa.types.TypeEngine[Any]] = {
        "n_actors": whole, "first_day": whole, "last_day": whole, "n_days": whole, "n_said": big, "n_negative": big,
        "n_positive": big, "n_did": big, "n_orders": big, "n_order_days": whole, "first_order_day": whole,
        "last_order_day": whole, "n_returns": big, "currency": big, "spend": big, "n_contacts": big, "n_answers": big,
        "heat_7": sa.Float(), "heat_30": sa.Float(), "heat_180": sa.Float(), "may_profile": sa.Boolean(),
    }  # fmt: skip
    op.create_table(
        "person",
        sa.Column("person", whole, primary_key=True, autoincrement=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in counts.items()),
    )


def _audit() -> None:
    big, text, data = sa.BigInteger(), sa.Text(), sa.LargeBinary()
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", big, nullable=False),
        sa.Column("said_by", text, nullable=False),
        sa.Column("act", text, nullable=False),
        sa.Column("person", big, nullable=False),
        sa.Column("purpose", text, nullable=False),
        sa.Column("chain", data, nullable=False),
    )
    op.create_index("audit_person", "audit", ["person"])
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        )
