"""Histories of customers: counted by hand, and put together without loss."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.know.rfm import Histories, quintiles

ORDERS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), min_size=1, max_size=80)


@settings(max_examples=60, deadline=None)
@given(ORDERS)
def test_histories_are_those_counted_by_hand(orders: list[tuple[int, int]]) -> None:
    days: dict[int, set[int]] = {}
    for who, day in orders:
        days.setdefault(who, set()).add(day)
    number = {who: place for place, who in enumerate(sorted(days))}
    customer = np.array([number[who] for who, _ in orders])
    seen = Histories.of(customer, np.array([day for _, day in orders]), 60)
    for who, place in number.items():
        mine = sorted(days[who])
        assert seen.frequency[place] == len(mine) - 1
        assert round(seen.recency[place] * 7) == mine[-1] - mine[0]
        assert round(seen.T[place] * 7) == 60 - mine[0]
        assert seen.silence_days[place] == 60 - mine[-1]
        gaps = sorted(later - earlier for earlier, later in pairwise(mine))
        row = seen.gaps[[place]].toarray()[0]
        assert np.repeat(np.arange(len(row)), row.astype(int)).tolist() == gaps


@settings(max_examples=60, deadline=None)
@given(ORDERS)
def test_customers_that_are_put_together_are_alike_and_all_counted(orders: list[tuple[int, int]]) -> None:
    customer = np.unique([who for who, _ in orders], return_inverse=True)[1]
    seen = Histories.of(customer, np.array([day for _, day in orders]), 60)
    rows, place = seen.grouped()
    assert rows.n.sum() == len(seen.n)
    for whole, part in ((seen.frequency, rows.frequency), (seen.recency, rows.recency), (seen.T, rows.T)):
        assert np.array_equal(whole, part[place])
    alike, place = seen.alike()
    assert alike.n.sum() == len(seen.n)
    assert np.array_equal(seen.silence_days, alike.silence_days[place])
    assert (seen.gaps != alike.gaps[place]).nnz == 0


def test_orders_after_the_last_day_are_not_seen() -> None:
    seen = Histories.of(np.array([0, 0]), np.array([3, 11]), 10)
    assert (seen.frequency.tolist(), seen.silence_days.tolist()) == ([0.0], [7])


def test_fifths_hold_a_fifth_each() -> None:
    assert np.bincount(quintiles(np.arange(100.0)))[1:].tolist() == [20] * 5
