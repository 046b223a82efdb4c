"""The process in which loyalty is counted: at a low priority, since nothing waits for it."""

from collections import Counter
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import numpy as np
import sqlalchemy as sa

from gehoor.core.audience.people import FEWEST
from gehoor.core.clock import DAY_US
from gehoor.core.errors import GehoorError
from gehoor.core.loyalty import ELSEWHERE, NEW, SILENT, Market
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person
from gehoor.know.base import Floats, Ints
from gehoor.know.loyal_state import Bought, Loyalty, loyalty_of
from gehoor.know.market import market_figures, moves
from gehoor.run.bought_elsewhere import BoughtElsewhere, bought_elsewhere
from gehoor.run.order_rows import order_rows, people_kept
from gehoor.run.orders_heard import OrdersHeard, orders_of

__all__ = ["MARKET", "ROWS", "count_in_child"]

ROWS, MARKET = b"r", b"m"
"""The first byte of each message: the last person in it, and rows of `person_loyalty`; what orders tell of brands."""

_PART = 20_000
_MOST_BRANDS = 8
_SILENT_P = 0.05

_Row = tuple[object, ...]


def count_in_child(root: str, now: int, answer: Connection) -> None:
    """Count, and send rows and at the end the market; a pipe that ends without one: it failed."""
    with suppress(GehoorError, OSError, ValueError, ArithmeticError, np.linalg.LinAlgError):
        market, rows = _count(Path(root), now)
        for start in range(0, len(rows), _PART):
            part = rows[start : start + _PART]
            answer.send_bytes(ROWS + msgspec.msgpack.encode((part[-1][0], part)))
        answer.send_bytes(MARKET + msgspec.msgpack.encode(market))


def _count(root: Path, now: int) -> tuple[Market | None, list[_Row]]:
    reader = Reader(root)
    try:
        rows = order_rows(root, reader, people_kept(reader))
        currency = {row.person: row.currency for row in reader.stored(sa.select(person.c.person, person.c.currency))}
    finally:
        reader.close()
    heard = orders_of(rows)
    if not len(heard.customer):
        return None, []
    names, brand = _largest(heard)
    codes = np.array([currency.get(one, 0) for one in heard.persons.tolist()], np.int64)
    elsewhere = bought_elsewhere(rows, names[0], heard.persons, codes)
    bought = Bought(heard.customer, brand, heard.day, heard.is_promotion)
    told = loyalty_of(bought, len(names), 0, now // DAY_US)
    market = _market(bought, names, told, now) if len(told.state) >= FEWEST else None
    return market, _rows(heard.persons, names, told, elsewhere)


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


def _rows(persons: Ints, names: list[str], told: Loyalty, elsewhere: BoughtElsewhere) -> list[_Row]:
    """Return rows of `person_loyalty`, by person."""
    gap, silence = (_known(column) for column in (told.gap_days, told.p_silence))
    columns = (
        persons.tolist(), told.state, [names[place] for place in told.brand.tolist()], told.n_brands.tolist(),
        told.p_ours.tolist(), told.p_promotion.tolist(), gap, silence, *(column.tolist() for column in elsewhere),
    )  # fmt: skip
    return list(zip(*columns, strict=True))


def _known(column: Floats) -> list[float | None]:
    """Return numbers, and None where there is none."""
    return [value if known else None for value, known in zip(column.tolist(), np.isfinite(column), strict=True)]
