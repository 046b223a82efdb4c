"""At most three things to do, each from a driver; and what became of what was advised before."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from gehoor.core.edition import Channel
from gehoor.core.mirror_change import Act, Advice, Driver, Followed
from gehoor.core.mirror_figure import Figure
from gehoor.core.mirror_reader import AdviceRow, iso_day
from gehoor.mirror.base import Floats
from gehoor.mirror.bootstrap import Sums
from gehoor.mirror.day import COLUMNS, Day
from gehoor.mirror.index import Index
from gehoor.run.mirror.counts import Counts
from gehoor.run.mirror.indices import figure_of, number
from gehoor.run.mirror.segments import Grouped

__all__ = ["advise", "followed"]

_MOST = 3
_MEND = ("negative", "complaint", "help", "leaving")
_WAIT = 28
"""Days after which it is told whether it helped."""

_EFFORT: dict[Act, Literal["small", "middle", "large"]] = {
    "answer_sooner": "small", "keep_up": "small", "win_back": "middle", "follow": "middle", "mend": "large",
    "bring_back": "large",
}  # fmt: skip


def advise(
    drivers: Sequence[Driver], channels: Sequence[Channel], binding: Index, day: Day, prefix: str
) -> list[Advice]:
    """Return what to do, most gain first; what brings no points that we can count comes after.

    `prefix`: what the id of each begins with, the day and the brand.
    """
    went = {channel.name: sum(n for name, n in channel.went_to if name) for channel in channels}
    found = []
    for driver in drivers:
        n_went = went.get(driver.value, 0) if driver.dimension == "channel" else 0
        act = _act(driver, n_went)
        if act is None:
            continue
        counts = driver.measure in ("retention", "answered")
        gain = _gain(driver, binding, day) if counts else Figure(unit="points", good="up")
        found.append(
            Advice(
                id=f"{prefix}/{driver.id}", act=act, because=driver,
                n_people=n_went if act == "follow" else driver.n_people, gain=gain,
                index="binding", effort=_EFFORT[act],
            )
        )  # fmt: skip
    acts: set[tuple[str, str]] = set()
    order = sorted(found, key=lambda one: (-(one.gain.value or 0.0), one.because.p))
    told = []
    for one in order:
        what = (one.act, one.because.dimension)
        if what not in acts:
            acts.add(what)
            told.append(one)
    return told[:_MOST]


def _act(driver: Driver, n_went: int) -> Act | None:
    """Return what to do about a driver; None where there is nothing to do: less was said, or it went well.

    `n_went`: how many people of before are now heard on another channel, and not on the driver's any more.
    """
    rose = (driver.change.value or 0.0) > (0.0 if driver.change.unit == "share" else 1.0)
    if driver.measure == "retention":
        return None if rose else "win_back"
    if driver.measure == "answered":
        return None if rose else "answer_sooner"
    if driver.measure == "praise":
        return "keep_up" if rose else "bring_back"
    if driver.measure == "posts" and n_went and not rose:
        return "follow"
    return "mend" if driver.measure in _MEND and rose else None


def _gain(driver: Driver, binding: Index, day: Day) -> Figure:
    """Return how many points the index gains if this share returned to what it was.

    The index' own arithmetic; how sure the change is (the driver's interval) and which people there are by chance (the
    replicas) both count.
    """
    whole, part = {"retention": ("was_here", "came_back"), "answered": ("asked", "answered")}[driver.measure]
    now = binding.values(day)

    def gained(change: float) -> Floats:
        return np.asarray(binding.values(_raised(day, whole, part, -change * _share_of(driver, day, whole))) - now)

    middle = gained(driver.change.value or 0.0)
    ends = [gained(edge) for edge in (driver.change.low, driver.change.high) if edge is not None]
    spread = np.std([float(one[0]) for one in ends]) if ends else 0.0
    chance = figure_of(middle, "points")
    if chance.low is None or chance.high is None:
        return Figure(value=number(float(middle[0])), unit="points", good="up")
    value = float(middle[0])
    low, high = (
        value + sign * float(np.hypot(edge - value, spread)) for sign, edge in ((-1, chance.low), (1, chance.high))
    )
    return Figure(value=value, low=low, high=high, unit="points", good="up")


def _share_of(driver: Driver, day: Day, whole: str) -> float:
    n = float(day.sums.totals[0, COLUMNS.index(whole)])
    return driver.n_people / n if n else 0.0


def _raised(day: Day, whole: str, part: str, share: float) -> Day:
    """Return the day as it were if the share of these people were so much higher, in every replica."""
    totals = day.sums.totals.copy()
    place, of = COLUMNS.index(part), COLUMNS.index(whole)
    totals[:, place] = np.clip(totals[:, place] + share * totals[:, of], 0.0, totals[:, of])
    return Day(Sums(day.sums.n, totals), day.views_first, day.views_again, day.orders_expected)


def followed(earlier: Sequence[AdviceRow], now: Grouped, counts: Counts, last: int, days: int) -> list[Followed]:
    """Return what became of advice: whether it was done, and where it stands four weeks on.

    What was advised on several days is told once: as somebody dealt with it last, else as it was first given.

    `helped` where it was done: the share or count went the way that was wanted by more than half of the way back.
    It says that it went well, not that it went well because of what was done.
    """
    found = []
    for row in _each_once(earlier):
        driver = row.advice.because
        value = _now(driver, now, counts, days)
        is_told = row.state == "done" and last - row.state_day >= _WAIT
        found.append(
            Followed(
                advice=row.advice.id, day=iso_day(row.day), act=row.advice.act, dimension=driver.dimension,
                value=driver.value, measure=driver.measure, state=row.state, before=driver.before, then=driver.now,
                now=value, helped=_helped(driver, value) if is_told and value is not None else None,
            )
        )  # fmt: skip
    return found


def _each_once(rows: Sequence[AdviceRow]) -> list[AdviceRow]:
    def dealt_with(row: AdviceRow) -> tuple[bool, int]:
        return row.state != "given", row.state_day if row.state != "given" else -row.day

    told: dict[tuple[str, str, str, str, str], AdviceRow] = {}
    for row in rows:
        driver = row.advice.because
        what = (row.brand, row.advice.act, driver.measure, driver.dimension, driver.value)
        told[what] = max(told.get(what, row), row, key=dealt_with)
    return sorted(told.values(), key=lambda row: -row.day)


def _now(driver: Driver, now: Grouped, counts: Counts, days: int) -> float | None:
    if driver.measure in ("retention", "answered"):
        n, k = now.of((driver.measure, driver.dimension, driver.value))
        return k / n if n else None
    return float(counts.of(driver.measure, driver.dimension, driver.value)[-days:].sum())


def _helped(driver: Driver, now: float) -> bool:
    way = driver.before - driver.now
    return bool((now - driver.now) * np.sign(way) > abs(way) / 2)
