"""Time is passed in: every part asks a `Clock`, tests hold it still, a replay runs it at its own speed."""

import time
from typing import Protocol

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
        Seconds of the past in one second now. Must be > 0.

    Notes
    -----
    It runs on the monotonic clock, so that a step of the machine's clock does not tear the past.
    """

    def __init__(self, origin: int, speed: float) -> None:
        self._origin = origin
        self._speed = speed
        self._start = time.monotonic_ns()

    def now(self) -> int:
        """Return the moment in the past that is lived again, microseconds UTC."""
        return self._origin + int((time.monotonic_ns() - self._start) / 1_000 * self._speed)
