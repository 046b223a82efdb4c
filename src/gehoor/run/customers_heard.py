"""What customers of the workspace did and got, from the ledger and the history: orders with us, and our answers."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.clock import DAY_US
from gehoor.core.ledger.segment import PART_BITS
from gehoor.core.reader import Reader
from gehoor.know.base import Floats, Ints
from gehoor.run.order_rows import order_rows, past_rows, people_kept, persons_of

__all__ = ["CustomersHeard", "customers_heard"]

_CHUNK = 4_096
_ANSWERS = "SELECT parent_key FROM activity WHERE state = 0 AND direction = 'out' AND parent_key IS NOT NULL"
_AUTHORS = (
    "SELECT object_key, actor_key FROM activity "
    "WHERE seq IN (SELECT seq FROM lookup WHERE part IN ({}) AND hash IN ({})) AND state = 0 "
    "AND direction = 'in' AND type IN ('Create', 'Update') AND actor_key IS NOT NULL"
)


class CustomersHeard(NamedTuple):
    """Orders and returns with us, in the order of the files, and how often we answered.

    Attributes
    ----------
    person, day : int64, shape (rows,)
        Of each order.
    amount : float64, shape (rows,)
        Negative for a return.
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
    whose = people_kept(reader)
    table = order_rows(root, reader, whose)
    names = pc.value_counts(table["brand"].filter(pc.not_equal(table["brand"], ""))).to_pylist()
    brand = max(names, key=lambda pair: (pair["counts"], pair["values"]), default={"values": ""})["values"]
    rows = table.filter(pc.is_in(table["brand"], pa.array(["", brand])))
    return CustomersHeard(
        rows["person"].to_numpy(), rows["at"].to_numpy() // DAY_US, rows["value"].to_numpy(),
        _whole(rows["currency"].combine_chunks()), brand, table.num_rows - rows.num_rows, _answers(root, reader, whose),
    )  # fmt: skip


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.StringArray:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


# -- answers ------------------------------------------------------------------------------------------------------


def _answers(root: Path, reader: Reader, whose: Ints) -> dict[int, int]:
    """Return how many of our replies went to each person: to whoever wrote what they answer."""
    answered: list[Ints] = []
    for batch in past_rows(root, reader, ("seq", "parent_key", "direction")):
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
    persons, is_known = persons_of(whose, pairs[:, 1])
    times = n[np.searchsorted(objects, pairs[is_known, 0])]
    who, place = np.unique(persons[is_known], return_inverse=True)
    total = np.bincount(place, times, len(who)).astype(np.int64)
    return dict(zip(who.tolist(), total.tolist(), strict=True))


def _authors(root: Path, reader: Reader, objects: Ints) -> Iterable[tuple[int, int]]:
    """Yield (object_key, actor_key) of posts of others among these."""
    for batch in past_rows(root, reader, ("seq", "object_key", "actor_key", "direction")):
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
