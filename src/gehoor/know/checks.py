"""What every purchase model must pass, ours and others'. Each check raises `ContractError` and says what is wrong."""

from collections.abc import Callable

import numpy as np

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats, Ints
from gehoor.know.choose import PurchaseModelKind
from gehoor.know.outlook import Outlook
from gehoor.know.rfm import Histories

__all__ = ["CHECKS", "some_orders"]

_UNTIL = 300
_WEEKS = 26.0


def some_orders(n: int, seed: int = 7) -> tuple[Ints, Ints]:
    """Return customer and day of the orders of n customers who order at random and leave; always the same.

    They come in the first hundred days; the last day that is known is 300.
    """
    rng = np.random.default_rng(seed)
    rate, leaves = rng.gamma(0.6, 1 / 60, n), rng.gamma(0.8, 1 / 90, n)
    first = rng.integers(0, 100, n)
    ends = np.minimum(_UNTIL, first + rng.exponential(1 / leaves))
    more = rng.poisson(rate * (ends - first))
    who = np.repeat(np.arange(n), more)
    day = first[who] + rng.random(len(who)) * (ends - first)[who]
    customer = np.concatenate([np.arange(n), who])
    return customer, np.concatenate([first, day.astype(np.int64)])


def _histories(n: int) -> Histories:
    return Histories.of(*some_orders(n), _UNTIL)


def _columns(look: Outlook) -> dict[str, Floats]:
    return {name: getattr(look, name) for name in Outlook.__dataclass_fields__}


def is_documented(kind: PurchaseModelKind) -> None:
    """Check that it says what it does."""
    if not (kind.__doc__ and kind.fit.__doc__ and kind.predict.__doc__):
        raise ContractError(f"{kind.__name__}: no docstring of the class, of fit or of predict.")


def refuses_to_predict_before_it_is_fitted(kind: PurchaseModelKind) -> None:
    """Check that it does not make something up."""
    try:
        kind(_WEEKS).predict(_histories(3))
    except ContractError:
        return
    raise ContractError(f"{kind.__name__} predicts before it is fitted.")


def gives_what_can_be(kind: PurchaseModelKind) -> None:
    """Check that probabilities lie between 0 and 1, counts are not negative, and all are numbers."""
    histories = _histories(200)
    model = kind(_WEEKS)
    if model.fit(histories) is not model:
        raise ContractError(f"{kind.__name__}: fit does not return the model.")
    look = model.predict(histories)
    _check_range(kind, look)
    low, high = look.purchases_interval()
    alive_low, alive_high = look.alive_interval()
    if (low > high).any() or (alive_low > look.p_alive).any() or (alive_high < look.p_alive).any():
        raise ContractError(f"{kind.__name__}: an interval does not hold what it is about.")
    if not (model.params_ and model.params_.keys() == model.errors_.keys()):
        raise ContractError(f"{kind.__name__}: params_ and errors_ do not name the same.")


def _check_range(kind: PurchaseModelKind, look: Outlook) -> None:
    for name, values in _columns(look).items():
        most = 1 + 1e-9 if name.startswith("p_") else np.inf
        if not (np.isfinite(values).all() and (values >= -1e-9).all() and (values <= most).all()):
            raise ContractError(f"{kind.__name__}: {name} lies between {values.min()} and {values.max()}.")


def judges_each_customer_alone(kind: PurchaseModelKind) -> None:
    """Check that who else is asked about changes nothing."""
    histories = _histories(200)
    model = kind(_WEEKS).fit(histories)
    places = np.arange(199, 0, -7)
    whole, some = _columns(model.predict(histories)), _columns(model.predict(histories.rows(places)))
    for name, values in whole.items():
        if not np.allclose(values[places], some[name], rtol=1e-9, atol=1e-9):
            raise ContractError(f"{kind.__name__}: {name} of a customer depends on who else is there.")


def learns_the_same_in_any_order(kind: PurchaseModelKind) -> None:
    """Check that the order of customers is of no concern."""
    histories = _histories(200)
    turned = histories.rows(np.arange(199, -1, -1))
    first, second = (np.array(list(kind(_WEEKS).fit(one).params_.values())) for one in (histories, turned))
    if not np.allclose(first, second, rtol=1e-3):
        raise ContractError(f"{kind.__name__} learns {first} and, from the same customers in another order, {second}.")


def says_so_when_little_is_known(kind: PurchaseModelKind) -> None:
    """Check that a single customer, nobody who came back, or all on the last day, is no error, and is said."""
    for customer, day in (([0], [_UNTIL]), ([0, 1, 2], [0, 100, 200]), ([0, 1], [_UNTIL, _UNTIL]), ([0, 0], [0, 1])):
        histories = Histories.of(np.array(customer), np.array(day), _UNTIL)
        model = kind(_WEEKS).fit(histories)
        if not model.is_pooled_:
            raise ContractError(f"{kind.__name__} claims to know enough of {len(histories.n)} customers.")
        _check_range(kind, model.predict(histories))


def bears_who_orders_every_day(kind: PurchaseModelKind) -> None:
    """Check that somebody who ordered on each day gets an outlook like any other, and a better one."""
    histories = _histories(200)
    model = kind(_WEEKS).fit(histories)
    look = model.predict(Histories.of(np.zeros(_UNTIL, np.int64), np.arange(1, _UNTIL + 1), _UNTIL))
    _check_range(kind, look)
    if not 2 * model.predict(histories).mean.mean() < look.mean[0] < 190:
        raise ContractError(f"{kind.__name__}: who ordered every day is to order {look.mean[0]:.1f} times in 182 days.")


def expects_more_of_more_weeks(kind: PurchaseModelKind) -> None:
    """Check that nobody orders less in a longer time."""
    histories = _histories(200)
    means = [kind(weeks).fit(histories).predict(histories).mean for weeks in (4.0, _WEEKS, 104.0)]
    if (means[0] > means[1]).any() or (means[1] > means[2]).any():
        raise ContractError(f"{kind.__name__} expects less of more weeks.")


CHECKS: tuple[Callable[[PurchaseModelKind], None], ...] = (
    is_documented,
    refuses_to_predict_before_it_is_fitted,
    gives_what_can_be,
    judges_each_customer_alone,
    learns_the_same_in_any_order,
    says_so_when_little_is_known,
    bears_who_orders_every_day,
    expects_more_of_more_weeks,
)
