"""What is normal for an hour of the week: a factor for each of its 168 hours, per series."""

import numpy as np

from gehoor.warn.base import Floats

__all__ = ["Profile"]

_WEEK_H, _DAY_H = 168, 24
_MONDAY_H = 72  # 1970 began on a Thursday
_LEVEL_H = 72.0
_SAME_DAY, _OTHER_DAYS, _SECOND_DAY = 0.3, 0.08, 0.25
_PSEUDO = 4.0


class Profile:
    """Learns from whole hours; knows nothing of a series until its first hour is over.

    The level has a half-life of three days. An hour teaches its own hour of the week, and a little the same hour of the
    other days, so that a daily rhythm is there after two days and a weekly one after some weeks. An hour counts for at
    most four times what was expected: a storm is no new normal.

    Parameters
    ----------
    n : int
        Number of series.
    """

    FIELDS = ("level", "factor", "hours")

    def __init__(self, n: int) -> None:
        self.level = np.zeros(n)
        self.factor = np.ones((_WEEK_H, n), np.float32)
        self.hours = np.zeros(n)

    def learn(self, counts: Floats, n_buckets: float, hour: int) -> Floats:
        """Take in an hour: its counts, how many buckets of it were seen, and its number since 1970.

        Returns
        -------
        change : float64, shape (n,)
            By how much the factor of that hour was multiplied.
        """
        week_hour = (hour + _MONDAY_H) % _WEEK_H
        is_new = self.hours == 0
        before = self.factor[week_hour].astype(np.float64)
        rate = counts / n_buckets
        rate = np.where(is_new, rate, np.minimum(rate, 4 * self.level * before + _PSEUDO / n_buckets))
        share = np.maximum(1 - 0.5 ** (1 / _LEVEL_H), 1 / (self.hours + 1))
        found = np.where(is_new, rate, rate / np.maximum(before, 0.2))
        self.level = self.level + share * (found - self.level)
        self._teach((rate * n_buckets + _PSEUDO) / (self.level * n_buckets + _PSEUDO), week_hour)
        self.hours = self.hours + 1
        return np.asarray(self.factor[week_hour] / before)

    def _teach(self, found: Floats, week_hour: int) -> None:
        days, (day, hour) = self.factor.reshape(7, _DAY_H, -1), divmod(week_hour, _DAY_H)
        share = np.full((7, len(found)), _OTHER_DAYS, np.float32)
        share[day] = _SAME_DAY
        share[:, self.hours < 2 * _DAY_H] = _SECOND_DAY
        share[:, self.hours < _DAY_H] = 0.0
        days[:, hour] += share * (found.astype(np.float32) - days[:, hour])

    def rhythm(self, at: float) -> Floats:
        """Return the factors of a moment (seconds since 1970), shape (n,); from hour to hour smoothly."""
        place = at / 3600 - 0.5 + _MONDAY_H
        first = int(np.floor(place))
        part = np.float32(place - first)
        factor = (1 - part) * self.factor[first % _WEEK_H] + part * self.factor[(first + 1) % _WEEK_H]
        return np.asarray(factor, np.float64)
