"""The curve of a page: how many in each step, and what was to be expected, if there is enough past to say so."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from gehoor.core.clock import SECOND_US
from gehoor.core.reader import Cell
from gehoor.web.period import Period, midnight

__all__ = ["ENOUGH_DAYS", "PAST_DAYS", "Expected", "Point", "curve_of", "expected_of"]

PAST_DAYS = 28
ENOUGH_DAYS = 14
_LOW, _HIGH = 5, 95
_MOST_POINTS = 2_000
_ROLLING_S = 600
_MINUTE_US = 60 * SECOND_US


class Point(msgspec.Struct, frozen=True):
    """One step of the curve: how many from `at` until `until`, microseconds UTC.

    A step that is still running is not comparable with its neighbours, and would look like a fall: it is not drawn.
    """

    at: int
    until: int
    n: int
    is_running: bool = False


class Expected(msgspec.Struct, frozen=True):
    """What days of the past make likely, nine times in ten.

    Attributes
    ----------
    hours : list of (float, float)
        For each hour of the day the low and the high number of posts an hour.
    so_far : (float, float)
        From midnight until now.
    n_days : int
        How many days it rests on.
    """

    hours: list[tuple[float, float]]
    so_far: tuple[float, float]
    n_days: int

    def within(self, hour: int, step_s: int) -> tuple[float, float]:
        """Return the low and the high of one step of the curve in that hour of the day."""
        low, high = self.hours[hour]
        return low * step_s / 3600, high * step_s / 3600


def curve_of(cells: Sequence[Cell], period: Period, now: int, zone: ZoneInfo) -> list[Point]:
    """Return every step of the period up to `now`, those with nothing too; nothing is drawn that is yet to come.

    By ten minutes the last point is the ten minutes up to now, so that the curve moves with every post.
    """
    counted: Counter[int] = Counter()
    end = min(now, period.until)
    edges = _edges(period, end, zone)
    starts = np.array(edges[:-1], np.int64)
    for cell in cells:
        if cell.at is not None and period.since <= cell.at < edges[-1]:
            counted[int(np.searchsorted(starts, cell.at, "right")) - 1] += cell.n
    points = [Point(at, until, counted[i], until > now) for i, (at, until) in enumerate(pairwise(edges))]
    if period.step_s == _ROLLING_S and points[-1].is_running and end - period.since > _ROLLING_S * SECOND_US:
        points.append(_rolling(cells, end))
    return points


def _rolling(cells: Sequence[Cell], end: int) -> Point:
    """The ten minutes up to the end of the minute that `end` is in."""
    until = -(-end // _MINUTE_US) * _MINUTE_US
    since = until - _ROLLING_S * SECOND_US
    return Point(since, until, sum(cell.n for cell in cells if cell.at is not None and since <= cell.at < until))


def _edges(period: Period, end: int, zone: ZoneInfo) -> list[int]:
    """Borders of the steps; days are the workspace's own, also when the clock changes."""
    if period.step_s < 86_400:
        step = period.step_s * SECOND_US
        n = max(1, -(-(end - period.since) // step))
        return [period.since + i * step for i in range(n + 1)]
    first = datetime.fromtimestamp(period.since / SECOND_US, UTC).astimezone(zone).date()
    n_days = max(1, round((end - period.since) / SECOND_US / 86_400 + 0.49))
    stride = -(-n_days // _MOST_POINTS)
    return [midnight(first + timedelta(days=i), zone) for i in range(0, n_days + stride, stride)]


def expected_of(cells: Iterable[Cell], since: int, now: int, zone: ZoneInfo) -> Expected | None:
    """Return what the days before `since` (midnight) make likely; None when fewer than `ENOUGH_DAYS` have anything.

    Parameters
    ----------
    cells : iterable of Cell
        Counts an hour of the `PAST_DAYS` before.
    since, now : int
        Midnight of the day that is looked at, and the moment up to which it has been heard.
    """
    today = datetime.fromtimestamp(since / SECOND_US, UTC).astimezone(zone).date()
    days = np.zeros((PAST_DAYS, 24))
    for cell in cells:
        when = datetime.fromtimestamp((cell.at or 0) / SECOND_US, UTC).astimezone(zone)
        age = (today - when.date()).days
        if 1 <= age <= PAST_DAYS:
            days[age - 1, when.hour] += cell.n
    days = days[days.any(axis=1)]
    if len(days) < ENOUGH_DAYS:
        return None
    share = (now - since) / SECOND_US / 3600 - np.arange(24)
    hours = [_range(days[:, hour]) for hour in range(24)]
    return Expected(hours, _range(days @ np.clip(share, 0, 1)), len(days))


def _range(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(values, [_LOW, _HIGH])
    return float(low), float(high)
