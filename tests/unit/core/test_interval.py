"""A counted share knows how sure it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.interval import share_of


@pytest.mark.parametrize(
    ("n_right", "n", "low", "high"),
    [(24, 30, 0.6269, 0.9049), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (240, 300, 0.7511, 0.8413)],
)
def test_the_interval_is_wilsons(n_right: int, n: int, low: float, high: float) -> None:
    share = share_of(n_right, n)
    assert (round(share.low, 4), round(share.high, 4)) == (low, high)


def test_of_nothing_nothing_is_known() -> None:
    share = share_of(0, 0)
    assert (share.p, share.low, share.high) == (0.0, 0.0, 1.0)


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_within_its_interval_and_that_within_nought_and_one(pair: tuple[int, int]) -> None:
    share = share_of(*pair)
    assert 0 <= share.low <= share.p + 1e-12
    assert share.p - 1e-12 <= share.high <= 1
