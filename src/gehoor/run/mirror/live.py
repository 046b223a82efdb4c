"""Moments shorter than a day, to the minute: what they bring beside the same minutes of the weeks before."""

from collections.abc import Sequence

import numpy as np

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.mirror_change import Lift
from gehoor.core.mirror_figure import Figure
from gehoor.core.mirror_reader import MirrorReader, Moment
from gehoor.core.reader import Reader
from gehoor.mirror.base import Reading
from gehoor.mirror.moments import lift_of

__all__ = ["is_short", "lift_to_the_minute", "live_moments"]

_WEEKS, _WEEK_US, _MINUTE_US = 8, 7 * DAY_US, 60 * SECOND_US


def is_short(moment: Moment) -> bool:
    """Tell whether a day is too long to see it in."""
    return moment.until - moment.since < DAY_US


def lift_to_the_minute(reader: Reader, moment: Moment, others: Sequence[Moment], now: int) -> Reading:
    """Return what a moment brings, up to now where it goes on; weeks that hold another moment are left out.

    Cost: nine look-ups in the roll-ups, 1 ms each.
    """
    since, until = moment.since // _MINUTE_US * _MINUTE_US, min(moment.until, now) // _MINUTE_US * _MINUTE_US
    heard = reader.period()

    def said(back: int) -> float:
        cells = reader.counts(resolution=60, since=since - back, until=until - back, brand=moment.brand)
        return float(sum(cell.n for cell in cells))

    def is_quiet(back: int) -> bool:
        return (
            heard is not None
            and since - back >= heard[0]
            and not any(one.id != moment.id and one.since < until - back and one.until > since - back for one in others)
        )

    weeks = [said(back) for back in range(_WEEK_US, (_WEEKS + 1) * _WEEK_US, _WEEK_US) if is_quiet(back)]
    return lift_of(said(0) if until > since else 0.0, np.array(weeks))


def _edges(reading: Reading) -> tuple[float, float, float]:
    return reading.value, reading.low, reading.high


def live_moments(reader: Reader, now: int, brand: str = "") -> list[Lift]:
    """Return what goes on now, each with its lift so far; of a whole day or more the edition tells."""
    every = MirrorReader(reader).moments(now - (_WEEKS + 1) * _WEEK_US, now + 1, brand)
    found = []
    for one in every:
        if not (is_short(one) and one.since <= now < one.until):
            continue
        reading = lift_to_the_minute(reader, one, every, now)
        value, low, high = (float(edge) if np.isfinite(edge) else None for edge in _edges(reading))
        lift = Figure(value=value, low=low, high=high, unit="times")
        found.append(Lift(moment=one.id, name=one.name, kind=one.kind, since=one.since, until=one.until, lift=lift,
                          is_real=low is not None and (low > 1 or (high or 0) < 1), is_live=True))  # fmt: skip
    return found
