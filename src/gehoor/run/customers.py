"""Makes customers of orders: what is left out, taken together or put right, each with a line that says so."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.errors import SettingError
from gehoor.know.base import Floats, Ints
from gehoor.know.gammagamma import Spend
from gehoor.know.rfm import Histories
from gehoor.run.orders_file import Orders

__all__ = ["Customers", "customers_of", "resellers_of"]

_OFTEN, _SOME = 20, 5


class Customers(NamedTuple):
    """The customers of a file, in the order in which they first occur."""

    ids: pa.StringArray
    customer: Ints
    """Of each order: the number of its customer."""
    day: Ints
    histories: Histories
    spend: Spend
    usual: Ints
    """The places of those who take part in the fit: all but resellers."""


def customers_of(orders: Orders, until: int, notes: list[str]) -> Customers:
    """Return the customers who ordered on or before a day; what was done to the orders is added to `notes`.

    Raises
    ------
    SettingError
        Nobody is left.
    """
    has_id = pc.not_equal(orders.customer_id, "").to_numpy(zero_copy_only=False)
    is_known = orders.day <= until
    _say(notes, int((~has_id).sum()), "without a customer_id", "left out: nobody can tell whose they are")
    _say(notes, int((has_id & ~is_known).sum()), "later than --until", "left out: they are the future")
    kept = np.flatnonzero(has_id & is_known)
    amount = _one_currency(orders, kept, notes)
    packed = orders.customer_id.take(pa.array(kept)).dictionary_encode()
    who, day = packed.indices.to_numpy().astype(np.int64), orders.day[kept]
    _say(notes, _n_repeated(who, day, orders.amount[kept]), "with the customer, day and amount of another",
         "added up as one order: if the file was put together twice, remove them")  # fmt: skip
    is_order = orders.amount[kept] >= 0
    _say(notes, int((~is_order).sum()), "with a negative amount", "taken as returns: no order, and deducted from it")
    buyers = np.unique(who[is_order])
    n_without = len(packed.dictionary) - len(buyers)
    if n_without:
        notes.append(f"{_n(n_without, 'customer')} with nothing but returns: left out of the result.")
    if not len(buyers):
        raise SettingError("No order is left: every one is later than --until, without a customer_id, or a return.")
    place = np.full(len(packed.dictionary), -1)
    place[buyers] = np.arange(len(buyers))
    number = place[who]
    histories = Histories.of(number[is_order], day[is_order], until)
    net = np.bincount(number[number >= 0], amount[number >= 0], len(buyers))
    n_days = histories.frequency + 1
    spend = Spend(n_days, np.maximum(net, 0) / n_days)
    _note_dates(day[is_order], until, notes)
    ids = packed.dictionary.take(pa.array(buyers))
    usual = _usual(ids, histories, notes)
    return Customers(ids, number[is_order], day[is_order], histories, spend, usual)


def _one_currency(orders: Orders, kept: Ints, notes: list[str]) -> Floats:
    """Return the amounts of the currency that occurs most; those of another count as 0."""
    amount = orders.amount[kept]
    if orders.currency is None:
        return amount
    currency = pc.utf8_upper(orders.currency.take(pa.array(kept)))
    counts = sorted(pc.value_counts(currency).to_pylist(), key=lambda count: (-count["counts"], count["values"]))
    if len(counts) <= 1:
        return amount
    most = counts[0]["values"]
    is_other = pc.not_equal(currency, most).to_numpy(zero_copy_only=False)
    others = ", ".join(count["values"] or "none" for count in counts[1:6])
    _say(notes, int(is_other.sum()), f"in another currency ({others}) than most ({most})",
         "counted as orders, and their amounts left out")  # fmt: skip
    return np.where(is_other, 0.0, amount)


def _n_repeated(who: Ints, day: Ints, amount: Floats) -> int:
    """Count rows whose customer, day and amount stood in a row before."""
    key = who.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + day.astype(np.uint64)
    key = (key ^ (key >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    key ^= amount.view(np.uint64) * np.uint64(0x94D049BB133111EB)
    return len(key) - len(np.unique(key))


def _note_dates(day: Ints, until: int, notes: list[str]) -> None:
    first, last = int(day.min()), int(day.max())
    if first == last:
        notes.append("All orders are of one day: nothing can be learned of how often people order.")
    silent = until - last
    if silent > max(30, (last - first) // 4):
        notes.append(
            f"The last order is {silent:,} days before --until: those days count as silence. If the file ends there, "
            "choose an earlier --until."
        )


def _usual(ids: pa.StringArray, histories: Histories, notes: list[str]) -> Ints:
    """Return the places of all who do not order far more often than nearly everybody."""
    resellers, most = resellers_of(histories.frequency)
    if len(resellers):
        names = ", ".join(ids[int(place)].as_py()[:40] for place in resellers[:3])
        notes.append(
            f"{_n(len(resellers), 'customer')} with more than {most:,.0f} days with an order, such as resellers "
            f"({names}): predicted from what they did, and left out of the fit."
        )
    return np.setdiff1d(np.arange(len(ids)), resellers)


def resellers_of(frequency: Floats | Ints) -> tuple[Ints, float]:
    """Return the places of those who order far more often than nearly everybody, and what they have more than.

    Examples
    --------
    >>> resellers_of(np.array([3, 1, 4000, 2]))
    (array([2]), 100.0)
    """
    most = _OFTEN * max(_SOME, float(np.quantile(frequency, 0.9, method="lower")))
    return np.flatnonzero(frequency > most), float(most)


def _say(notes: list[str], n: int, which: str, what: str) -> None:
    if n:
        notes.append(f"{_n(n, 'row')} {which}: {what}.")


def _n(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
