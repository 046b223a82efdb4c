"""What was said, counted a day by dimension: what changed of it beyond chance, where, since when."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, get_args

import numpy as np

from gehoor.core.edition import DAYS, Period
from gehoor.core.mirror_change import Driver, Explained, Shifted
from gehoor.core.mirror_figure import Dimension
from gehoor.core.mirror_reader import iso_day
from gehoor.mirror.adtributor import Cause, causes
from gehoor.mirror.base import Floats, Reading
from gehoor.mirror.false_discovery import discoveries, two_sided
from gehoor.mirror.moments import lift
from gehoor.mirror.shifts import shifts
from gehoor.run.mirror.indices import figure
from gehoor.run.mirror.people import People
from gehoor.run.mirror.year import YEAR

__all__ = ["MEASURES", "Counts", "count_drivers", "counts_of", "p_of", "shifted"]

MEASURES = ("posts", "negative", "praise", "complaint", "help", "leaving")
_DIMENSIONS: tuple[Dimension, ...] = ("channel", "language", "region", "need", "motive", "intent", "sentiment")
_RATE = 0.05
_WEEKS = 8
_FEWEST = 10
_SHIFTS = 5
_SAYS_NOTHING = ("", "none", "und")
_NARROW = 1.6449  # 90 % of a normal law lies within so many standard errors

assert set(_DIMENSIONS) < set(get_args(Dimension))


class Counts(NamedTuple):
    """Counts of the year up to and with `last`: (measure, dimension, value) -> a number a day, oldest first."""

    last: int
    series: dict[tuple[str, str, str], Floats]

    def of(self, measure: str, dimension: str = "", value: str = "") -> Floats:
        """Return one of them; noughts where there is none."""
        return self.series.get((measure, dimension, value), np.zeros(YEAR))

    def values(self, dimension: str) -> list[str]:
        """Return the values of a dimension that occur."""
        return sorted({value for _, name, value in self.series if name == dimension})


def counts_of(people: People, last: int) -> Counts:
    """Return what the marts counted in a year."""
    columns = ", ".join(f"sum(n_{name})" for name in MEASURES)
    query = f"""SELECT day, dimension, value, {columns} FROM cells
                WHERE brand = $brand AND day > $first AND day <= $last GROUP BY day, dimension, value"""
    series: dict[tuple[str, str, str], Floats] = {}
    rows: list[Any] = people.rows(query, brand=people.brand, first=last - YEAR, last=last)
    for day, dimension, value, *numbers in rows:
        for measure, n in zip(MEASURES, numbers, strict=True):
            series.setdefault((measure, dimension, value), np.zeros(YEAR))[day - last + YEAR - 1] = float(n)
    return Counts(last, series)


def p_of(found: Reading) -> float:
    """Return how probable a lift as far from 1 is by chance: its interval is 90 % of a law that is normal in logs."""
    if not np.isfinite(found.high) or found.value <= 0 or found.low <= 0:
        return 1.0 if not np.isfinite(found.high) or found.high >= 1 else 0.01
    spread = (np.log(found.high) - np.log(found.low)) / (2 * _NARROW)
    return float(two_sided(np.array([np.log(found.value) / max(spread, 1e-9)]))[0])


def count_drivers(counts: Counts, period: Period) -> tuple[list[Driver], list[Explained]]:
    """Return what more, or less, was said in a period than the weeks before let expect, and what explains it.

    A year has no year before it to compare with: nothing is told of it.
    """
    if period == "year":
        return [], []
    start = YEAR - DAYS[period]
    lifts = {key: lift(series, start, YEAR) for key, series in counts.series.items() if _is_enough(series, start)}
    keys = [key for key in sorted(lifts) if key[1] not in ("intent", "sentiment") or key[0] == "posts"]
    real = discoveries(np.array([p_of(lifts[key]) for key in keys]), _RATE)
    believed = {key for key, is_real in zip(keys, real, strict=True) if is_real}
    told, explained = [], []
    for measure in MEASURES:
        mine = sorted((key for key in believed if key[0] == measure), key=lambda key: (p_of(lifts[key]), key))
        if not mine:
            continue
        why = _why(counts, measure, start)
        if why is not None:
            explained.append(_explained(counts, measure, why, start))
        told.append(_driver(counts, lifts, _where(counts, mine, why), start))
    return sorted(told, key=lambda one: one.p), explained


def _is_enough(series: Floats, start: int) -> bool:
    return bool(series[start:].sum() + series[max(0, start - 7 * _WEEKS) : start].sum() / _WEEKS >= _FEWEST)


def _expected(series: Floats, start: int) -> float:
    """Return what the same stretch of the eight weeks before lets expect."""
    n = YEAR - start
    away = -(-n // 7)
    weeks = [series[start - 7 * week : start - 7 * week + n].sum() for week in range(away, away + _WEEKS)]
    return float(np.mean(weeks))


def _by_dimension(counts: Counts, measure: str, start: int, *, found: bool) -> dict[str, Floats]:
    by: dict[str, Floats] = {}
    for dimension in _DIMENSIONS:
        series = [counts.of(measure, dimension, value) for value in counts.values(dimension)]
        if len(series) > 1:
            by[dimension] = np.array([one[start:].sum() if found else _expected(one, start) for one in series])
    return by


def _why(counts: Counts, measure: str, start: int) -> Cause | None:
    before, now = (_by_dimension(counts, measure, start, found=found) for found in (False, True))
    # what nobody judged explains nothing, and the measure itself is no reason of its own
    own = {"negative": "sentiment", "praise": "intent", "complaint": "intent", "help": "intent", "leaving": "intent"}
    found = causes(before, now)
    usable = (one for one in found if one.dimension != own.get(measure))
    return next((one for one in usable if any(name not in _SAYS_NOTHING for name in _names(counts, one))), None)


def _names(counts: Counts, why: Cause) -> list[str]:
    return [counts.values(why.dimension)[place] for place in why.values]


def _explained(counts: Counts, measure: str, why: Cause, start: int) -> Explained:
    series = counts.of(measure)
    dimension = next(one for one in _DIMENSIONS if one == why.dimension)
    return Explained(
        measure=measure, change=float(series[start:].sum() - _expected(series, start)), dimension=dimension,
        values=tuple(counts.values(dimension)[place] for place in why.values), explains=why.explains,
    )  # fmt: skip


def _where(counts: Counts, mine: Sequence[tuple[str, str, str]], why: Cause | None) -> tuple[str, str, str]:
    """Return the most telling of what is believed: what explains the change, else the most certain."""
    if why is not None:
        wanted = {(why.dimension, counts.values(why.dimension)[place]) for place in why.values}
        for key in mine:
            if key[1:] in wanted and key[2]:
                return key
    return next((key for key in mine if key[1] and key[2]), mine[0])


def _driver(
    counts: Counts, lifts: dict[tuple[str, str, str], Reading], key: tuple[str, str, str], start: int
) -> Driver:
    measure, name, value = key
    series, whole = counts.of(*key), counts.of(measure)
    before, now = _expected(series, start), float(series[start:].sum())
    change = float(whole[start:].sum()) - _expected(whole, start)
    dimension: Any = name
    return Driver(
        id=f"{measure}/{name}/{value}", measure=measure, dimension=dimension, value=value, before=before, now=now,
        change=figure(lifts[key]), adds=(now - before) / change if change else 0.0, p=p_of(lifts[key]),
    )  # fmt: skip


def shifted(name: str, series: Floats, last: int) -> list[Shifted]:
    """Return since when the level of a series, a number a day, is what it is; weekdays are taken out before."""
    here = np.flatnonzero(series > 0)
    if not len(here) or YEAR - here[0] < 28:
        return []
    known = series[here[0] :]
    days = np.arange(len(known)) % 7
    usual = np.array([np.median(known[days == one]) for one in range(7)])
    middle = float(np.median(known))
    flat = known - usual[days] + middle
    found = shifts(np.round(flat, 9))
    start, edges = last - len(known) + 1, [0, *(one.day for one in found), len(known)]
    # what it was, and not what it was less its weekdays
    means = [float(known[one:end].mean()) for one, end in pairwise(edges)]
    told = [
        Shifted(measure=name, day=iso_day(start + one.day), before=means[place], after=means[place + 1])
        for place, one in enumerate(found)
    ]
    return told[-_SHIFTS:]
