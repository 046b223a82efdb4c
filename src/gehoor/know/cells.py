"""What an activity adds to the profile of who did it: whole numbers in cells, so that all of it can be taken back.

A profile is a sum. Each activity adds to a few cells (so many posts on a day, so much spent on a day, so many times
this brand), and a cell is a count or an amount in ten-thousandths: sums of integers are the same in any order, and what
is taken back leaves no rounding behind. Decayed counts, gaps, first and last are read from the days when asked for.
"""

from collections.abc import Callable, Iterable

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.clock import DAY_US
from gehoor.core.record import kind_of
from gehoor.know.cell_code import AMOUNT, DAY_AT, GROUP_AT, GROUPS, MOST_DAY, Cells, code_of, day_cells
from gehoor.know.consent import choices_of, may_profile

__all__ = ["ORDERED", "RETURNED", "Names", "cells_of"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MOST_AMOUNT = 10**11
_SPEND = GROUPS.index("spend")
_REMEMBERED = 65_536
_NAME_LENGTH = 100
_KIND_MEASURE = {"say": "said", "share": "shared", "react": "reacted", "do": "did"}
ORDERED, RETURNED = "order completed", ("order cancelled", "order refunded")
"""Events of the Segment specification, in small letters. A return is deducted, and no order; so a negative amount."""


class Names:
    """Remembers codes of names, and how often each of them was counted since the last time that was asked."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int] = {}
        self._n: dict[int, int] = {}
        self._name: dict[int, str] = {}

    def code(self, group: str, name: str) -> int:
        """Return the code of a name."""
        found = self._known.get((group, name))
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[group, name] = code_of(group, name)
        return found

    def count(self, code: int, name: str, n: int) -> None:
        """Note that a name is named in so many activities more (or fewer)."""
        self._n[code] = self._n.get(code, 0) + n
        self._name[code] = name

    def taken(self) -> list[tuple[int, str, int]]:
        """Return (code, name, n) since the last call."""
        rows = [(code, self._name[code], n) for code, n in self._n.items() if n]
        self._n, self._name = {}, {}
        return rows


def cells_of(rows: pa.RecordBatch, names: Names, sign: int) -> Cells:
    """Return what rows of `core.record.LEDGER` add to the profiles of their actors, which all are known.

    What an activity's own policy does not allow adds nothing but that refusal; what is spam, ours, or only takes
    something back adds nothing. Cost: 2 us a row in batches of thousands.
    """
    found = _Found(rows, names, sign)
    found.consent()
    found.kinds()
    found.says()
    found.does()
    return found.cells()


class _Found:
    """What has been found so far in a batch."""

    def __init__(self, rows: pa.RecordBatch, names: Names, sign: int) -> None:
        self._rows, self._names, self._sign = rows, names, sign
        self._actor = rows.column("actor_key").to_numpy()
        day = rows.column("event_at").cast(pa.int64()).to_numpy() // DAY_US
        self._day = np.clip(day, 0, MOST_DAY)
        self._parts: list[tuple[Ints, Ints, Ints]] = []
        self._kind, self._is_in = _kinds_of(rows)
        self._may = np.ones(rows.num_rows, np.bool_)

    def cells(self) -> Cells:
        """Return all of it, sign and all."""
        if not self._parts:
            return Cells(*(np.empty(0, np.int64) for _ in range(3)))
        places, cells, ns = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        return Cells(self._actor[places], cells, self._sign * ns)

    def consent(self) -> None:
        """Note what was allowed and refused, and which rows may be added at all."""
        policies = self._rows.column("policy")
        if policies.null_count == len(policies):
            return
        packed = policies.dictionary_encode()
        choices = [choices_of(text) for text in packed.dictionary.to_pylist()]
        may = np.array([may_profile(text) for text in packed.dictionary.to_pylist()] + [True])
        index = packed.indices.fill_null(len(choices)).to_numpy(zero_copy_only=False)
        self._may = may[index]
        for place in np.flatnonzero((index < len(choices)) & self._is_in).tolist():
            for purpose, is_allowed in choices[index[place]].items():
                self._name("consent", place, f"{purpose}={'yes' if is_allowed else 'no'}")

    def kinds(self) -> None:
        """Count what was said, shared, reacted and done a day, and where."""
        self._may &= self._is_in
        for kind, measure in _KIND_MEASURE.items():
            self._measure(self._may & (self._kind == kind), measure)
        self._may &= np.isin(self._kind, list(_KIND_MEASURE))
        self._column("channel", "channel", self._may)

    def says(self) -> None:
        """Count what was said by what it amounts to."""
        says = self._may & (self._kind == "say")
        if not says.any():
            return
        is_direct = _is(self._rows, "visibility", "direct") | _is(self._rows, "channel", "mail")
        self._measure(says & is_direct, "contacted")
        for tone in ("negative", "positive"):
            self._measure(says & _is(self._rows, "sentiment", tone), tone)
        for group in ("intent", "need"):
            self._column(group, group, says)
        self._about(says)

    def _about(self, says: Mask) -> None:
        lists = self._rows.column("brands").fill_null([])
        parents, brands = pc.list_parent_indices(lists).to_numpy(), lists.flatten()
        self._named("about", brands, parents, says[parents])

    def does(self) -> None:
        """Count orders and returns, amounts, brands and promotions."""
        does = self._may & (self._kind == "do")
        if not does.any():
            return
        event = pc.utf8_lower(pc.utf8_trim_whitespace(self._rows.column("event").fill_null("")))
        ordered = does & pc.equal(event, ORDERED).to_numpy(zero_copy_only=False)
        returned = does & pc.is_in(event, pa.array(RETURNED)).to_numpy(zero_copy_only=False)
        is_back = ordered & pc.less(self._rows.column("value").fill_null(0.0), 0).to_numpy(zero_copy_only=False)
        ordered, returned = ordered & ~is_back, returned | is_back
        self._measure(ordered, "ordered")
        self._measure(returned, "returned")
        self._column("brand", "brand", does)
        self._column("promotion", "promotion", does)
        if (ordered | returned).any():
            self._amounts(ordered, returned)
            self._lines(ordered)

    def _amounts(self, ordered: Mask, returned: Mask) -> None:
        value = self._rows.column("value").fill_null(0.0).to_numpy(zero_copy_only=False)
        amount = np.rint(np.clip(np.nan_to_num(value), -_MOST_AMOUNT, _MOST_AMOUNT) * AMOUNT).astype(np.int64)
        amount = np.where(returned, -np.abs(amount), amount)
        places = np.flatnonzero((ordered | returned) & (amount != 0))
        currency = pc.utf8_upper(pc.utf8_trim_whitespace(self._rows.column("currency").fill_null("")))
        codes = self._codes("currency", currency.take(pa.array(places)))
        self._parts.append((places, codes, np.ones(len(places), np.int64)))
        low = codes & ((1 << DAY_AT) - 1)
        self._parts.append((places, _SPEND << GROUP_AT | self._day[places] << DAY_AT | low, amount[places]))

    def _lines(self, ordered: Mask) -> None:
        """Count the brands that the lines of an order name."""
        lines = self._rows.column("lines")
        for place in np.flatnonzero(ordered & pc.is_valid(lines).to_numpy(zero_copy_only=False)).tolist():
            for brand in _brands_of(lines[place].as_py()):
                self._name("brand", place, brand)

    # -- adding ---------------------------------------------------------------------------------------------------

    def _measure(self, mask: Mask, measure: str) -> None:
        places = np.flatnonzero(mask)
        if len(places):
            self._parts.append((places, day_cells(self._day[places], measure), np.ones(len(places), np.int64)))

    def _column(self, group: str, column: str, mask: Mask) -> None:
        values = self._rows.column(column)
        if values.null_count < len(values):
            self._named(group, values, np.arange(len(mask)), mask)

    def _named(self, group: str, values: pa.Array, places: Ints, mask: Mask) -> None:
        """Count names, one a value, at the rows `places`, where `mask` says so."""
        wanted = mask & pc.is_valid(values).to_numpy(zero_copy_only=False)
        if wanted.any():
            codes = self._codes(group, values.filter(pa.array(wanted)))
            self._parts.append((places[wanted], codes, np.ones(len(codes), np.int64)))

    def _codes(self, group: str, values: pa.Array) -> Ints:
        """Return the code of each name, and count them."""
        packed = values.dictionary_encode()
        index = packed.indices.to_numpy()
        spelled = [name[:_NAME_LENGTH] for name in packed.dictionary.to_pylist()]
        codes = [self._names.code(group, name) for name in spelled]
        for code, name, n in zip(codes, spelled, np.bincount(index, minlength=len(codes)).tolist(), strict=True):
            self._names.count(code, name, self._sign * n)
        return np.asarray(np.array(codes, np.int64)[index])

    def _name(self, group: str, place: int, name: str) -> None:
        """Count one name at one row."""
        name = name[:_NAME_LENGTH]
        code = self._names.code(group, name)
        self._names.count(code, name, self._sign)
        day = int(self._day[place]) << DAY_AT if group == "consent" else 0
        self._parts.append((np.array([place]), np.array([code | day], np.int64), np.ones(1, np.int64)))


def _kinds_of(rows: pa.RecordBatch) -> tuple[npt.NDArray[np.str_], Mask]:
    """Return what each row counts as, and whether others said or did it."""
    parts = (rows.column("type"), rows.column("direction"), rows.column("spam").fill_null(""))
    named = pc.binary_join_element_wise(*parts, " ").dictionary_encode()
    distinct = [value.split(" ", 2) for value in named.dictionary.to_pylist()]
    index = named.indices.to_numpy()
    kinds = np.array([str(kind_of(*parts)) for parts in distinct] or [""])
    is_in = np.array([parts[1] == "in" for parts in distinct] or [False])
    return kinds[index], is_in[index]


def _is(rows: pa.RecordBatch, column: str, value: str) -> Mask:
    equal = pc.equal(rows.column(column), value)
    return np.asarray(pc.fill_null(equal, fill_value=False).to_numpy(zero_copy_only=False))


_Decode: Callable[[str], object] = msgspec.json.Decoder().decode


def _brands_of(lines: str) -> Iterable[str]:
    try:
        products = _Decode(lines)
    except (msgspec.DecodeError, RecursionError):
        return
    for product in products if isinstance(products, list) else ():
        brand = product.get("brand") if isinstance(product, dict) else None
        if isinstance(brand, str) and brand:
            yield brand
