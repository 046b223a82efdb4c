"""What customers of the workspace did and got, from the ledger and the history: orders with us, and our answers."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.history_read import read_rows
from gehoor.core.ledger.segment import PART_BITS
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person, person_actor
from gehoor.know.base import Floats, Ints

__all__ = ["CustomersHeard", "customers_heard"]

_ORDERED, _REFUNDED = "order completed", "order refunded"
_CHUNK = 4_096
_ORDER = ("actor_key", "event_at", "event", "brand", "value", "currency", "type", "direction")
_ORDERS = (
    "SELECT actor_key, event_at, lower(trim(event)), brand, value, upper(trim(currency)) FROM activity WHERE state = 0 "
    f"AND type = 'Track' AND direction = 'in' AND lower(trim(event)) IN ('{_ORDERED}', '{_REFUNDED}')"
)
_ANSWERS = "SELECT parent_key FROM activity WHERE state = 0 AND direction = 'out' AND parent_key IS NOT NULL"
_AUTHORS = (
    "SELECT object_key, actor_key FROM activity "
    "WHERE seq IN (SELECT seq FROM lookup WHERE part IN ({}) AND hash IN ({})) AND state = 0 "
    "AND direction = 'in' AND type IN ('Create', 'Update') AND actor_key IS NOT NULL"
)
_SCHEMA = pa.schema(
    [("actor_key", pa.int64()), ("at", pa.int64()), ("event", pa.string()), ("brand", pa.string()),
     ("value", pa.float64()), ("currency", pa.string())]
)  # fmt: skip


class CustomersHeard(NamedTuple):
    """Orders and refunds with us, in the order of the files, and how often we answered.

    Attributes
    ----------
    person, day : int64, shape (rows,)
        Of each order.
    amount : float64, shape (rows,)
        Negative for a refund.
    currency : pa.StringArray
    brand : str
        That most orders name: ours. Orders of other brands are left out; "" where none names one.
    n_elsewhere : int
        How many orders of other brands there were.
    answers : dict of int to int
        By person, how many replies of ours went to what they said.
    """

    person: Ints
    day: Ints
    amount: Floats
    currency: pa.StringArray
    brand: str
    n_elsewhere: int
    answers: dict[int, int]


def customers_heard(root: Path, reader: Reader) -> CustomersHeard:
    """Return what all persons whose profile may be used ordered with us and were answered.

    Notes
    -----
    Cost: a scan of some columns of the history, twice, and of the ledger: 2 us a row, in any thread. Answers are found
    as far as the index of the ledger is written.
    """
    both = sa.select(person_actor.c.actor_key, person.c.person).join(person, person.c.person == person_actor.c.person)
    found = reader.stored(both.where(person.c.may_profile.is_(True)).order_by(person_actor.c.actor_key))
    whose = np.array([tuple(row) for row in found], np.int64).reshape(-1, 2)
    table = pa.Table.from_batches([*_past_orders(root, reader), *_orders(reader)], schema=_SCHEMA)
    persons, is_known = _persons(whose, table["actor_key"].fill_null(0).to_numpy())
    names = pc.value_counts(table["brand"].filter(pa.array(is_known)).drop_null()).to_pylist()
    brand = max(names, key=lambda pair: (pair["counts"], pair["values"]), default={"values": ""})["values"]
    is_ours = pc.fill_null(pc.equal(table["brand"], brand), fill_value=True).to_numpy()
    kept = np.flatnonzero(is_known & is_ours)
    rows = table.take(pa.array(kept))
    sign = np.where(pc.equal(rows["event"], _REFUNDED).to_numpy(), -1.0, 1.0)
    amount = np.abs(rows["value"].fill_null(0.0).to_numpy()) * sign
    currency = rows["currency"].fill_null("").combine_chunks()
    return CustomersHeard(
        persons[kept], rows["at"].to_numpy() // DAY_US, np.nan_to_num(amount), _whole(currency), brand,
        int((is_known & ~is_ours).sum()), _answers(root, reader, whose),
    )  # fmt: skip


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.StringArray:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _persons(whose: Ints, keys: Ints) -> tuple[Ints, np.typing.NDArray[np.bool_]]:
    """Return the person of each actor, and which are known."""
    if not len(whose):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(whose[:, 0], keys), len(whose) - 1)
    return whose[place, 1], whose[place, 0] == keys


# -- orders -------------------------------------------------------------------------------------------------------


def _past_orders(root: Path, reader: Reader) -> Iterator[pa.RecordBatch]:
    for batch in _past(root, reader, ("seq", *_ORDER)):
        event = pc.utf8_lower(pc.utf8_trim_whitespace(batch.column("event").cast(pa.string()).fill_null("")))
        is_order = pc.and_(
            pc.is_in(event, pa.array([_ORDERED, _REFUNDED])),
            pc.equal(batch.column("direction").cast(pa.string()), "in"),
        )
        rows = batch.filter(is_order)
        currency = pc.utf8_upper(pc.utf8_trim_whitespace(rows.column("currency").cast(pa.string())))
        arrays = [
            rows.column("actor_key"), rows.column("event_at").cast(pa.int64()), event.filter(is_order),
            rows.column("brand"), rows.column("value"), currency,
        ]  # fmt: skip
        typed = [array.cast(field.type) for array, field in zip(arrays, _SCHEMA, strict=True)]
        yield pa.RecordBatch.from_arrays(typed, schema=_SCHEMA)


def _orders(reader: Reader) -> Iterator[pa.RecordBatch]:
    for segment in reader.segments():
        rows = segment.query(_ORDERS)
        columns = zip(*rows, strict=True) if rows else ((),) * len(_SCHEMA)
        typed = [pa.array(values, field.type) for values, field in zip(columns, _SCHEMA, strict=True)]
        yield pa.RecordBatch.from_arrays(typed, schema=_SCHEMA)


def _past(root: Path, reader: Reader, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    segments = reader.segments()
    return read_rows(root, before=segments[0].first_seq if segments else None, columns=columns)


# -- answers ------------------------------------------------------------------------------------------------------


def _answers(root: Path, reader: Reader, whose: Ints) -> dict[int, int]:
    """Return how many of our replies went to each person: to whoever wrote what they answer."""
    answered: list[Ints] = []
    for batch in _past(root, reader, ("seq", "parent_key", "direction")):
        is_reply = pc.and_(
            pc.equal(batch.column("direction").cast(pa.string()), "out"), pc.is_valid(batch.column("parent_key"))
        )
        answered.append(batch.column("parent_key").filter(is_reply).to_numpy().astype(np.int64))
    for segment in reader.segments():
        answered.append(np.array([row[0] for row in segment.query(_ANSWERS)], np.int64))
    objects, n = np.unique(np.concatenate(answered) if answered else np.empty(0, np.int64), return_counts=True)
    if not len(objects) or not len(whose):
        return {}
    pairs = np.array(sorted(set(_authors(root, reader, objects))), np.int64).reshape(-1, 2)
    persons, is_known = _persons(whose, pairs[:, 1])
    times = n[np.searchsorted(objects, pairs[is_known, 0])]
    who, place = np.unique(persons[is_known], return_inverse=True)
    total = np.bincount(place, times, len(who)).astype(np.int64)
    return dict(zip(who.tolist(), total.tolist(), strict=True))


def _authors(root: Path, reader: Reader, objects: Ints) -> Iterable[tuple[int, int]]:
    """Yield (object_key, actor_key) of posts of others among these."""
    for batch in _past(root, reader, ("seq", "object_key", "actor_key", "direction")):
        is_in = pc.equal(batch.column("direction").cast(pa.string()), "in")
        rows = batch.filter(pc.and_(is_in, pc.is_valid(batch.column("actor_key"))))
        keys = rows.column("object_key").to_numpy()
        mine = np.isin(keys, objects)
        yield from zip(keys[mine].tolist(), rows.column("actor_key").to_numpy()[mine].tolist(), strict=True)
    for segment in reader.segments():
        last = segment.mark("indexed") >> PART_BITS
        parts = ", ".join(map(str, range(segment.first_seq >> PART_BITS, last + 1)))
        for start in range(0, len(objects), _CHUNK):
            some = ", ".join(map(str, objects[start : start + _CHUNK].tolist()))
            yield from ((row[0], row[1]) for row in segment.query(_AUTHORS.format(parts, some)))
