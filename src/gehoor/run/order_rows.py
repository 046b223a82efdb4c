"""Orders and returns of people of whom a profile is kept, from the history and the ledger: a row each."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.history_read import read_rows
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person, person_actor
from gehoor.know.base import Ints
from gehoor.know.cells import ORDERED, RETURNED

__all__ = ["order_rows", "past_rows", "people_kept", "persons_of"]

_COLUMNS = ("seq", "actor_key", "event_at", "event", "brand", "promotion", "value", "currency", "type", "direction")
_SQL = (
    "SELECT actor_key, event_at, lower(trim(event)), brand, promotion IS NOT NULL, value, upper(trim(currency)) "
    "FROM activity WHERE state = 0 AND type = 'Track' AND direction = 'in' "
    f"AND lower(trim(event)) IN {(ORDERED, *RETURNED)}"
)
_SCHEMA = pa.schema(
    [("actor_key", pa.int64()), ("at", pa.int64()), ("event", pa.string()), ("brand", pa.string()),
     ("promoted", pa.bool_()), ("value", pa.float64()), ("currency", pa.string())]
)  # fmt: skip


def people_kept(reader: Reader) -> Ints:
    """Return the actors of whom a profile may be used, and whose they are, by actor; shape (n, 2)."""
    both = sa.select(person_actor.c.actor_key, person.c.person).join(person, person.c.person == person_actor.c.person)
    found = reader.stored(both.where(person.c.may_profile.is_(True)).order_by(person_actor.c.actor_key))
    return np.array([tuple(row) for row in found], np.int64).reshape(-1, 2)


def persons_of(whose: Ints, keys: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the person of each actor, and which of them are among `people_kept`."""
    if not len(whose):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(whose[:, 0], keys), len(whose) - 1)
    return whose[place, 1], whose[place, 0] == keys


def past_rows(root: Path, reader: Reader, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Yield what only the history still holds."""
    segments = reader.segments()
    return read_rows(root, before=segments[0].first_seq if segments else None, columns=columns)


def order_rows(root: Path, reader: Reader, whose: Ints) -> pa.Table:
    """Return the orders and returns of `people_kept`, in the order of the files.

    Returns
    -------
    pa.Table
        person, at (microseconds UTC), is_return, brand ("" where there is none), promoted, value (negative for a
        return), currency in capitals.

    Notes
    -----
    Cost: a scan of the history's columns and of the ledger, 1 us a row; in any thread, beside the owner.
    """
    table = pa.Table.from_batches([*_past(root, reader), *_present(reader)], schema=_SCHEMA)
    persons, is_known = persons_of(whose, table["actor_key"].fill_null(0).to_numpy())
    value = np.nan_to_num(table["value"].fill_null(0.0).to_numpy())
    is_return = pc.is_in(table["event"], pa.array(RETURNED)).to_numpy() | (value < 0)
    columns = {
        "person": persons, "at": table["at"], "is_return": is_return, "brand": table["brand"].fill_null(""),
        "promoted": table["promoted"], "value": np.where(is_return, -np.abs(value), value),
        "currency": table["currency"].fill_null(""),
    }  # fmt: skip
    return pa.table(columns).filter(pa.array(is_known)).combine_chunks()


def _past(root: Path, reader: Reader) -> Iterator[pa.RecordBatch]:
    for batch in past_rows(root, reader, _COLUMNS):
        event = pc.utf8_lower(pc.utf8_trim_whitespace(batch.column("event").cast(pa.string()).fill_null("")))
        is_order = pc.and_(
            pc.is_in(event, pa.array([ORDERED, *RETURNED])),
            pc.equal(batch.column("direction").cast(pa.string()), "in"),
        )
        rows = batch.filter(is_order)
        arrays = [
            rows.column("actor_key"), rows.column("event_at").cast(pa.int64()), event.filter(is_order),
            rows.column("brand"), pc.is_valid(rows.column("promotion")), rows.column("value"),
            pc.utf8_upper(pc.utf8_trim_whitespace(rows.column("currency").cast(pa.string()))),
        ]  # fmt: skip
        typed = [array.cast(field.type) for array, field in zip(arrays, _SCHEMA, strict=True)]
        yield pa.RecordBatch.from_arrays(typed, schema=_SCHEMA)


def _present(reader: Reader) -> Iterator[pa.RecordBatch]:
    for segment in reader.segments():
        rows = segment.query(_SQL)
        columns = zip(*rows, strict=True) if rows else ((),) * len(_SCHEMA)
        typed = [
            pa.array(values, pa.int64()).cast(pa.bool_()) if field.type == pa.bool_() else pa.array(values, field.type)
            for values, field in zip(columns, _SCHEMA, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(typed, schema=_SCHEMA)
