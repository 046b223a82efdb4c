"""What is known of how loyal people are, as of the last time it was counted: for pages and scripts."""

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.store import put
from gehoor.core.tables.ledger import snapshot

__all__ = ["ELSEWHERE", "NEW", "SILENT", "Market", "market_of", "write_market"]

_NAME = "loyalty"

NEW, SILENT = "[new]", "[silent]"
"""In `Market.moves`: who bought nothing in the first half, or in the second."""

ELSEWHERE = "[other]"
"""All brands beyond the largest together."""


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """What orders tell of brands and of the people who buy them.

    Attributes
    ----------
    at : int
        When it was counted, microseconds UTC.
    first_day, middle_day, last_day : int
        Of the orders, days since 1970.
    n_people, n_orders : int
        Persons whose profile may be used and who ordered; their orders.
    ours : str
        The brand that is taken to be ours: the one in most orders.
    brands : list of str
        Most bought first; all lists below are in that order.
    penetration, buying_rate, expected_rate, sole_buyers, expected_sole, z : list of float
        As `know.duplication.double_jeopardy` says; `expected_rate` is what size alone explains.
    band : list of tuple
        How many buy (share of people), and between which buying rates size alone explains it.
    shared, shared_z : list of list of float
        Which part of the buyers of a row's brand also buys the column's, and how far that is from what size explains.
    moves : list of tuple
        Brand bought most in the first half, that of the second half (or `NEW`, `SILENT`), and how many people.
    states : dict
        How many people are in each state of `know.loyal_state`.
    n_silent : int
        People silent for longer than their own gaps explain, of `n_regular` who ordered often enough to tell.
    """

    at: int
    first_day: int
    middle_day: int
    last_day: int
    n_people: int
    n_orders: int
    ours: str
    brands: list[str]
    penetration: list[float]
    buying_rate: list[float]
    expected_rate: list[float]
    sole_buyers: list[float]
    expected_sole: list[float]
    z: list[float]
    band: list[tuple[float, float, float]]
    shared: list[list[float]]
    shared_z: list[list[float]]
    moves: list[tuple[str, str, int]]
    states: dict[str, int]
    n_silent: int
    n_regular: int


def market_of(reader: Reader) -> Market | None:
    """Return what was counted last; None where nothing was yet."""
    rows = reader.stored(sa.select(snapshot.c.data).where(snapshot.c.projection == _NAME))
    return msgspec.msgpack.decode(rows[0].data, type=Market) if rows else None


def write_market(tx: sa.Connection, market: Market | None) -> None:
    """Keep what was counted; None takes away what there was."""
    if market is None:
        tx.execute(sa.delete(snapshot).where(snapshot.c.projection == _NAME))
    else:
        put(tx, snapshot, projection=_NAME, data=msgspec.msgpack.encode(market))
