"""Sums over persons, and how sure they are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.mirror.bootstrap import Sums, interval, times_drawn

KEYS = st.lists(st.integers(0, 2**63), unique=True, min_size=1, max_size=40)


@settings(max_examples=25)
@given(KEYS, st.integers(0, 40))
def test_sums_of_parts_in_any_order_are_those_of_all(keys: list[int], cut: int) -> None:
    persons = np.array(keys, np.uint64)
    columns = np.column_stack([persons % np.uint64(7), persons % np.uint64(3)]).astype(np.float64)
    whole = Sums.of(persons, columns)
    back = slice(None, None, -1)
    parts = Sums.of(persons[back][:cut], columns[back][:cut]) + Sums.of(persons[back][cut:], columns[back][cut:])
    assert (whole.totals == parts.totals).all()
    assert (whole.n == parts.n).all()


def test_a_person_is_drawn_by_the_law_of_poisson() -> None:
    times = times_drawn(np.arange(20_000, dtype=np.uint64)).astype(np.float64)
    assert abs(times.mean() - 1) < 0.003
    assert abs(times.var() - 1) < 0.006
    assert abs((times == 0).mean() - np.exp(-1)) < 0.002


def test_a_person_is_drawn_alike_whoever_else_is_there() -> None:
    persons = np.arange(50, dtype=np.uint64)
    assert (times_drawn(persons)[7] == times_drawn(persons[7:8])[0]).all()


def test_replicas_of_neighbours_do_not_go_together() -> None:
    times = times_drawn(np.arange(20_000, dtype=np.uint64), 8).astype(np.float64)
    assert np.abs(np.corrcoef(times.T) - np.eye(8)).max() < 0.03
    assert abs(np.corrcoef(times[:-1, 0], times[1:, 0])[0, 1]) < 0.03


def test_of_nothing_there_is_no_interval() -> None:
    assert np.isnan(interval(np.array([]))).all()
    assert np.isnan(interval(np.array([1.0, np.nan]))).all()
