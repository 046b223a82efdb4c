"""In which groups of people retention, or being answered, changed otherwise; and what of it is rate, what is mix."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from gehoor.core.mirror_change import Driver, Explained
from gehoor.core.mirror_figure import Dimension, Figure
from gehoor.mirror.base import Floats
from gehoor.mirror.drivers import Counts, drivers
from gehoor.mirror.rate_mix import split_change
from gehoor.run.mirror.people import People

__all__ = ["SHARES", "Grouped", "group", "share_drivers", "split_shares"]

SHARES = {"retention": ("was_here", "came_back"), "answered": ("asked", "answered")}
"""Which share of whom: columns of `persons`."""

_BY: tuple[Dimension, ...] = ("channel", "language", "region")
_RATE = 0.05  # with a month or two before, not the years that 0.02 was chosen for
_MOST = 60
_LEAST_CHANGE = 0.005

_SEGMENTS = """
    CREATE OR REPLACE TEMP TABLE segment AS
    SELECT person, unnest(['channel', 'language', 'region']) AS dimension,
           unnest([channel, coalesce(language, ''), coalesce(region, '')]) AS value
    FROM (SELECT person, max(channel) AS channel, mode(language) AS language, mode(region) AS region
          FROM did WHERE day > $d - 56 AND day <= $d GROUP BY person)
    UNION ALL SELECT person, 'segment', name FROM audience"""


class Grouped(NamedTuple):
    """Of one day: (measure, dimension, value) -> how many people, and how many of them did."""

    cells: dict[tuple[str, str, str], tuple[float, float]]

    def of(self, key: tuple[str, str, str]) -> tuple[float, float]:
        """Return one; nobody where there is none."""
        return self.cells.get(key, (0.0, 0.0))


def group(people: People, audiences: pa.Table, day: int) -> Grouped:
    """Return the shares of each group of people on a day, whose table `persons` is made."""
    people.base.register("audience", audiences)
    people.base.execute(_SEGMENTS, {"d": day})
    cells: dict[tuple[str, str, str], tuple[float, float]] = {}
    for measure, (whole, part) in SHARES.items():
        query = f"""SELECT dimension, value, sum({whole}), sum({part}) FROM persons JOIN segment USING (person)
                    WHERE {whole} > 0 GROUP BY ALL
                    UNION ALL SELECT '', '', coalesce(sum({whole}), 0), coalesce(sum({part}), 0) FROM persons"""
        rows: list[Any] = people.rows(query)
        cells |= {(measure, dimension, value): (float(n), float(k)) for dimension, value, n, k in rows}
    return Grouped(cells)


def share_drivers(now: Grouped, before: Sequence[Grouped], period_before: Grouped) -> list[Driver]:
    """Return the groups that moved apart from everybody else since earlier months, the most certain first.

    Parameters
    ----------
    now : Grouped
    before : sequence of Grouped
        Of months that share no day with now: what was normal.
    period_before : Grouped
        With which the text compares.
    """
    found = []
    for measure in SHARES:
        keys = [key for key in now.cells if key[0] == measure and key[1] and key[2]]
        keys = sorted(keys, key=lambda key: -now.of(key)[0])[:_MOST]
        if not before or not keys:
            continue
        told = drivers(_counts(before, measure, keys), _counts([now], measure, keys), _RATE)
        found += [_driver(one.segment, one, keys, now, period_before) for one in told]
    return sorted(found, key=lambda one: one.p)


def _counts(days: Sequence[Grouped], measure: str, keys: Sequence[tuple[str, str, str]]) -> Counts:
    n, k = (np.array([sum(day.of(key)[place] for day in days) for key in keys], np.float64) for place in (0, 1))
    everybody = [day.of((measure, "", "")) for day in days]
    return Counts(n, k, sum(one[0] for one in everybody), sum(one[1] for one in everybody))


def _driver(place: int, one: Any, keys: Sequence[tuple[str, str, str]], now: Grouped, before: Grouped) -> Driver:
    measure, name, value = keys[place]
    n, k = now.of(keys[place])
    dimension: Any = name
    share = k / n if n else 0.0
    return Driver(
        id=f"{measure}/{name}/{value}", measure=measure, dimension=dimension, value=value, before=share - one.change,
        now=share, change=Figure(value=one.change, low=one.low, high=one.high, unit="share", good="up"),
        adds=one.adds, n_people=int(n), p=one.p,
    )  # fmt: skip


def split_shares(now: Grouped, before: Grouped) -> list[Explained]:
    """Return how the change of each share is made up of rate and mix, by the dimension in which most is mix.

    A change under half a percentage point is not taken apart.
    """
    found = []
    for measure in SHARES:
        split_of: list[Explained] = []
        for dimension in _BY:
            values = sorted({key[2] for day in (now, before) for key in day.cells if key[:2] == (measure, dimension)})
            then, later = (_cells(day, measure, dimension, values) for day in (before, now))
            if len(values) < 2 or not then[1].sum() or not later[1].sum():
                continue
            split = split_change(then, later)
            order = np.argsort(-np.abs(split.rate + split.mix), kind="stable")
            split_of.append(
                Explained(
                    measure=measure,
                    change=float(later[0].sum() / later[1].sum() - then[0].sum() / then[1].sum()),
                    rate=float(split.rate.sum()),
                    mix=float(split.mix.sum()),
                    dimension=dimension,
                    values=tuple(values[place] for place in order[:3]),
                )
            )
        told = [one for one in split_of if abs(one.change) >= _LEAST_CHANGE]
        found += sorted(told, key=lambda one: -abs(one.mix or 0.0))[:1]
    return found


def _cells(day: Grouped, measure: str, dimension: str, values: Sequence[str]) -> tuple[Floats, Floats]:
    pairs = np.array([day.of((measure, dimension, value)) for value in values], np.float64).reshape(-1, 2)
    return pairs[:, 1], pairs[:, 0]
