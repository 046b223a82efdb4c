"""The orders of people of whom a profile is kept, from the ledger and the history."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.history_read import read_rows
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person, person_actor

__all__ = ["OrdersHeard", "orders_heard"]

_ORDERED = "order completed"
_COLUMNS = ("seq", "actor_key", "event_at", "event", "brand", "promotion", "type", "direction")
_SQL = (
    "SELECT actor_key, event_at, brand, promotion FROM activity "
    f"WHERE state = 0 AND type = 'Track' AND direction = 'in' AND lower(trim(event)) = '{_ORDERED}'"
)
_SCHEMA = pa.schema([("actor_key", pa.int64()), ("at", pa.int64()), ("brand", pa.string()), ("promoted", pa.bool_())])

Ints = npt.NDArray[np.int64]


class OrdersHeard(NamedTuple):
    """Orders in the order of time.

    `persons` names each customer; `customer` is a place in it, `brand` one in `brands`: the name as the order had it,
    "" where it had none.
    """

    persons: Ints
    customer: Ints
    day: Ints
    brand: Ints
    brands: list[str]
    is_promotion: npt.NDArray[np.bool_]


def orders_heard(root: Path, reader: Reader) -> OrdersHeard:
    """Return the orders of all persons whose profile may be used.

    Notes
    -----
    Cost: a scan of the history's columns and of the ledger, 1 us a row; in any thread, beside the owner.
    """
    mine = sa.select(person_actor.c.actor_key, person.c.person).join(person, person.c.person == person_actor.c.person)
    whose = np.array([tuple(row) for row in reader.stored(mine.where(person.c.may_profile.is_(True)))], np.int64)
    whose = whose.reshape(-1, 2)[np.argsort(whose.reshape(-1, 2)[:, 0])]
    table = pa.Table.from_batches([*_past(root, reader), *_present(reader)], schema=_SCHEMA)
    keys = table["actor_key"].fill_null(0).to_numpy()
    place = np.minimum(np.searchsorted(whose[:, 0], keys), max(0, len(whose) - 1))
    known = whose[place, 0] == keys if len(whose) else np.zeros(len(keys), np.bool_)
    at = table["at"].to_numpy()
    order = np.flatnonzero(known)[np.argsort(at[known], kind="stable")]
    rows = table.take(pa.array(order))
    packed = rows["brand"].fill_null("").combine_chunks().dictionary_encode()
    if isinstance(packed, pa.ChunkedArray):
        packed = packed.combine_chunks()
    persons, customer = np.unique(whose[place[order], 1], return_inverse=True)
    return OrdersHeard(
        persons, customer.astype(np.int64), at[order] // DAY_US, packed.indices.to_numpy().astype(np.int64),
        packed.dictionary.to_pylist(), rows["promoted"].to_numpy(),
    )  # fmt: skip


def _past(root: Path, reader: Reader) -> Iterator[pa.RecordBatch]:
    segments = reader.segments()
    for batch in read_rows(root, before=segments[0].first_seq if segments else None, columns=_COLUMNS):
        event = pc.utf8_lower(pc.utf8_trim_whitespace(batch.column("event").cast(pa.string()).fill_null("")))
        is_order = pc.and_(pc.equal(event, _ORDERED), pc.equal(batch.column("direction").cast(pa.string()), "in"))
        rows = batch.filter(is_order)
        columns = [rows.column("actor_key"), rows.column("event_at").cast(pa.int64()), rows.column("brand")]
        arrays = [*columns, pc.is_valid(rows.column("promotion"))]
        typed = [array.cast(field.type) for array, field in zip(arrays, _SCHEMA, strict=True)]
        yield pa.RecordBatch.from_arrays(typed, schema=_SCHEMA)


def _present(reader: Reader) -> Iterator[pa.RecordBatch]:
    for segment in reader.segments():
        rows = segment.query(_SQL)
        columns = zip(*rows, strict=True) if rows else ((),) * 4
        actor, at, brand, promotion = (list(column) for column in columns)
        arrays = [actor, at, brand, [name is not None for name in promotion]]
        typed = [pa.array(values, field.type) for values, field in zip(arrays, _SCHEMA, strict=True)]
        yield pa.RecordBatch.from_arrays(typed, schema=_SCHEMA)
