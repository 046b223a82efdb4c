"""How soon people hear from us: who waits counts, and no order of looking matters."""

from hypothesis import given
from hypothesis import strategies as st

from gehoor.answer.figures import reply_quantile, reply_times

WAITS = st.lists(st.floats(0, 1e6), max_size=30)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_where_nobody_waits_it_is_the_plain_quantile(answered: list[float]) -> None:
    half = reply_quantile(answered, [], 0.5)
    assert half == sorted(answered)[(len(answered) + 1) // 2 - 1]


@given(WAITS, WAITS)
def test_leaving_people_waiting_never_looks_faster(answered: list[float], waiting: list[float]) -> None:
    longest = max([0.0, *answered, *waiting])
    before, after = (reply_quantile(answered, more, 0.5) for more in (waiting, [*waiting, longest]))
    assert after is None or (before is not None and before <= after)


@given(WAITS, WAITS)
def test_nine_in_ten_take_no_less_than_half(answered: list[float], waiting: list[float]) -> None:
    found = reply_times(answered, waiting)
    assert found.p90_s is None or (found.p50_s is not None and found.p50_s <= found.p90_s)
    assert (found.n, found.n_waiting) == (len(answered) + len(waiting), len(waiting))
