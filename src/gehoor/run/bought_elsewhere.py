"""What persons ordered of other brands than ours, as sums that are taken off what they ordered in all."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.clock import DAY_US
from gehoor.know.base import Ints
from gehoor.know.cell_code import AMOUNT, code_of

__all__ = ["BoughtElsewhere", "bought_elsewhere"]

Mask = npt.NDArray[np.bool_]


class BoughtElsewhere(NamedTuple):
    """Columns of `person_loyalty`, one value a person.

    `n_elsewhere`, `days_elsewhere` (with no order of ours), `returns_elsewhere`; `spend_elsewhere` in ten-thousandths
    of the person's currency; the first and last day of an order with us, -1 for none.
    """

    n_elsewhere: Ints
    days_elsewhere: Ints
    returns_elsewhere: Ints
    spend_elsewhere: Ints
    first_ours_day: Ints
    last_ours_day: Ints


def bought_elsewhere(rows: pa.Table, ours: str, persons: Ints, currency: Ints) -> BoughtElsewhere:
    """Return what some persons ordered of other brands: an order that names none is ours, all where `ours` is "".

    Parameters
    ----------
    rows : pa.Table
        Of `order_rows`.
    persons, currency : int64, shape (n,)
        Sorted; and the code of the currency in which each spent most.
    """
    mine = np.isin(rows["person"].to_numpy(), persons)
    rows = rows.filter(pa.array(mine))
    who = np.searchsorted(persons, rows["person"].to_numpy())
    day = np.clip(rows["at"].to_numpy() // DAY_US, 0, None)
    is_return = rows["is_return"].to_numpy()
    is_other = ~pc.is_in(rows["brand"], pa.array(["", ours])).to_numpy() & bool(ours)
    us, them = ~is_return & ~is_other, ~is_return & is_other
    first, last = np.full(len(persons), np.iinfo(np.int64).max), np.full(len(persons), -1, np.int64)
    np.minimum.at(first, who[us], day[us])
    np.maximum.at(last, who[us], day[us])
    days = np.setdiff1d(who[them] << 32 | day[them], who[us] << 32 | day[us]) >> 32
    return BoughtElsewhere(
        _n(who[them], persons), _n(days, persons), _n(who[is_return & is_other], persons),
        _spend(rows, (who, is_other), currency), np.where(last < 0, -1, first), last,
    )  # fmt: skip


def _n(who: Ints, persons: Ints) -> Ints:
    return np.bincount(who, minlength=len(persons)).astype(np.int64)


def _spend(rows: pa.Table, of: tuple[Ints, Mask], currency: Ints) -> Ints:
    """Return what was spent in each one's own currency, returns deducted, rounded as cells are."""
    who, mask = of
    packed = rows["currency"].combine_chunks().dictionary_encode()
    packed = packed.combine_chunks() if isinstance(packed, pa.ChunkedArray) else packed
    codes = np.array([code_of("currency", name) for name in packed.dictionary.to_pylist()], np.int64)
    mask = mask & (codes[packed.indices.to_numpy()] == currency[who]) if len(codes) else mask
    spend = np.zeros(len(currency), np.int64)
    np.add.at(spend, who[mask], np.rint(rows["value"].to_numpy()[mask] * AMOUNT).astype(np.int64))
    return spend
