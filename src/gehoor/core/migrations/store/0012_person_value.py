"""What each customer is worth, and what attention they got."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_GONE = (
    "CREATE TRIGGER person_value_gone AFTER DELETE ON person "
    "BEGIN DELETE FROM person_value WHERE person = OLD.person; END"
)


def upgrade() -> None:
    """Bring a store from revision 0011 to 0012."""
    big, text, whole, number = sa.BigInteger(), sa.Text(), sa.Integer(), sa.Float()
    columns: dict[str, sa.types.TypeEngine[Any]] = {
        "at": big, "kind": text, "recent_fifth": whole, "often_fifth": whole, "much_fifth": whole,
        "n_order_days": whole, "days_since_last": whole, "tenure_days": whole, "spend": number, "p_alive": number,
        "p_alive_low": number, "p_alive_high": number, "p_again": number, "p_again_by_recency": number,
        "expected_purchases": number, "purchases_low": number, "purchases_high": number, "clv": number,
        "clv_low": number, "clv_high": number, "n_asked": big, "n_given": big, "usual_given": number,
        "p_overlooked": number, "is_overlooked": sa.Boolean(),
    }  # fmt: skip
    op.create_table(
        "person_value",
        sa.Column("person", whole, primary_key=True, autoincrement=False),
        *(sa.Column(name, kind, nullable=name == "p_again_by_recency") for name, kind in columns.items()),
    )
    op.create_index("person_value_clv", "person_value", ["clv"])
    op.execute(_GONE)
