"""What somebody ordered of other brands, as far as a shop told us of it: never a part of what they spent with us."""

from collections.abc import Mapping, Sequence

import msgspec
import pyarrow as pa

from gehoor.core.clock import DAY_US
from gehoor.core.reader import Reader
from gehoor.know.cells import ORDERED, RETURNED
from gehoor.know.earlier import earlier_rows

__all__ = ["Elsewhere", "elsewhere_of", "with_us"]


class Elsewhere(msgspec.Struct, frozen=True):
    """Orders of other brands: on which days of no order with us, how many, and for how much by currency."""

    days: frozenset[int] = frozenset()
    n: int = 0
    spend: dict[str, float] = {}


def elsewhere_of(reader: Reader, actors: Sequence[int], brand: str) -> Elsewhere:
    """Return what some actors ordered of another brand than ours, as far as the ledger goes.

    An order that names no brand is ours, and all are where no brand is.
    """
    ours: set[int] = set()
    days: list[int] = []
    spend: dict[str, float] = {}
    for rows in earlier_rows(reader, actors, reader.head()) if brand else ():
        for event, named, day, value, currency in _columns(rows):
            is_return = event in RETURNED or (event == ORDERED and value < 0)
            is_order = event == ORDERED and not is_return
            if named in (None, "", brand):
                ours |= {day} if is_order else set()
                continue
            if is_order:
                days.append(day)
            if is_order or is_return:
                spend[currency] = spend.get(currency, 0.0) + (-abs(value) if is_return else value)
    return Elsewhere(frozenset(days) - ours, len(days), spend)


def _columns(rows: pa.RecordBatch) -> list[tuple[str, str | None, int, float, str]]:
    columns = [rows.column(name).to_pylist() for name in ("direction", "event", "brand", "value", "currency")]
    moments = rows.column("event_at").cast("int64").to_pylist()
    return [
        ((event or "").strip().lower(), brand, at // DAY_US, value or 0.0, (currency or "").strip().upper())
        for direction, event, brand, value, currency, at in zip(*columns, moments, strict=True)
        if direction == "in"
    ]


def with_us(spend: Mapping[str, float], elsewhere: Elsewhere) -> dict[str, float]:
    """Return what remains of what somebody spent, by currency, without what went elsewhere.

    Examples
    --------
    >>> with_us({"EUR": 80.0, "GBP": 12.0}, Elsewhere(n=2, spend={"EUR": 30.0, "GBP": 12.0}))
    {'EUR': 50.0}
    """
    left = {currency: round(amount - elsewhere.spend.get(currency, 0.0), 4) for currency, amount in spend.items()}
    return {currency: amount for currency, amount in left.items() if amount or currency not in elsewhere.spend}
