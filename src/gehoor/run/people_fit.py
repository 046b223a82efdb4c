"""Says what each customer of a workspace is worth and what attention they got, from all that was heard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.person_value import ALIKE, JudgedModel, PeopleFit
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person
from gehoor.core.tables.person import person_value as table
from gehoor.know.base import Floats, Ints
from gehoor.know.choose import MODELS, Choice, choose, held_out
from gehoor.know.customer_kind import customer_kinds
from gehoor.know.gammagamma import GammaGamma
from gehoor.know.outlook import Outlook
from gehoor.know.overlooked import Attention, Overlooked, Seen
from gehoor.know.rfm import DAYS_A_WEEK
from gehoor.run.customers import Customers, customers_of
from gehoor.run.customers_heard import CustomersHeard, customers_heard
from gehoor.run.orders_file import Orders

__all__ = ["fit_people"]

_MOST_DAYS, _FEWEST_DAYS = 365, 7
_LOYAL_DAYS = 180.0
_FEW = 30
_BINS = 10

_USUAL: dict[str, Callable[[Floats], Any]] = {"n_asked": np.mean, "n_given": np.mean}
"""The median says what is usual, but of what most people have none of."""

_SCHEMA = pa.schema(
    [
        pa.field(column.name, {int: pa.int64(), float: pa.float64(), bool: pa.bool_()}.get(kind, pa.string()))
        for column in table.c
        for kind in [column.type.python_type]
    ]
)


class _Known(NamedTuple):
    heard: CustomersHeard
    customers: Customers
    persons: Ints
    until: int
    horizon_days: int


class _Told(NamedTuple):
    choice: Choice
    model: Any
    worth: GammaGamma
    look: Outlook
    clv: tuple[Floats, Floats, Floats]


def fit_people(root: Path, now: int, say: Callable[[str], None]) -> tuple[pa.Table, PeopleFit]:
    """Return a row a customer, and how it was counted.

    One looks ahead half as far as one can look back: that far the models were checked on held-out days.

    Parameters
    ----------
    say : callable
        Told each of `people_child.STEPS` when it begins.

    Notes
    -----
    Cost: a scan of the history and the ledger, then 3 s and 60 us a customer on one core.
    """
    say("read")
    reader = Reader(root)
    try:
        heard, asked = customers_heard(root, reader), _asked(reader)
    finally:
        reader.close()
    known = _known(heard, now // DAY_US)
    if known is None:
        return _SCHEMA.empty_table(), PeopleFit(at=now, n_elsewhere=heard.n_elsewhere)
    say("choose")
    usual = np.isin(known.customers.customer, known.customers.usual)
    days = (known.customers.customer[usual], known.customers.day[usual])
    choice = choose(*days, known.until, known.horizon_days)
    say("fit")
    told = _told(known, choice)
    say("attention")
    given = np.array([heard.answers.get(one, 0) for one in known.persons.tolist()], np.float64)
    questions = np.array([asked.get(one, 0) for one in known.persons.tolist()], np.float64)
    tenure = np.rint(known.customers.histories.T * DAYS_A_WEEK)
    attention = Attention(told.clv[0], tenure, told.look.p_alive, questions, given)
    model = Overlooked(least_days=min(_LOYAL_DAYS, known.horizon_days)).fit(attention)
    seen = model.predict(attention)
    rows = _rows(known, told, attention, seen) | {"p_again_by_recency": _by_recency(*days, known)}
    columns = {"at": np.full(len(known.persons), now)} | rows
    done = pa.table([pa.array(columns[field.name], field.type, from_pandas=True) for field in _SCHEMA], schema=_SCHEMA)
    return done, _fit(known, told, (model, seen), done)


def _asked(reader: Reader) -> dict[int, int]:
    """Return how often each person said something."""
    return {row.person: row.n_said for row in reader.stored(sa.select(person.c.person, person.c.n_said))}


def _known(heard: CustomersHeard, until: int) -> _Known | None:
    """Return who is a customer; None where nobody ordered."""
    if not len(heard.day):
        return None
    named = pa.array(heard.person.astype(str).tolist(), pa.string())
    try:
        customers = customers_of(Orders(named, heard.day, heard.amount, heard.currency), until, [])
    except SettingError:
        return None
    persons = np.array([int(name) for name in customers.ids.to_pylist()], np.int64)
    span = until - int(customers.day.min())
    return _Known(heard, customers, persons, until, min(_MOST_DAYS, max(_FEWEST_DAYS, span // 2)))


def _told(known: _Known, choice: Choice) -> _Told:
    customers = known.customers
    model = MODELS[choice.name](known.horizon_days / DAYS_A_WEEK).fit(customers.histories.rows(customers.usual))
    worth = GammaGamma().fit(customers.spend.rows(customers.usual))
    look = model.predict(customers.histories)
    return _Told(choice, model, worth, look, look.spend(*worth.predict(customers.spend)))


def _by_recency(customer: Ints, day: Ints, known: _Known) -> Floats:
    """Return how many of those silent about as long came back in the held-out days; NaN where none were held out."""
    silence = known.customers.histories.silence_days.astype(np.float64)
    seen = held_out(customer, day, known.until, known.horizon_days)
    if seen is None:
        return np.full(len(silence), np.nan)
    histories, actual, _ = seen
    before, came = histories.silence_days.astype(np.float64), actual > 0
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1]))
    place = np.searchsorted(edges, before, side="right")
    n, back = np.bincount(place, minlength=len(edges) + 1), np.bincount(place, came, len(edges) + 1)
    share = (back + came.mean()) / (n + 1)
    return np.asarray(share[np.searchsorted(edges, silence, side="right")])


def _rows(known: _Known, told: _Told, attention: Attention, seen: Seen) -> dict[str, Any]:
    histories, spend, look = known.customers.histories, known.customers.spend, told.look
    spent = spend.monetary_value * spend.n
    order_days = np.rint(histories.frequency).astype(np.int64) + 1
    kind, recent, often, much = customer_kinds(histories.silence_days, order_days, spent)
    alive_low, alive_high = look.alive_interval()
    low, high = look.purchases_interval()
    return {
        "person": known.persons, "kind": kind, "recent_fifth": recent, "often_fifth": often, "much_fifth": much,
        "n_order_days": order_days, "days_since_last": histories.silence_days,
        "tenure_days": attention.tenure.astype(np.int64), "spend": spent, "p_alive": look.p_alive,
        "p_alive_low": alive_low, "p_alive_high": alive_high, "p_again": look.p_again, "expected_purchases": look.mean,
        "purchases_low": low, "purchases_high": high, "clv": told.clv[0], "clv_low": told.clv[1],
        "clv_high": told.clv[2], "n_asked": attention.asked.astype(np.int64),
        "n_given": attention.given.astype(np.int64), "usual_given": seen.usual, "p_overlooked": seen.p,
        "is_overlooked": seen.is_overlooked,
    }  # fmt: skip


def _fit(known: _Known, told: _Told, attention: tuple[Overlooked, Seen], rows: pa.Table) -> PeopleFit:
    choice, seen = told.choice, attention[1]
    columns = {name: rows[name].to_numpy().astype(np.float64) for name in ALIKE}
    kinds = np.array(rows["kind"].to_pylist())
    groups = {kind: kinds == kind for kind in np.unique(kinds).tolist()}
    groups |= {"all": np.ones(len(kinds), np.bool_), "loyal": seen.is_loyal}
    currency = known.heard.currency.value_counts().to_pylist()
    return PeopleFit(
        at=rows["at"][0].as_py(), brand=known.heard.brand, n_elsewhere=known.heard.n_elsewhere,
        currency=max(currency, key=lambda one: (one["counts"], one["values"]))["values"],
        n_customers=rows.num_rows, known_days=known.until - int(known.customers.day.min()),
        horizon_days=known.horizon_days, model=choice.name, held_out_days=choice.held_out_days,
        held_out_customers=choice.customers, held_out_actual=choice.actual,
        judged=[JudgedModel(one.name, one.total, one.rmse, one.again_auc) for one in choice.judged],
        expected_purchases=float(told.look.mean.sum()), clv=float(told.clv[0].sum()),
        p_alive=float(told.look.p_alive.mean()), p_again=float(told.look.p_again.mean()),
        n_loyal=int(seen.is_loyal.sum()), n_overlooked=int(seen.is_overlooked.sum()),
        notes=_notes(known, told, attention[0]),
        alike={
            name: {one: float(_USUAL.get(one, np.median)(column[mask])) for one, column in columns.items()}
            for name, mask in groups.items()
            if mask.any()
        },
        steps={name: np.quantile(column, np.linspace(0, 1, 101)).tolist() for name, column in columns.items()},
    )  # fmt: skip


def _notes(known: _Known, told: _Told, attention: Overlooked) -> list[str]:
    customers, model = known.customers, told.model
    facts = {
        "few": int((customers.histories.frequency > 0).sum()) < _FEW,
        "pooled": model.is_pooled_,
        "unconverged": not model.has_converged_ and not model.is_pooled_,
        "no_holdout": not told.choice.held_out_days,
        "worth_pooled": told.worth.is_pooled_,
        "attention_pooled": attention.is_pooled_,
        "attention_unconverged": not attention.is_pooled_ and not attention.has_converged_,
        "currencies": len(known.heard.currency.unique()) > 1,
        "resellers": len(customers.usual) < len(customers.ids),
    }
    return [name for name, is_so in facts.items() if is_so]
