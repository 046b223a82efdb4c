"""Tables of `ledger.sqlite` about people: who is one, what says so, what they did, who looked at them.

Written by `know` (what is derived) and by what a person decides; read by pages through `core.person_reader`.
"""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = [
    "PROPOSAL_GONE", "WORTH_GONE", "audit", "metadata", "person", "person_actor", "person_choice", "person_edge",
    "person_name", "person_proposal", "person_value",
]  # fmt: skip

person_actor = sa.Table(
    "person_actor",
    metadata,
    sa.Column("actor_key", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("person", sa.BigInteger(), nullable=False),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("actor", sa.Text(), nullable=False),
    sa.Column("name", sa.Text()),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("cells", sa.LargeBinary(), nullable=False),
    comment="an actor of whom a profile is kept: whose person it is, and what it did as whole numbers: `know.cells`",
)
sa.Index("person_actor_person", person_actor.c.person)

person = sa.Table(
    "person",
    metadata,
    sa.Column("person", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("n_actors", sa.Integer(), nullable=False),
    sa.Column("first_day", sa.Integer(), nullable=False),
    sa.Column("last_day", sa.Integer(), nullable=False),
    sa.Column("n_days", sa.Integer(), nullable=False),
    sa.Column("n_said", sa.BigInteger(), nullable=False),
    sa.Column("n_negative", sa.BigInteger(), nullable=False),
    sa.Column("n_positive", sa.BigInteger(), nullable=False),
    sa.Column("n_did", sa.BigInteger(), nullable=False),
    sa.Column("n_orders", sa.BigInteger(), nullable=False),
    sa.Column("n_order_days", sa.Integer(), nullable=False),
    sa.Column("first_order_day", sa.Integer(), nullable=False),
    sa.Column("last_order_day", sa.Integer(), nullable=False),
    sa.Column("n_returns", sa.BigInteger(), nullable=False),
    sa.Column("currency", sa.BigInteger(), nullable=False),
    sa.Column("spend", sa.BigInteger(), nullable=False),
    sa.Column("n_contacts", sa.BigInteger(), nullable=False),
    sa.Column("n_answers", sa.BigInteger(), nullable=False),
    sa.Column("heat_7", sa.Float(), nullable=False),
    sa.Column("heat_30", sa.Float(), nullable=False),
    sa.Column("heat_180", sa.Float(), nullable=False),
    sa.Column("may_profile", sa.Boolean(), nullable=False),
    comment="what lists and segments ask, -1 for no day; a person is named by the smallest actor_key of theirs",
)

person_name = sa.Table(
    "person_name",
    metadata,
    sa.Column("code", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("n", sa.BigInteger(), nullable=False),
    comment="the brand, promotion, channel ... that a cell counts; gone with the last activity that named it",
)

person_edge = sa.Table(
    "person_edge",
    metadata,
    sa.Column("actor_key", sa.BigInteger(), primary_key=True),
    sa.Column("other", sa.BigInteger(), primary_key=True),
    sa.Column("kind", sa.Text(), primary_key=True),
    sa.Column("n", sa.BigInteger(), nullable=False),
    sa.Column("seq", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
    comment="evidence: an actor gave this key (hashed with the secret of the workspace), in n activities; seq is one",
)
sa.Index("person_edge_other", person_edge.c.other)

person_choice = sa.Table(
    "person_choice",
    metadata,
    sa.Column("left", sa.BigInteger(), primary_key=True),
    sa.Column("right", sa.BigInteger(), primary_key=True),
    sa.Column("kind", sa.Text(), primary_key=True),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    sqlite_with_rowid=False,
    comment="what people decided: 'same' and 'apart' of two actors, 'objects' and 'known' of one (left = right)",
)
sa.Index("person_choice_right", person_choice.c.right)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    sa.Column("act", sa.Text(), nullable=False),
    sa.Column("person", sa.BigInteger(), nullable=False),
    sa.Column("purpose", sa.Text(), nullable=False),
    sa.Column("chain", sa.LargeBinary(), nullable=False),
    comment="every look at a person and all that was done with them: only grows, each line sealed to the one before",
)
sa.Index("audit_person", audit.c.person)

person_value = sa.Table(
    "person_value",
    metadata,
    sa.Column("person", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("recent_fifth", sa.Integer(), nullable=False),
    sa.Column("often_fifth", sa.Integer(), nullable=False),
    sa.Column("much_fifth", sa.Integer(), nullable=False),
    sa.Column("n_order_days", sa.Integer(), nullable=False),
    sa.Column("days_since_last", sa.Integer(), nullable=False),
    sa.Column("tenure_days", sa.Integer(), nullable=False),
    sa.Column("spend", sa.Float(), nullable=False),
    sa.Column("p_alive", sa.Float(), nullable=False),
    sa.Column("p_alive_low", sa.Float(), nullable=False),
    sa.Column("p_alive_high", sa.Float(), nullable=False),
    sa.Column("p_again", sa.Float(), nullable=False),
    sa.Column("p_again_by_recency", sa.Float()),
    sa.Column("expected_purchases", sa.Float(), nullable=False),
    sa.Column("purchases_low", sa.Float(), nullable=False),
    sa.Column("purchases_high", sa.Float(), nullable=False),
    sa.Column("clv", sa.Float(), nullable=False),
    sa.Column("clv_low", sa.Float(), nullable=False),
    sa.Column("clv_high", sa.Float(), nullable=False),
    sa.Column("n_asked", sa.BigInteger(), nullable=False),
    sa.Column("n_given", sa.BigInteger(), nullable=False),
    sa.Column("usual_given", sa.Float(), nullable=False),
    sa.Column("p_overlooked", sa.Float(), nullable=False),
    sa.Column("is_overlooked", sa.Boolean(), nullable=False),
    comment="what a customer is worth and what attention they got, as of `at`: `run.people_fit`; gone with `person`",
)
sa.Index("person_value_clv", person_value.c.clv)

WORTH_GONE = (
    "CREATE TRIGGER person_value_gone AFTER DELETE ON person "
    "BEGIN DELETE FROM person_value WHERE person = OLD.person; END"
)
"""Who is forgotten is so here too, in the same transaction."""
sa.event.listen(person, "after_create", sa.DDL(WORTH_GONE))  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it

person_proposal = sa.Table(
    "person_proposal",
    metadata,
    sa.Column("left", sa.BigInteger(), primary_key=True),
    sa.Column("right", sa.BigInteger(), primary_key=True),
    sa.Column("p", sa.Float(), nullable=False),
    sa.Column("agrees", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("later", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
    comment="two actors that may be one person, in what they agree, as of `at`; not asked before `later`",
)
sa.Index("person_proposal_right", person_proposal.c.right)

PROPOSAL_GONE = (
    "CREATE TRIGGER person_proposal_gone AFTER DELETE ON person_actor "
    'BEGIN DELETE FROM person_proposal WHERE "left" = OLD.actor_key OR "right" = OLD.actor_key; END'
)
"""Of whom no profile is kept, nothing is proposed either."""
sa.event.listen(person_actor, "after_create", sa.DDL(PROPOSAL_GONE))  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it

_TRIGGERS = tuple(
    f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    for act in ("UPDATE", "DELETE")
)
for _ddl in _TRIGGERS:
    sa.event.listen(audit, "after_create", sa.DDL(_ddl))  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it
