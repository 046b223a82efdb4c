"""What the manager's page and the API tell of the desk: how soon people hear from us, what comes, who has too much.

A first reply that has not come yet counts for what it is: a wait that already lasted so long, and goes on. To leave it
out would make whoever leaves people waiting look fast. Kaplan, E. L., Meier, P. (1958). Nonparametric estimation from
incomplete observations. Journal of the American Statistical Association 53, 457-481.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = [
    "Ahead",
    "ChannelFigures",
    "DeskFigures",
    "HourAhead",
    "Load",
    "ReplyTimes",
    "day_counts",
    "reply_quantile",
    "reply_times",
]  # fmt: skip

Floats = npt.NDArray[np.float64]


class ReplyTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How soon people hear from us first, seconds by the clock on the wall; None: more than half (a tenth) still wait.

    `n` is how many asked, `n_waiting` how many of them wait still.
    """

    n: int = 0
    n_waiting: int = 0
    p50_s: float | None = None
    p90_s: float | None = None


class ChannelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One channel: how soon people hear from us, which share of all it is, our answers there and what they cost.

    `cost` is None where no cost a minute was set.
    """

    channel: str
    share: float
    times: ReplyTimes
    n_answers: int
    cost: float | None = None


class HourAhead(msgspec.Struct, frozen=True, kw_only=True):
    """An hour of tomorrow: what comes, four times in five from `low` to `high`, and how many people it takes.

    `on_duty` is None where there is no roster.
    """

    hour: int
    expected: float
    low: int
    high: int
    needed: int
    on_duty: int | None = None


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """Tomorrow: the whole day, each hour, and whether it was counted of fewer than six weeks."""

    day: str
    total: float
    low: float
    high: float
    is_thin: bool
    hours: list[HourAhead]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody, or a team, looks after now; "" is nobody. `most`: at once, None where that is not known."""

    who: str
    n_open: int
    n_waiting: int
    waiting_since: int | None
    most: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is more than they can look after."""
        return self.most is not None and self.n_open > self.most


class DeskFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How the desk stands at a moment (microseconds UTC), and how it did in the `days` before.

    Attributes
    ----------
    n_open, n_waiting, n_late : int
        Conversations that are open; in which somebody waits for us; longer than was promised.
    hours : list of ReplyTimes
        By the hour on the wall at which somebody first wrote, 0 to 23.
    ahead : Ahead, optional
        None: less than two weeks say too little.
    members, teams : list of Load
        By name, never by how much: who needs help, and no ranking.
    n_owed, n_given : int
        Answers that people waited for, and how many of them were given.
    n_talks, n_broadcasts : int
        Conversations in which we spoke, and what we said to nobody in particular.
    """

    at: int
    days: int
    n_open: int
    n_waiting: int
    n_late: int
    waiting_since: int | None
    times: ReplyTimes
    channels: list[ChannelFigures]
    hours: list[ReplyTimes]
    ahead: Ahead | None
    members: list[Load]
    teams: list[Load]
    n_owed: int
    n_given: int
    n_talks: int
    n_broadcasts: int


def reply_times(answered_s: Sequence[float], waiting_s: Sequence[float]) -> ReplyTimes:
    """Return how soon people hear from us.

    Parameters
    ----------
    answered_s, waiting_s : sequence of float
        How long those waited who have an answer, and those who wait still.

    Examples
    --------
    >>> found = reply_times([60, 120, 180], [90])
    >>> found.n, found.p50_s, found.p90_s
    (4, 120.0, 180.0)
    """
    return ReplyTimes(
        n=len(answered_s) + len(waiting_s), n_waiting=len(waiting_s),
        p50_s=reply_quantile(answered_s, waiting_s, 0.5), p90_s=reply_quantile(answered_s, waiting_s, 0.9),
    )  # fmt: skip


def reply_quantile(answered_s: Sequence[float], waiting_s: Sequence[float], share: float) -> float | None:
    """Return after how many seconds a share of people has an answer; None while too many of them wait still."""
    times = np.concatenate([np.asarray(answered_s, float), np.asarray(waiting_s, float)])
    if len(times) == 0:
        return None
    waits = np.repeat([False, True], [len(answered_s), len(waiting_s)])
    order = np.lexsort((waits, times))  # who is answered at the moment another still waits was answered first
    left = np.arange(len(times), 0, -1)
    waiting = np.cumprod(np.where(waits[order], 1.0, 1 - 1 / left))
    place = np.flatnonzero(waiting <= 1 - share + 1e-9)
    return float(times[order][place[0]]) if len(place) else None


def day_counts(hours: Iterable[tuple[int, int]], zone: ZoneInfo, today: date) -> Floats:
    """Return what came by day and hour on the wall, from the first day that anything came until yesterday.

    Parameters
    ----------
    hours : iterable of (int, int)
        Hours since 1970 (UTC), and how many came in each.
    zone : ZoneInfo
        On whose clock.
    today : date
        Is left out: it is not over.

    Returns
    -------
    array, shape (n_days, 24)

    Examples
    --------
    >>> counts = day_counts([(0, 3), (25, 2)], ZoneInfo("UTC"), date(1970, 1, 4))
    >>> counts.shape, counts[0, 0], counts[1, 1]
    ((3, 24), np.float64(3.0), np.float64(2.0))
    """
    known = [(datetime.fromtimestamp(hour * 3_600, UTC).astimezone(zone), n) for hour, n in hours]
    days = [(when.date(), when.hour, n) for when, n in known if when.date() < today]
    if not days:
        return np.zeros((0, 24))
    first = min(day for day, _, _ in days)
    counts = np.zeros(((today - first) // timedelta(days=1), 24))
    for day, hour, n in days:
        counts[(day - first).days, hour] += n
    return counts
