"""Tables of `ledger.sqlite` about the mirror: what was measured a day, editions, and what people tell the mirror.

Measures and editions are derived and may be made anew; moments, renewals and what was said of advice are the truth of
people. Written by `run.mirror`, read through `core.mirror_reader`.
"""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = ["advice", "edition", "metadata", "mirror_day", "moment", "renewal"]

mirror_day = sa.Table(
    "mirror_day",
    metadata,
    sa.Column("brand", sa.Text(), primary_key=True),
    sa.Column("day", sa.Integer(), primary_key=True),
    sa.Column("sums", sa.LargeBinary(), nullable=False),
    sqlite_with_rowid=False,
    comment="what a day was to the indices: sums over all people, no person; from this every year is drawn",
)

edition = sa.Table(
    "edition",
    metadata,
    sa.Column("brand", sa.Text(), primary_key=True),
    sa.Column("period", sa.Text(), primary_key=True),
    sa.Column("day", sa.Integer(), primary_key=True),
    sa.Column("made_at", sa.BigInteger(), nullable=False),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    comment="what the mirror said of a period that ended on a day: `core.edition` as JSON, without words of anybody",
)

moment = sa.Table(
    "moment",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("brand", sa.Text(), nullable=False),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("until", sa.BigInteger(), nullable=False),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    comment="something that may move a curve, as people tell; `source` is what a calendar calls it, '' where typed in",
)
sa.Index("moment_since", moment.c.since)

advice = sa.Table(
    "advice",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("brand", sa.Text(), nullable=False),
    sa.Column("day", sa.Integer(), nullable=False),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("state_day", sa.Integer(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    comment="what the mirror advised on a day, and what people did with it: given, task, done, declined",
)
sa.Index("advice_day", advice.c.day)

renewal = sa.Table(
    "renewal",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("day", sa.Integer(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("note", sa.Text(), nullable=False),
    sa.Column("brand", sa.Text(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("said_by", sa.Text(), nullable=False),
    comment="the innovation log: what we renewed in offer, brand, market or relation, and when",
)
sa.Index("renewal_day", renewal.c.day)
