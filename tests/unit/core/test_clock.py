"""The clocks."""

import math
import time

import pytest

from gehoor.core.clock import SECOND_US, ReplayClock
from gehoor.core.errors import SettingError
from tests.cast import NOON


def test_a_replay_clock_runs_as_fast_as_it_is_told() -> None:
    clock = ReplayClock(NOON, 3_600.0)
    time.sleep(0.02)
    assert 60 * SECOND_US < clock.now() - NOON < 3_600 * 30 * SECOND_US


def test_a_change_of_speed_does_not_move_the_clock() -> None:
    clock = ReplayClock(NOON, 1e-3)
    clock.speed = 2e-3
    assert clock.speed == 2e-3
    assert 0 <= clock.now() - NOON < SECOND_US


def test_a_clock_without_a_pace_of_its_own_stands_still_until_it_is_moved() -> None:
    clock = ReplayClock(NOON, math.inf)
    assert clock.now() == NOON
    clock.reach(NOON + 7)
    assert clock.now() == NOON + 7
    assert clock.seconds_until(NOON + 10**9) == 0.0


def test_a_clock_never_goes_back() -> None:
    clock = ReplayClock(NOON, math.inf)
    clock.reach(NOON - 7)
    assert clock.now() == NOON


def test_a_clock_says_how_long_to_wait() -> None:
    clock = ReplayClock(NOON, 60.0)
    assert 59.0 < clock.seconds_until(NOON + 3_600 * SECOND_US) <= 60.0
    assert clock.seconds_until(NOON - 1) == 0.0


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_a_speed_that_gets_nowhere_is_refused(speed: float) -> None:
    with pytest.raises(SettingError, match="above 0"):
        ReplayClock(NOON, speed)
