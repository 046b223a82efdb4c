"""Keeps what was made: editions, measured days, advice; on the writer's thread."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from gehoor.core.edition import DAYS, Edition, Period
from gehoor.core.mirror_quotes import without_words
from gehoor.core.mirror_reader import day_number
from gehoor.core.store import put
from gehoor.core.tables import mirror as tables
from gehoor.run.mirror.make import Made
from gehoor.run.mirror.marts import settle_marts

__all__ = ["keep"]

_SUNDAY = 3
"""The day 0 of 1970 was a Thursday."""
_EVER = 1 << 30


def keep(engine: sa.Engine, root: Path, made: Sequence[Made]) -> None:
    """Write what was made; measures and editions of before that do not hold any more make room."""
    since = min((one.since for one in made if one.since is not None), default=_EVER)
    with engine.begin() as tx:
        tx.execute(sa.delete(tables.mirror_day).where(tables.mirror_day.c.day >= since))
        for one in made:
            for day in one.days:
                put(tx, tables.mirror_day, brand=one.brand, day=day.day, sums=msgspec.msgpack.encode(day))
            for edition in one.editions:
                _keep(tx, one.last, without_words(edition))
    settle_marts(root / "mirror")


def _keep(tx: sa.Connection, last: int, edition: Edition) -> None:
    table, brand, period = tables.edition, edition.brand, edition.period
    # of weeks, months and years that end on any day only the newest stays, and those that share no day
    passing = sa.and_(table.c.day < last, table.c.day % DAYS[period] != _SUNDAY % DAYS[period])
    tx.execute(sa.delete(table).where(table.c.brand == brand, table.c.period == period, passing))
    put(
        tx, table, brand=brand, period=period, day=last, made_at=edition.made_at, data=msgspec.json.encode(edition)
    )  # fmt: skip
    if period == _ADVISES:
        for advice in edition.advice:
            row = {
                "id": advice.id, "brand": brand, "day": day_number(edition.last_day),
                "data": msgspec.json.encode(advice), "state": "given", "state_day": last, "said_by": "",
            }  # fmt: skip
            tx.execute(sqlite.insert(tables.advice).values(row).on_conflict_do_nothing())


_ADVISES: Period = "day"
"""Advice is given by the day; longer periods tell the same more slowly."""
