"""Foretells the next brand of each customer, from a file of purchases: `gehoor switching`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.know.base import Floats, Ints
from gehoor.know.switching import Purchases, Switching
from gehoor.run.customers import resellers_of
from gehoor.run.result_file import result_file
from gehoor.run.rows_file import RowsFile
from gehoor.run.switching_market import market_said

__all__ = ["PurchasesFile", "SwitchingReport", "switching"]

_MOST_BRANDS = 200
_ROWS = 65_536
_KEYS = ("customer_id", "n")
_TOO_LARGE = 10**18


Mask = npt.NDArray[np.bool_]


class _Row(NamedTuple):
    customer_id: str
    n: int
    brand: str


class SwitchingReport(msgspec.Struct, frozen=True):
    """What was read, how well it was foretold, and what of the market its brands' sizes do not explain.

    Attributes
    ----------
    rows, customers : int
        Foretold: all that was read, but for returns.
    brands : list of str
        In the order of the columns, and of all lists below.
    foretold : int
        Purchases after the first of a customer: those that the figures below judge. No reseller's.
    log_loss, accuracy : float
        Of what was foretold; None where there is none.
    repeat_log_loss, repeat_accuracy, popular_log_loss, popular_accuracy : float
        Of two simple baselines, which learn as it goes as well: the same brand as last time; the most popular one.
    weights : dict
        How much each opinion counts in the end.
    market : dict
        A column a figure, a value a brand, as `know.duplication.double_jeopardy` says.
    duplication_factor : float
        How far brands share their buyers: 1 if each buyer took any brand by its size.
    duplication, flows : dict
        Tables, a row and a column a brand, as `know.duplication` says: shared buyers; who goes from where to where.
    notes : list of str
        What to know before believing it.
    """

    rows: int
    customers: int
    brands: list[str]
    foretold: int
    log_loss: float | None
    accuracy: float | None
    repeat_log_loss: float | None
    repeat_accuracy: float | None
    popular_log_loss: float | None
    popular_accuracy: float | None
    weights: dict[str, float]
    market: dict[str, list[float]]
    duplication_factor: float
    duplication: dict[str, list[list[float]]]
    flows: dict[str, list[list[float]]]
    notes: list[str]


class PurchasesFile(RowsFile[_Row]):
    """Purchases: who, their how-manieth, of which brand."""

    needed = ("customer_id", "n", "brand")
    called = "purchases"
    example = '{"customer_id": "7", "n": 1, "brand": "acme"}'

    def _made(self, row: dict[str, Any]) -> _Row:
        texts = {name: str("" if row[name] is None else row[name]).strip() for name in self.needed}
        for name in ("customer_id", "brand"):
            if not texts[name]:
                raise self._error(name, "it is empty", "Fill it in, or remove the row.")
        try:
            n = int(texts["n"])
            if abs(n) >= _TOO_LARGE:
                raise ValueError
            return _Row(texts["customer_id"], n, texts["brand"])
        except ValueError:
            what = f"{texts['n'][:40]!r} is no whole number of at most 18 digits"
            raise self._error("n", what, "Number the purchases of each customer: 1, 2, 3.") from None


def switching(source: Path, output: Path) -> SwitchingReport:
    """Write for each purchase of a file how probable each brand was, before it is seen.

    Parameters
    ----------
    source : Path
        CSV or JSON lines with the columns customer_id, n (1, 2 ... for each customer), brand. Customers are learned
        from in the order of the file, the purchases of each in the order of `n`.
    output : Path
        `.csv`, `.parquet` or `.jsonl`: customer_id, n, and a column a brand.

    Raises
    ------
    SettingError
        With file, row and column where the file is not as it should be; nothing is written then.

    Notes
    -----
    Cost: 90 us a purchase. Memory: 0.3 KB a purchase.
    """
    notes: list[str] = []
    rows, at = _bought(source, notes)
    brands = _brands(source, rows)
    schema = pa.schema([("customer_id", pa.string()), ("n", pa.int64()), *((brand, pa.float64()) for brand in brands)])
    with result_file(output, schema, source) as result:
        names, who = np.unique([row.customer_id for row in rows], return_inverse=True)
        code = {brand: place for place, brand in enumerate(brands)}
        what = np.array([code[row.brand] for row in rows], np.int64)
        order = _order(source, rows, who, at)
        given = Purchases(who[order], what[order])
        is_usual = _is_usual(names.tolist(), given, notes)
        model = Switching(len(brands)).fit(given, is_usual)
        told = np.empty_like(model.foretold_)
        told[order] = model.foretold_
        for start in range(0, len(rows), _ROWS):
            some = slice(start, start + _ROWS)
            keys = [pa.array([row.customer_id for row in rows[some]]), pa.array([row.n for row in rows[some]])]
            shares = [pa.array(column) for column in told[some].T]
            result.write(pa.RecordBatch.from_arrays([*keys, *shares], schema=schema))
    return _report(given, is_usual, brands, model, notes)


def _bought(source: Path, notes: list[str]) -> tuple[list[_Row], Ints]:
    """Return what was bought, and in which row of the file each stands, from 0; returns are left out."""
    rows = list(PurchasesFile(source))
    at = np.flatnonzero([row.n >= 0 for row in rows])
    if n_returns := len(rows) - len(at):
        notes.append(f"{_n(n_returns, 'row')} with a negative n: taken as returns, and left out: nothing was bought.")
    if not len(at):
        raise SettingError(f"{source} holds no purchases: every n is negative. Number each customer's: 1, 2, 3.")
    return [rows[place] for place in at.tolist()], at


def _is_usual(names: Sequence[str], given: Purchases, notes: list[str]) -> Mask:
    """Tell of each purchase whether its customer does not buy far more often than nearly everybody."""
    resellers, most = resellers_of(np.bincount(given.customer))
    if len(resellers):
        some = ", ".join(names[place][:40] for place in resellers[:3].tolist())
        notes.append(
            f"{_n(len(resellers), 'customer')} with more than {most:,.0f} purchases, such as resellers ({some}): "
            "foretold from what they did, and left out of what is learned and of all figures here."
        )
    return ~np.isin(given.customer, resellers)


def _n(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _brands(source: Path, rows: Sequence[_Row]) -> list[str]:
    brands = sorted({row.brand for row in rows})
    if len(brands) > _MOST_BRANDS:
        raise SettingError(
            f"{source}: {len(brands):,} brands, where {_MOST_BRANDS} can be foretold. Keep the largest, and name the "
            "rest `other`."
        )
    for name in _KEYS:
        if name in brands:
            raise SettingError(f"{source}: a brand is named {name}, as a column of the result is: rename that brand.")
    return brands


def _order(source: Path, rows: Sequence[_Row], who: Ints, at: Ints) -> Ints:
    """Return the rows in the order to read them: the places of a customer stay, what stands there goes by n."""
    n = np.array([row.n for row in rows], np.int64)
    by_n, by_place = np.lexsort((n, who)), np.argsort(who, kind="stable")
    twice = np.flatnonzero((np.diff(n[by_n]) == 0) & (np.diff(who[by_n]) == 0))
    if len(twice):
        first, second = sorted(by_n[twice[0] : twice[0] + 2].tolist())
        raise SettingError(
            f"{source}, row {at[second] + 1}, column n: customer {rows[second].customer_id} has a purchase "
            f"{rows[second].n} already, in row {at[first] + 1}. Number each customer's purchases: 1, 2, 3."
        )
    order = np.empty(len(rows), np.int64)
    order[by_place] = by_n
    return order


def _report(given: Purchases, is_usual: Mask, brands: list[str], model: Switching, notes: list[str]) -> SwitchingReport:
    """Return how well it went, and what the market looks like; resellers are not looked at."""
    usual = Purchases(given.customer[is_usual], given.brand[is_usual])
    market = market_said(usual, len(brands))
    last = _last(usual)
    is_judged = last >= 0
    seen = usual.brand[is_judged]
    told = _score(model.foretold_[is_usual][is_judged], seen)
    repeat, popular = (_score(one[is_judged], seen) for one in _baselines(usual, last, len(brands)))
    return SwitchingReport(
        rows=len(given.brand),
        customers=int(given.customer.max()) + 1,
        brands=brands,
        foretold=int(is_judged.sum()),
        log_loss=told[0],
        accuracy=told[1],
        repeat_log_loss=repeat[0],
        repeat_accuracy=repeat[1],
        popular_log_loss=popular[0],
        popular_accuracy=popular[1],
        weights=model.weights_,
        market=market.brands,
        duplication_factor=market.duplication_factor,
        duplication=market.duplication,
        flows=market.flows,
        notes=[*notes, *_notes(int(is_judged.sum()), told[0], popular[0])],
    )


def _last(given: Purchases) -> Ints:
    """Return the brand that the same customer bought before each purchase; -1 at the first."""
    by_customer = np.argsort(given.customer, kind="stable")
    who, what = given.customer[by_customer], given.brand[by_customer]
    before = np.concatenate([[-1], np.where(np.diff(who) == 0, what[:-1], -1)])
    last = np.empty_like(before)
    last[by_customer] = before
    return last


def _baselines(given: Purchases, last: Ints, n_brands: int) -> tuple[Floats, Floats]:
    """Return what two simple rules foretell, each from the purchases before."""
    one = np.eye(n_brands)[given.brand]
    seen = np.vstack([np.zeros((1, n_brands)), np.cumsum(one, axis=0)[:-1]]) + 0.5
    popular = seen / seen.sum(axis=1, keepdims=True)
    is_next, same = last >= 0, (last == given.brand) & (last >= 0)
    again = (np.cumsum(same) - same + 0.5) / (np.cumsum(is_next) - is_next + 1.0)
    rows = np.arange(len(last))
    others = popular.copy()
    others[rows, last] = 0
    others /= np.maximum(others.sum(axis=1, keepdims=True), 1e-12)
    repeat = (1 - again)[:, None] * others
    repeat[rows, last] = again
    return repeat, popular


def _score(told: Floats, seen: Ints) -> tuple[float | None, float | None]:
    """Return log-loss and accuracy; None where there is nothing to judge."""
    if not len(seen):
        return None, None
    chance = np.maximum(told[np.arange(len(seen)), seen], 1e-6)
    loss = max(0.0, float(-np.log(chance).mean()))  # a chance of 1 and a rounding error is none below 0
    return round(loss, 4), round(float((told.argmax(axis=1) == seen).mean()), 4)


def _notes(n_judged: int, loss: float | None, popular: float | None) -> list[str]:
    notes = ["It knows the purchases of this file only: what was bought elsewhere, nobody can see here."]
    if n_judged < 100:
        notes.append(f"Only {n_judged} purchases follow another of the same customer: too few to judge habits by.")
    elif loss is not None and popular is not None and loss > popular:
        notes.append("Habits do not help here: how popular each brand is foretells as well.")
    return notes
