"""The days of the story: what hour it is there, and how much of a day's talk or trade falls into each hour."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from gehoor.core.clock import SECOND_US
from gehoor.run.simulate.scenario import AFTER_DAYS

__all__ = ["Days", "scatter"]

Floats = npt.NDArray[np.float64]

_ZONE = ZoneInfo("Europe/Amsterdam")
# posts an hour, by hour of the day: people sleep, commute, have lunch and a sofa
_TALK = (8, 4, 3, 3, 7, 20, 38, 56, 60, 54, 48, 48, 58, 52, 46, 46, 52, 60, 64, 68, 72, 62, 44, 20)
_TRADE = (6, 2, 1, 1, 1, 4, 12, 26, 40, 52, 56, 54, 60, 56, 50, 46, 44, 42, 50, 70, 88, 80, 48, 18)
# Monday to Sunday
_TALK_WEEK = (1.06, 1.0, 0.96, 1.0, 1.14, 0.84, 0.94)
_TRADE_WEEK = (1.10, 1.04, 1.0, 0.98, 0.88, 0.82, 1.18)
# days from the ash cloud: the spring half-term, Easter Sunday and Monday
_HOLIDAYS = {**dict.fromkeys(range(-52, -43), 1.28), -9: 0.7, -8: 0.85}


class Days:
    """A calendar whose hours run from midnight of its first day in Amsterdam.

    Parameters
    ----------
    start : date
        The first day.
    n_days : int
        Ordinary days; the day after them is that of the ash cloud.

    Examples
    --------
    >>> days = Days(date(2026, 1, 20), 84)
    >>> days.storm / 24, days.clock(days.storm + 6.5)
    (84.0, (1, 6.5))
    """

    def __init__(self, start: date, n_days: int) -> None:
        self.start = start
        self.n_days = n_days
        self.storm = 24.0 * n_days
        self.n_hours = 24 * (n_days + AFTER_DAYS)
        # one more than there are, so that the last hours have a midnight to run to
        dates = [start + timedelta(days=day) for day in range(n_days + AFTER_DAYS + 1)]
        self._midnights = [
            round(datetime(day.year, day.month, day.day, tzinfo=_ZONE).timestamp()) * SECOND_US for day in dates
        ]

    def moment(self, at: float) -> int:
        """Return an hour of the story as microseconds UTC; a day of 23 hours runs a little faster."""
        day = min(max(int(at // 24), 0), len(self._midnights) - 2)
        midnight = self._midnights[day]
        return midnight + round((at / 24 - day) * (self._midnights[day + 1] - midnight))

    def clock(self, at: float) -> tuple[int, float]:
        """Return the day of the week (Monday is 0) and the hour of that day."""
        day = int(at // 24)
        return (self.start.weekday() + day) % 7, at - 24 * day

    def date(self, at: float) -> date:
        """Return the date."""
        return self.start + timedelta(days=int(at // 24))

    def talk(self) -> Floats:
        """Return the weight of each hour of the story for what people say; an ordinary Tuesday sums to 1."""
        return self._weights(_TALK, _TALK_WEEK)

    def trade(self) -> Floats:
        """Return the weight of each hour for what people buy; an ordinary Tuesday sums to about 1."""
        return self._weights(_TRADE, _TRADE_WEEK)

    def _weights(self, hours: tuple[int, ...], week: tuple[float, ...]) -> Floats:
        n = self.n_hours // 24
        first = self.start.weekday()
        of_day = [week[(first + day) % 7] * _HOLIDAYS.get(day - self.n_days, 1.0) for day in range(n)]
        one = np.array(hours, np.float64)
        return np.outer(of_day, one / one.sum()).ravel()


def scatter(rng: np.random.Generator, weights: Floats, total: float) -> list[float]:
    """Return moments in hours, rising: a Poisson number in each hour of the story, `total` where a weight is 1."""
    counts = rng.poisson(weights * total)
    moments = np.repeat(np.arange(len(weights)), counts) + rng.random(int(counts.sum()))
    return [float(at) for at in np.sort(moments)]
