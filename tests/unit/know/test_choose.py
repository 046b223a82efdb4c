"""Which model is believed, and what is held out to decide that."""

import numpy as np

from gehoor.know.checks import some_orders
from gehoor.know.choose import MODELS, choose, held_out


def test_held_out_days_are_not_seen_and_counted_once_a_day() -> None:
    customer, day = some_orders(400)
    seen = held_out(customer, day, 300, 90)
    assert seen is not None
    histories, actual, days = seen
    assert days == 90
    assert histories.T.max() * 7 <= 210
    known = np.unique(customer[day <= 210])
    expected = [len(np.unique(day[(customer == who) & (day > 210)])) for who in known]
    assert actual.tolist() == expected


def test_at_most_half_of_what_is_known_is_held_out() -> None:
    seen = held_out(*some_orders(400), 300, 3_000)
    assert seen is not None
    assert seen[2] == 150


def test_too_little_holds_nothing_out_and_the_default_stands() -> None:
    choice = choose(*some_orders(60), 300, 90)
    assert (choice.name, choice.held_out_days, choice.judged) == (next(iter(MODELS)), 0, ())


def test_every_model_is_judged_beside_recency_alone() -> None:
    choice = choose(*some_orders(300), 300, 90)
    assert [one.name for one in choice.judged] == [*MODELS, "recency"]
    assert choice.name in MODELS
    assert choice.customers == 300
