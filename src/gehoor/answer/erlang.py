"""How many people it takes: Erlang C, where everybody waits, and Erlang A, where some go away.

Erlang, A. K. (1917). Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges. Elektroteknikeren 13. Palm, C. (1957). Research on telephone traffic carried by full availability groups.
Tele 1. Garnett, O., Mandelbaum, A., Reiman, M. (2002). Designing a call center with impatient customers. Manufacturing
& Service Operations Management 4, 208-227.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from gehoor.core.errors import SettingError

__all__ = ["Goal", "Service", "Work", "people_needed", "service"]

_MOST_PEOPLE = 5_000


@dataclass(frozen=True)
class Work:
    """What comes in an hour, and how long each takes.

    Attributes
    ----------
    an_hour : float
        Arrivals.
    minutes : float
        Of one person, on average, > 0; of somebody who does three at once, a third.
    patience : float, optional
        Minutes after which people go away, on average; None: nobody does (mail).
    """

    an_hour: float
    minutes: float
    patience: float | None = None

    @property
    def load(self) -> float:
        """How many people it keeps busy."""
        return self.an_hour * self.minutes / 60


@dataclass(frozen=True)
class Service:
    """What people get: which share waits, is answered in time, or goes away; and how many minutes they wait."""

    p_wait: float
    p_in_time: float
    p_leaves: float
    mean_wait: float


@dataclass(frozen=True)
class Goal:
    """Of 100 people, `share` * 100 need not wait longer than `minutes`."""

    share: float = 0.8
    minutes: float = 60.0

    def __post_init__(self) -> None:
        if not (0 < self.share < 1 and self.minutes >= 0):
            raise SettingError("A goal is a share between 0 and 1, and minutes of 0 or more.")


def service(work: Work, people: int, in_time: float) -> Service:
    """Return what people get when so many work, once it has gone on for a while.

    Arrivals come by chance and alone; in a storm it is worse than this.

    Parameters
    ----------
    work : Work
        What there is to do.
    people : int
        How many do it, >= 0.
    in_time : float
        Minutes that count as in time. Somebody who would have waited longer is not in time, also who left.

    Examples
    --------
    >>> found = service(Work(40, 6), 5, 10)
    >>> round(found.p_wait, 3), round(found.mean_wait, 2), round(found.p_in_time, 3)
    (0.554, 3.32, 0.895)
    """
    if work.load == 0:
        return Service(0.0, 1.0, 0.0, 0.0)
    if work.patience is not None:
        return _with_impatience(work, people, in_time, work.patience)
    if people <= work.load:
        return Service(1.0, 0.0, 0.0, math.inf)
    blocked = _erlang_b(work.load, people)
    p_wait = people * blocked / (people - work.load * (1 - blocked))
    rate = (people - work.load) / work.minutes
    return Service(p_wait, 1 - p_wait * math.exp(-rate * in_time), 0.0, p_wait / rate)


def people_needed(work: Work, goal: Goal) -> int:
    """Return the least number of people with which the goal is met; `SettingError` when 5,000 are too few.

    Examples
    --------
    >>> people_needed(Work(40, 6), Goal(0.8, 10)), people_needed(Work(0, 6), Goal())
    (5, 0)
    """
    low, high = -1, 1
    while not _meets(work, high, goal):
        low, high = high, 2 * high
        if high > 2 * _MOST_PEOPLE:
            raise SettingError(
                f"{work.an_hour:.0f} an hour of {work.minutes:.0f} minutes each are too many to plan for."
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _meets(work, middle, goal) else (middle, high)
    return high


def _meets(work: Work, people: int, goal: Goal) -> bool:
    return service(work, people, goal.minutes).p_in_time >= goal.share


def _erlang_b(load: float, people: int) -> float:
    blocked = 1.0
    for busy in range(1, people + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def _with_impatience(work: Work, people: int, in_time: float, patience: float) -> Service:
    arrive, serve, leave = work.an_hour / 60, 1 / work.minutes, 1 / patience
    # Beyond twice what is there on average, and then some, nobody stands in the queue.
    longest = int(4 * (arrive / leave + math.sqrt(arrive / leave)) + 4 * people + 100)
    present = np.arange(1, longest + 1)
    out = np.minimum(present, people) * serve + np.maximum(present - people, 0) * leave
    log_p = np.concatenate([[0.0], np.cumsum(np.log(arrive) - np.log(out))])
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    queue = np.arange(longest + 1 - people)
    waiting = p[people:]
    # Who finds k before them waits for k + 1 departures, at rates people * serve + i * leave with i = 0 ... k: such a
    # sum is -log of a Beta(people * serve / leave, k + 1) variable, by 1 / leave. Where nobody works it is endless.
    too_long = np.ones(len(queue))
    if people:
        too_long = betainc(people * serve / leave, queue + 1.0, math.exp(-leave * in_time))
    late = float(waiting @ too_long)
    n_queue = float(waiting @ queue)
    return Service(float(waiting.sum()), 1 - late, leave * n_queue / arrive, n_queue / arrive)
