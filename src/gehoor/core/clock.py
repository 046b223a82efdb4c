"""Time is passed in: every part asks a `Clock`, tests hold it still, a replay runs it at its own speed."""

import math
import multiprocessing as mp
import time
from typing import Protocol

from gehoor.core.errors import SettingError

__all__ = ["DAY_US", "SECOND_US", "Clock", "ReplayClock", "StillClock", "SystemClock"]

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> int:
        """Return microseconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's clock, UTC."""

    def now(self) -> int:
        """Return microseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns() // 1_000


class StillClock:
    """A clock that stands still until it is moved; for tests.

    Examples
    --------
    >>> clock = StillClock(1_000_000)
    >>> clock.advance(2.5)
    >>> clock.now()
    3500000
    """

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        """Return the moment at which the clock was put."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds`."""
        self._now += round(seconds * SECOND_US)


class ReplayClock:
    """A clock that lives a past again: starts at `origin` and runs `speed` times as fast as the wall.

    Parameters
    ----------
    origin : int
        The moment to start from, microseconds UTC.
    speed : float
        Seconds of the past in one second now, > 0; `inf`: it stands still, and whoever lives the past moves it on with
        `reach`, as fast as it can be taken in.

    Notes
    -----
    It runs on the monotonic clock, so that a step of the machine's clock does not tear the past, and never goes back.
    Processes that are started with it share it: what one of them sets, all of them see.

    Examples
    --------
    >>> clock = ReplayClock(1_000_000, float("inf"))
    >>> clock.reach(5_000_000)
    >>> clock.now()
    5000000
    """

    def __init__(self, origin: int, speed: float) -> None:
        # origin in us, when we started from it in monotonic ns, speed; a double is exact up to the year 2255
        self._state = mp.get_context("spawn").Array("d", [origin, time.monotonic_ns(), _positive(speed)])

    @property
    def speed(self) -> float:
        """Seconds of the past in one second now."""
        return float(self._state[2])

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._state.get_lock():
            self._state[:] = [self.now(), time.monotonic_ns(), _positive(speed)]

    def now(self) -> int:
        """Return the moment in the past that is lived again, microseconds UTC."""
        origin, start, speed = self._state[:]
        return int(origin) if math.isinf(speed) else int(origin + (time.monotonic_ns() - start) / 1_000 * speed)

    def reach(self, moment: int) -> None:
        """Go on from `moment`, if it is still to come."""
        with self._state.get_lock():
            if moment > self.now():
                self._state[:] = [moment, time.monotonic_ns(), self.speed]

    def seconds_until(self, moment: int) -> float:
        """Return how many seconds of the wall it takes to get there; 0 when it is past, or when it stands still."""
        return 0.0 if math.isinf(self.speed) else max(0.0, (moment - self.now()) / SECOND_US / self.speed)


def _positive(speed: float) -> float:
    if not speed > 0:
        raise SettingError(f"A speed of {speed} does not get anywhere: give a number above 0, or inf.")
    return speed
