"""What a rule about people may ask: a closed list of columns, each with what it may be compared with.

No column tells health, belief, politics, union, origin, sexuality or biometrics (article 9 of the GDPR), nor what a
post was about, from which such a thing could be guessed: `tests/unit/core/test_audience.py` holds it.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.tables.audience import person_loyalty
from gehoor.core.tables.person import person, person_name, person_value

__all__ = ["COLUMNS", "STATES", "AskColumn", "Kind"]

Kind = Literal["number", "share", "day", "days", "choice", "text"]
"""A count or amount; a part of 1; a date; how many days ago or long; one of some words; any words."""

STATES = ("loyal", "repertoire", "hopper", "leaving", "unknown")
_KINDS = ("champion", "loyal", "new", "promising", "cannot_lose", "at_risk", "asleep", "lost")
_YES = ("yes", "no")

_AMOUNT = 10_000

_Value = Callable[[int], sa.ColumnElement[Any]]


class AskColumn(msgspec.Struct, frozen=True):
    """One thing that may be asked.

    Attributes
    ----------
    value : callable
        From today (days since 1970) to the expression in SQL; NULL where it is not known.
    choices : tuple of str
        The words of a `choice`.
    """

    name: str
    kind: Kind
    value: _Value
    choices: tuple[str, ...] = ()


def _plain(column: sa.ColumnElement[Any]) -> _Value:
    return lambda _: column


def _ago(column: sa.ColumnElement[int]) -> _Value:
    return lambda today: sa.case((column >= 0, today - column))


def _day(column: sa.ColumnElement[int]) -> _Value:
    return lambda _: sa.case((column >= 0, column))


def _currency() -> sa.ColumnElement[Any]:
    return sa.select(person_name.c.name).where(person_name.c.code == person.c.currency).scalar_subquery()


def _ours(whole: sa.Column[int], elsewhere: sa.Column[int]) -> sa.ColumnElement[int]:
    """Return what is left of a sum over all brands: what was counted of other brands last night is not ours."""
    return whole - sa.func.coalesce(elsewhere, 0)


_p, _l, _v = person.c, person_loyalty.c, person_value.c
_first, _last = (
    sa.case((sa.func.coalesce(_l.n_elsewhere, 0) == 0, whole), else_=ours)
    for whole, ours in ((_p.first_order_day, _l.first_ours_day), (_p.last_order_day, _l.last_ours_day))
)

COLUMNS: dict[str, AskColumn] = {
    column.name: column
    for column in (
        AskColumn("orders", "number", _plain(_ours(_p.n_orders, _l.n_elsewhere))),
        AskColumn("order_days", "number", _plain(_ours(_p.n_order_days, _l.days_elsewhere))),
        AskColumn("spent", "number", _plain(_ours(_p.spend, _l.spend_elsewhere) / sa.literal(float(_AMOUNT)))),
        AskColumn("currency", "text", lambda _: _currency()),
        AskColumn("returns", "number", _plain(_ours(_p.n_returns, _l.returns_elsewhere))),
        AskColumn("since_order", "days", _ago(_last)),
        AskColumn("tenure", "days", _ago(_first)),
        AskColumn("first_order", "day", _day(_first)),
        AskColumn("last_order", "day", _day(_last)),
        AskColumn("since_seen", "days", _ago(_p.last_day)),
        AskColumn("first_seen", "day", _day(_p.first_day)),
        AskColumn("last_seen", "day", _day(_p.last_day)),
        AskColumn("active_days", "number", _plain(_p.n_days)),
        AskColumn("posts", "number", _plain(_p.n_said)),
        AskColumn("negative", "number", _plain(_p.n_negative)),
        AskColumn("positive", "number", _plain(_p.n_positive)),
        AskColumn("contacts", "number", _plain(_p.n_contacts)),
        AskColumn("answers", "number", _plain(_p.n_answers)),
        AskColumn("accounts", "number", _plain(_p.n_actors)),
        AskColumn("loyalty", "choice", _plain(_l.state), STATES),
        AskColumn("main_brand", "text", _plain(_l.brand)),
        AskColumn("brands", "number", _plain(_l.n_brands)),
        AskColumn("next_with_us", "share", _plain(_l.p_ours)),
        AskColumn("on_promotion", "share", _plain(_l.p_promotion)),
        AskColumn("usual_gap", "days", _plain(_l.gap_days)),
        AskColumn("kind", "choice", _plain(_v.kind), _KINDS),
        AskColumn("recency", "number", _plain(_v.recent_fifth)),
        AskColumn("frequency", "number", _plain(_v.often_fifth)),
        AskColumn("money", "number", _plain(_v.much_fifth)),
        AskColumn("value", "number", _plain(_v.clv)),
        AskColumn("still_customer", "share", _plain(_v.p_alive)),
        AskColumn("buys_again", "share", _plain(_v.p_again)),
        AskColumn("overlooked", "choice", lambda _: sa.case((_v.is_overlooked.is_(True), "yes"), else_="no"), _YES),
    )
}
