"""In which order, and at which moment, a file's past is lived again."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import SECOND_US
from gehoor.run.replay import source_name
from gehoor.run.story import story_moments
from tests.cast import NOON

HOUR_US = 3_600 * SECOND_US


def test_a_file_in_order_keeps_its_order() -> None:
    order, moments = story_moments(np.array([NOON, NOON + 1, NOON + 5]))
    assert order.tolist() == [0, 1, 2]
    assert moments.tolist() == [NOON, NOON + 1, NOON + 5]


def test_a_line_without_a_moment_is_told_with_the_one_before_it() -> None:
    _, moments = story_moments(np.array([0, NOON, 0, NOON + 5]))
    assert moments.tolist() == [NOON, NOON, NOON, NOON + 5]


def test_a_late_arrival_stays_late() -> None:
    published = NOON + np.arange(200) * SECOND_US
    published[150] -= 30 * HOUR_US
    order, moments = story_moments(published)
    assert order.tolist() == list(range(200))
    assert moments[150] == published[149]


def test_an_export_with_the_newest_first_is_told_from_the_oldest_on() -> None:
    published = NOON + np.arange(100)[::-1] * HOUR_US
    order, moments = story_moments(published)
    assert order.tolist() == list(range(99, -1, -1))
    assert moments.tolist() == sorted(published.tolist())


def test_one_moment_far_in_the_future_does_not_carry_the_others_along() -> None:
    published = NOON + np.arange(100) * SECOND_US
    published[0] = NOON + 50 * 365 * 24 * HOUR_US
    order, moments = story_moments(published)
    assert order[-1] == 0
    assert moments[0] == published[1]


@given(st.lists(st.integers(min_value=0, max_value=10**15), max_size=60))
def test_every_line_is_told_once_and_time_never_goes_back(published: list[int]) -> None:
    order, moments = story_moments(np.array(published, np.int64))
    assert sorted(order.tolist()) == list(range(len(published)))
    assert (np.diff(moments) >= 0).all()


def test_a_source_has_a_name_that_settings_allow() -> None:
    assert source_name(_path("Mijn berichten (3).csv.gz")) == "replay-Mijn-berichten-3"
    assert source_name(_path("...")) == "replay"
    assert len(source_name(_path("x" * 300))) <= 64


def _path(name: str) -> Path:
    return Path(name)
