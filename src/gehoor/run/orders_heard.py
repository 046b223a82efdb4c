"""Which brands people bought, and when: the orders of all of whom a profile is kept."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.clock import DAY_US
from gehoor.core.reader import Reader
from gehoor.know.base import Ints
from gehoor.run.order_rows import order_rows, people_kept

__all__ = ["OrdersHeard", "orders_heard", "orders_of"]


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
    """Return the orders of all persons whose profile may be used; see `order_rows` for what it costs."""
    return orders_of(order_rows(root, reader, people_kept(reader)))


def orders_of(rows: pa.Table) -> OrdersHeard:
    """Return the orders among `order_rows`; returns are none."""
    rows = rows.filter(pc.invert(rows["is_return"])).sort_by("at").combine_chunks()
    packed = rows["brand"].combine_chunks().dictionary_encode()
    if isinstance(packed, pa.ChunkedArray):
        packed = packed.combine_chunks()
    persons, customer = np.unique(rows["person"].to_numpy(), return_inverse=True)
    return OrdersHeard(
        persons, customer.astype(np.int64), rows["at"].to_numpy() // DAY_US,
        packed.indices.to_numpy().astype(np.int64), packed.dictionary.to_pylist(), rows["promoted"].to_numpy(),
    )  # fmt: skip
