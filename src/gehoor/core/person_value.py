"""What each customer is worth and what attention they got, as of the last time it was counted: for pages and lists."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.store import put
from gehoor.core.tables.ledger import snapshot
from gehoor.core.tables.person import person
from gehoor.core.tables.person import person_value as table

__all__ = ["ALIKE", "JudgedModel", "PeopleFit", "Worth", "fit_of", "note_fit", "worth_of", "write_worth"]

_NAME = "people"

ALIKE = ("tenure_days", "n_order_days", "spend", "n_asked", "n_given")
"""By what a customer is compared with others."""


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `person_value`; intervals hold nine times in ten.

    Attributes
    ----------
    at : int
        When it was counted, microseconds UTC.
    kind : str
        One of `know.customer_kind.CUSTOMER_KINDS`.
    recent_fifth, often_fifth, much_fifth : int
        1 to 5, 5 is the best fifth.
    p_again : float
        How probable an order in the days ahead is.
    p_again_by_recency : float, optional
        The simple baseline: how many of those who had been silent about as long came back in the held-out days.
    clv : float
        What they will spend in the days ahead.
    n_asked, n_given, usual_given
        Messages of theirs; our answers; how many such a customer usually gets.
    """

    person: int
    at: int
    kind: str
    recent_fifth: int
    often_fifth: int
    much_fifth: int
    n_order_days: int
    days_since_last: int
    tenure_days: int
    spend: float
    p_alive: float
    p_alive_low: float
    p_alive_high: float
    p_again: float
    p_again_by_recency: float | None
    expected_purchases: float
    purchases_low: float
    purchases_high: float
    clv: float
    clv_low: float
    clv_high: float
    n_asked: int
    n_given: int
    usual_given: float
    p_overlooked: float
    is_overlooked: bool


class JudgedModel(msgspec.Struct, frozen=True):
    """How a model, or recency alone, did in the held-out days."""

    name: str
    total: float | None
    rmse: float | None
    again_auc: float | None


class PeopleFit(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted, by which model, and how far it can be trusted.

    Attributes
    ----------
    brand, currency : str
        Whose orders, and in what amounts are; orders of other brands are `n_elsewhere`.
    horizon_days : int
        How far ahead: half as far as one can look back, a year at most, since no more can be checked.
    notes : list of str
        What a page must warn of: `few pooled unconverged no_holdout worth_pooled attention_pooled currencies resellers
        failed`.
    alike : dict
        By kind (and `all`, and `loyal`) what is usual of each of `ALIKE`: the median; of messages and answers the mean.
    steps : dict
        For each of `ALIKE`, the value below which 0, 1 ... 100 in a hundred customers lie.
    """

    at: int
    brand: str = ""
    currency: str = ""
    n_customers: int = 0
    n_elsewhere: int = 0
    known_days: int = 0
    horizon_days: int = 0
    model: str = ""
    held_out_days: int = 0
    held_out_customers: int = 0
    held_out_actual: int = 0
    judged: list[JudgedModel] = []
    expected_purchases: float = 0.0
    clv: float = 0.0
    p_alive: float = 0.0
    p_again: float = 0.0
    n_loyal: int = 0
    n_overlooked: int = 0
    notes: list[str] = []
    alike: dict[str, dict[str, float]] = {}
    steps: dict[str, list[float]] = {}

    def rank(self, measure: str, value: float) -> int:
        """Return how many in a hundred customers have less of something."""
        return max(0, sum(step < value for step in self.steps.get(measure, ())) - 1)


def fit_of(reader: Reader) -> PeopleFit | None:
    """Return what was counted last; None where nothing was yet."""
    rows = reader.stored(sa.select(snapshot.c.data).where(snapshot.c.projection == _NAME))
    return msgspec.msgpack.decode(rows[0].data, type=PeopleFit) if rows else None


def worth_of(
    reader: Reader, *where: sa.ColumnElement[bool], order_by: sa.ColumnElement[Any] | None = None, limit: int = 50
) -> list[Worth]:
    """Return what customers are worth for whom conditions on `person_value` and `person` hold; of who may be profiled.

    Largest first: by `clv`, where nothing else is said.
    """
    order = table.c.clv.desc() if order_by is None else order_by
    both = sa.select(table).join(person, person.c.person == table.c.person).where(person.c.may_profile.is_(True))
    rows = reader.stored(both.where(*where).order_by(order, table.c.person).limit(limit))
    return [Worth(**row._mapping) for row in rows]


def note_fit(tx: sa.Connection, fit: PeopleFit) -> None:
    """Keep what was counted."""
    put(tx, snapshot, projection=_NAME, data=msgspec.msgpack.encode(fit))


def write_worth(tx: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows; of who was forgotten or became another's meanwhile, nothing."""
    given = list(rows)
    names = [column.name for column in table.c]
    values = ", ".join("?" for _ in names)
    sql = f"INSERT OR REPLACE INTO person_value SELECT {values} WHERE EXISTS (SELECT 1 FROM person WHERE person = ?)"
    if given:
        tx.exec_driver_sql(sql, [(*(row[name] for name in names), row["person"]) for row in given])
