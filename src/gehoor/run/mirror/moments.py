"""Moments and renewals beside the curve: how many times as much there was as the weeks before let expect."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import numpy as np

from gehoor.core.mirror_change import Lift, Renewed
from gehoor.core.mirror_reader import Moment, RenewalRow, iso_day
from gehoor.mirror.base import Bools, Floats, Reading
from gehoor.mirror.false_discovery import discoveries
from gehoor.mirror.moments import lift
from gehoor.run.mirror.counts import p_of
from gehoor.run.mirror.heard import local_days
from gehoor.run.mirror.indices import figure
from gehoor.run.mirror.live import is_short
from gehoor.run.mirror.year import YEAR

__all__ = ["came_of", "lifts"]

_RATE = 0.1
_SINCE = 28
"""Days after a renewal in which something comes of it."""


def lifts(
    moments: Sequence[Moment], series: Floats, days: tuple[int, ZoneInfo], now: int, finely: Callable[[Moment], Reading]
) -> list[Lift]:
    """Return what moments brought, oldest first: by day, and by the minute what is shorter than one.

    Parameters
    ----------
    moments : sequence of Moment
        That touch the year.
    series : array, shape (YEAR,)
        Counts a day up to and with the last.
    days : (int, ZoneInfo)
        The last day, and the zone in which days begin.
    now : int
        Microseconds UTC: a moment that goes on is live.
    finely : callable
        How what is shorter than a day is read: `live.lift_to_the_minute`.
    """
    places = [_places(one, *days) for one in moments]
    found = [
        finely(one) if is_short(one) else lift(series, *mine, _others(places, place))
        for place, (one, mine) in enumerate(zip(moments, places, strict=True))
    ]
    real = discoveries(np.array([p_of(one) for one in found]), _RATE)
    return [
        Lift(
            moment=one.id, name=one.name, kind=one.kind, since=one.since, until=one.until, lift=figure(reading),
            is_real=bool(is_real), is_live=one.since <= now < one.until,
        )
        for one, reading, is_real in zip(moments, found, real, strict=True)
    ]  # fmt: skip


def _places(one: Moment, last: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return the days of a moment as places in the year; it ends today where it goes on."""
    first, final = local_days(np.array([one.since, max(one.since, one.until - 1)]), zone).tolist()
    start = min(max(0, first - last + YEAR - 1), YEAR - 1)
    return start, min(YEAR, max(start + 1, final - last + YEAR))


def _others(places: Sequence[tuple[int, int]], mine: int) -> Bools:
    taken = np.zeros(YEAR, np.bool_)
    for place, (start, end) in enumerate(places):
        if place != mine:
            taken[start:end] = True
    return taken


def came_of(log: Sequence[RenewalRow], series: Floats, last: int) -> list[Renewed]:
    """Return the innovation log with what came of each line: of the 28 days since, beside the weeks before."""
    found = []
    for one in log:
        start = one.day - last + YEAR - 1
        reading: Reading | None = lift(series, start, start + _SINCE) if start >= 0 and start + _SINCE <= YEAR else None
        found.append(
            Renewed(
                id=one.id, day=iso_day(one.day), kind=one.kind, name=one.name, note=one.note,
                lift=figure(reading) if reading is not None else None,
            )
        )  # fmt: skip
    return found
