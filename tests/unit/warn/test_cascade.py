"""A cascade in five sums: any order, exactly taken back; and it says plainly when it feeds itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.warn.carriers import brought_by
from gehoor.warn.cascade import Cascade

MINUTE = 60_000_000
moments = st.lists(st.integers(0, 600 * MINUTE), min_size=1, max_size=40)


def cascade_of(at: list[int]) -> Cascade:
    cascade = Cascade()
    for one in at:
        cascade.add(one)
    return cascade


@given(at=moments, order=st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(at: list[int], order: object) -> None:
    mixed = at.copy()
    order.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis' own
    one, other = cascade_of(sorted(at)), cascade_of(mixed)
    assert (one.n, one.began, one.last) == (other.n, other.began, other.last)
    assert one.sums == pytest.approx(other.sums, rel=1e-9, abs=1e-12)


@given(at=moments, extra=moments)
def test_what_is_taken_back_was_never_there(at: list[int], extra: list[int]) -> None:
    cascade = cascade_of([*at, *extra])
    for one in extra:
        cascade.remove(one)
    alone = cascade_of(at)
    now = max(at + extra)
    assert cascade.n == alone.n
    assert cascade.outlook(now, 0.5).contagion == pytest.approx(
        Cascade(alone.n, cascade.began, alone.last, alone.sums).outlook(now, 0.5).contagion, rel=1e-6, abs=1e-6
    )


@given(at=moments, other=moments)
def test_two_that_become_one_are_as_if_they_always_were(at: list[int], other: list[int]) -> None:
    merged = cascade_of(at)
    merged.merge(cascade_of(other))
    whole = cascade_of([*at, *other])
    assert (merged.n, merged.began, merged.last) == (whole.n, whole.began, whole.last)
    assert merged.sums == pytest.approx(whole.sums, rel=1e-9, abs=1e-12)


@given(at=moments, usual=st.floats(0, 0.95), wait=st.integers(0, 5_000))
def test_expectation_lies_in_its_interval_and_never_under_what_is_there(at: list[int], usual: float, wait: int) -> None:
    look = cascade_of(at).outlook(max(at) + wait * MINUTE, usual)
    assert len(at) <= look.expected_low <= look.expected
    assert look.expected_high is None or look.expected <= look.expected_high
    assert look.is_supercritical == (look.expected_high is None)


def test_more_by_the_minute_feeds_itself_and_has_no_end_in_sight() -> None:
    at = [round(minute * MINUTE) for minute in np.log2(np.arange(1, 600)) * 4]
    look = cascade_of(at).outlook(at[-1], 0.3)
    assert look.is_supercritical
    assert look.expected_high is None
    assert look.doubling_s is not None and look.doubling_s < 1_800


def test_three_posts_prove_nothing() -> None:
    look = cascade_of([0, MINUTE, 2 * MINUTE]).outlook(3 * MINUTE, 0.3)
    assert not look.is_supercritical


def test_what_fell_silent_hardly_grows() -> None:
    at = [minute * MINUTE for minute in range(50)]
    look = cascade_of(at).outlook(at[-1] + 2_880 * MINUTE, 0.3)
    assert look.expected == pytest.approx(50, abs=1)
    assert look.doubling_s is None


@given(
    waits=st.lists(st.floats(0, 3_000), min_size=1, max_size=60),
    parents=st.lists(st.integers(-1, 60), min_size=60, max_size=60),
)
def test_what_carriers_brought_adds_up(waits: list[float], parents: list[int]) -> None:
    minutes = np.cumsum([0.0, *waits])
    parent = np.array([-1, *(min(one, place) for place, one in enumerate(parents[: len(waits)]))])
    brought = brought_by(minutes, parent)
    assert brought[0] == pytest.approx(len(waits))
    assert (brought >= 0).all()
    assert (brought <= len(waits) - np.arange(len(brought)) + 1e-9).all()


def test_many_posts_at_once_are_the_same_cascade_as_one_by_one() -> None:
    moments = np.random.default_rng(3).integers(0, 3_600_000_000, 200)
    one_by_one = Cascade()
    for at in sorted(moments.tolist()):
        one_by_one.add(at)
    at_once = Cascade.of(moments)
    assert (at_once.n, at_once.began, at_once.last) == (200, one_by_one.began, one_by_one.last)
    np.testing.assert_allclose(at_once.sums, one_by_one.sums)
