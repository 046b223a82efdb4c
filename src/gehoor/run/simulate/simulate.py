"""Tells the whole story of Noordvlucht: twelve ordinary weeks, the ash cloud, the clean-up."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from gehoor.core.record import Activity
from gehoor.run.simulate.company import tell_answers
from gehoor.run.simulate.crowd import tell_crowd
from gehoor.run.simulate.days import Days
from gehoor.run.simulate.ordinary import tell_ordinary
from gehoor.run.simulate.people import populate
from gehoor.run.simulate.regulars import tell_regulars
from gehoor.run.simulate.rings import tell_rings
from gehoor.run.simulate.scenario import Scenario
from gehoor.run.simulate.shop import tell_shop
from gehoor.run.simulate.storm import tell_episodes, tell_scenes
from gehoor.run.simulate.tale import Tale

__all__ = ["START", "simulate"]

START = date(2026, 1, 20)
"""A Tuesday, so that the ash comes on Tuesday 14 April 2026."""

_EVENING_H = 6
"""The story ends on Friday at 18:00, so that who looks on sees a day with something in it."""


def simulate(seed: int, start: date = START, scenario: Scenario | None = None) -> Iterator[Activity]:
    """Yield all that people say and do, in the order in which it happens, each heard when it happens.

    The same seed gives the same activities. `properties` holds, under `simulated`, what is true of each: who it is
    whatever the channel (`person`), `role`, `fate` of a customer, `phase` of the story, `need` with its theme, `tone`.

    Parameters
    ----------
    seed : int
        Of all chance.
    start : date
        The first day, in Amsterdam.
    scenario : Scenario, optional
        How much of everything; by default about 64,000 activities in twelve weeks and four days.

    Notes
    -----
    Cost: about 40 us an activity, and 1 kB of memory. People, places and firms are invented; every sentence was
    written for gehoor (CC0).

    Examples
    --------
    >>> story = list(simulate(14, scenario=Scenario(n_days=2, n_people=200, posts_a_day=40, scale=0.02)))
    >>> all(a.received <= b.received for a, b in zip(story, story[1:]))
    True
    """
    scenario = scenario or Scenario()
    rng = np.random.default_rng(seed)
    days = Days(start, scenario.n_days)
    tale = Tale(rng, days, populate(rng, scenario, days))
    # orders come first: people quote the number of theirs
    tell_shop(tale, scenario)
    tell_ordinary(tale, scenario)
    tell_episodes(tale, scenario)
    tell_scenes(tale, scenario)
    tell_answers(tale)
    tell_rings(tale, scenario.scale)
    tell_crowd(tale)
    tell_regulars(tale)
    until = days.moment(days.n_hours - _EVENING_H)
    tale.activities.sort(key=lambda activity: activity.received)
    yield from (activity for activity in tale.activities if activity.received < until)
