"""One day of the demo, small: Tuesday 14 April 2026, with everything that people can do with posts."""

from collections.abc import Iterable
from datetime import date
from functools import cache

import msgspec

from gehoor.core.clock import DAY_US
from gehoor.core.record import Activity
from gehoor.run.simulate.scenario import Scenario
from gehoor.run.simulate.simulate import simulate
from tests.cast import NOON

__all__ = ["demo_day", "plain_lines"]

_MIDNIGHT = NOON - DAY_US * 14 // 24
_encode = msgspec.json.Encoder().encode


@cache
def demo_day() -> tuple[Activity, ...]:
    """Return what was said and done from midnight to midnight in Amsterdam, in its order."""
    scenario = Scenario(n_days=1, n_people=600, posts_a_day=900, scale=0.1)
    whole = simulate(14, date(2026, 4, 13), scenario)
    return tuple(activity for activity in whole if _MIDNIGHT <= activity.received < _MIDNIGHT + DAY_US)


def plain_lines(activities: Iterable[Activity]) -> bytes:
    """Return activities as lines in the plain form; when they were heard is for the reader to say."""
    rows = [msgspec.to_builtins(activity) for activity in activities]
    return b"\n".join(_encode({name: value for name, value in row.items() if name != "received"}) for row in rows)
