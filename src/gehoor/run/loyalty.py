"""Counts once a day, and when asked, how loyal each person is and how brands share their buyers."""

from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.loyalty import Market, write_market
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.audience import person_loyalty
from gehoor.core.tables.person import person
from gehoor.run.child import child_at
from gehoor.run.loyalty_child import MARKET, count_in_child
from gehoor.run.workplace import Workplace

__all__ = ["count_loyalty", "renew_loyalty"]

_MARK = "loyalty"
_SOON_US = DAY_US // 24
_BEFORE_ALL = -(1 << 63)  # persons are named by digests of 64 bits
_FILL = (
    f"INSERT INTO person_loyalty ({', '.join(column.name for column in person_loyalty.c)}) "
    f"VALUES ({', '.join('?' * len(person_loyalty.c))})"
)


async def renew_loyalty(place: Workplace) -> None:
    """Count where a day has passed since the last time."""
    last = await place.on_writer(lambda: mark_of(place.projector.engine, _MARK))
    if place.clock.now() - last >= DAY_US:
        await count_loyalty(place)


async def count_loyalty(place: Workplace) -> int:
    """Count now; return of how many people something is known. Where it fails, it is tried again in an hour."""
    engine, now = place.projector.engine, place.clock.now()
    await place.on_writer(lambda: place.projector.flush(everything=True))
    n, last, is_whole = 0, _BEFORE_ALL, False
    async with child_at(count_in_child, str(place.root), now, name="gehoor-loyalty") as child:
        while (data := await child.receive()) is not None:
            if data[:1] == MARKET:
                market = msgspec.msgpack.decode(data[1:], type=Market | None)
                await place.on_writer(partial(_finish, engine, last, market))
                is_whole = True
                break
            until, rows = msgspec.msgpack.decode(data[1:], type=tuple[int, list[tuple[Any, ...]]])
            await place.on_writer(partial(_replace, engine, (last, until), rows))
            last, n = until, n + len(rows)
    # where nobody ordered yet somebody may do so soon
    await place.on_writer(lambda: set_mark(engine, _MARK, now if n and is_whole else now - DAY_US + _SOON_US))
    return n


def _replace(engine: sa.Engine, between: tuple[int, int], rows: list[tuple[Any, ...]]) -> None:
    """Write rows in the place of all in between; somebody may have been forgotten, or become another's, meanwhile."""
    key = person_loyalty.c.person
    with engine.begin() as tx:
        tx.execute(sa.delete(person_loyalty).where(key > between[0], key <= between[1]))
        tx.exec_driver_sql(_FILL, rows)
        gone = sa.and_(key > between[0], key <= between[1], key.not_in(sa.select(person.c.person)))
        tx.execute(sa.delete(person_loyalty).where(gone))


def _finish(engine: sa.Engine, last: int, market: Market | None) -> None:
    with engine.begin() as tx:
        tx.execute(sa.delete(person_loyalty).where(person_loyalty.c.person > last))
        write_market(tx, market)
