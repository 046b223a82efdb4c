"""Counts once a day, and when asked, how loyal each person is and how brands share their buyers."""

import asyncio
from collections import Counter
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa

from gehoor.core.audience.people import FEWEST
from gehoor.core.clock import DAY_US
from gehoor.core.loyalty import ELSEWHERE, NEW, SILENT, Market, write_market
from gehoor.core.reader import Reader
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.audience import person_loyalty
from gehoor.core.tables.person import person
from gehoor.know.base import Floats, Ints
from gehoor.know.loyal_state import Bought, Loyalty, loyalty_of
from gehoor.know.market import market_figures, moves
from gehoor.run.bought_elsewhere import BoughtElsewhere, bought_elsewhere
from gehoor.run.order_rows import order_rows, people_kept
from gehoor.run.orders_heard import OrdersHeard, orders_of
from gehoor.run.workplace import Workplace

__all__ = ["count_loyalty", "renew_loyalty"]

_MARK = "loyalty"
_MOST_BRANDS = 8
_SILENT_P = 0.05
_SOON_US = DAY_US // 24


class _Counted(NamedTuple):
    market: Market | None
    rows: list[dict[str, Any]]


async def renew_loyalty(place: Workplace) -> None:
    """Count where a day has passed since the last time."""
    last = await place.on_writer(lambda: mark_of(place.projector.engine, _MARK))
    if place.clock.now() - last >= DAY_US:
        await count_loyalty(place)


async def count_loyalty(place: Workplace) -> int:
    """Count now; return of how many people something is known."""
    await place.on_writer(lambda: place.projector.flush(everything=True))
    now = place.clock.now()
    counted = await asyncio.to_thread(_count, place, now)
    await place.on_writer(partial(_write, place.projector.engine, counted, now))
    return len(counted.rows)


def _write(engine: sa.Engine, counted: _Counted, now: int) -> None:
    with engine.begin() as tx:
        write_market(tx, counted.market)
        tx.execute(sa.delete(person_loyalty))
        if counted.rows:
            tx.execute(sa.insert(person_loyalty), counted.rows)
        # somebody may have been forgotten, or become another's, while it was counted
        tx.execute(sa.delete(person_loyalty).where(person_loyalty.c.person.not_in(sa.select(person.c.person))))
    # where nobody ordered yet somebody may do so soon
    set_mark(engine, _MARK, now if counted.rows else now - DAY_US + _SOON_US)


def _count(place: Workplace, now: int) -> _Counted:
    reader = Reader(place.root)
    try:
        rows = order_rows(place.root, reader, people_kept(reader))
        currency = {row.person: row.currency for row in reader.stored(sa.select(person.c.person, person.c.currency))}
    finally:
        reader.close()
    heard = orders_of(rows)
    if not len(heard.customer):
        return _Counted(None, [])
    names, brand = _largest(heard)
    codes = np.array([currency.get(one, 0) for one in heard.persons.tolist()], np.int64)
    elsewhere = bought_elsewhere(rows, names[0], heard.persons, codes)
    bought = Bought(heard.customer, brand, heard.day, heard.is_promotion)
    told = loyalty_of(bought, len(names), 0, now // DAY_US)
    market = _market(bought, names, told, now) if len(told.state) >= FEWEST else None
    return _Counted(market, _rows(heard.persons, names, told, elsewhere))


def _largest(heard: OrdersHeard) -> tuple[list[str], Ints]:
    """Return the brands most bought, most first, the rest as one; an order without a brand is ours.

    A brand that fewer than ten people buy is among the rest: its name may tell who they are.
    """
    n = np.bincount(heard.brand, minlength=len(heard.brands))
    pairs = np.unique(np.stack([heard.brand, heard.customer]), axis=1)
    buyers = np.bincount(pairs[0], minlength=len(heard.brands))
    places = sorted((place for place, name in enumerate(heard.brands) if name), key=lambda place: -n[place])
    names = [heard.brands[place] for place in places if buyers[place] >= FEWEST][:_MOST_BRANDS] or [""]
    number = np.full(len(heard.brands), len(names), np.int64)
    for place, name in enumerate(heard.brands):
        number[place] = names.index(name) if name in names else 0 if not name else len(names)
    brand = number[heard.brand]
    return (names if brand.max() < len(names) else [*names, ELSEWHERE]), brand


def _market(bought: Bought, names: list[str], told: Loyalty, now: int) -> Market:
    n = len(told.state)
    table = np.bincount(bought.customer * len(names) + bought.brand, minlength=n * len(names))
    first, last = int(bought.day.min()), int(bought.day.max())
    middle = (first + last + 1) // 2
    called = {-1: "", **dict(enumerate(names))}
    moved = moves(bought.customer, bought.brand, bought.day >= middle, len(names))
    return Market(
        at=now, first_day=first, middle_day=middle, last_day=last, n_people=n, n_orders=len(bought.day),
        ours=names[0], brands=names, **market_figures(table.reshape(n, len(names))),
        moves=[(called[a] if a >= 0 else NEW, called[b] if b >= 0 else SILENT, k) for (a, b), k in moved.most_common()],
        states=dict(Counter(told.state)), n_silent=int((told.p_silence < _SILENT_P).sum()),
        n_regular=int(np.isfinite(told.p_silence).sum()),
    )  # fmt: skip


def _rows(persons: Ints, names: list[str], told: Loyalty, elsewhere: BoughtElsewhere) -> list[dict[str, Any]]:
    gap, silence = (_known(column) for column in (told.gap_days, told.p_silence))
    columns = (
        persons.tolist(), told.state, [names[place] for place in told.brand.tolist()], told.n_brands.tolist(),
        told.p_ours.tolist(), told.p_promotion.tolist(), gap, silence, *(column.tolist() for column in elsewhere),
    )  # fmt: skip
    fields = [column.name for column in person_loyalty.c]
    return [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)]


def _known(column: Floats) -> list[float | None]:
    """Return numbers, and None where there is none."""
    return [value if known else None for value, known in zip(column.tolist(), np.isfinite(column), strict=True)]
