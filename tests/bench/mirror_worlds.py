"""Organisations with a known truth, for the bench of the mirror: all from a seed."""

from dataclasses import dataclass

import numpy as np

from gehoor.mirror.base import Floats
from gehoor.mirror.baseline import Baseline
from gehoor.mirror.components import Component
from gehoor.mirror.day import COLUMNS, Day
from gehoor.mirror.drivers import Counts

VIEWS = 30.0
"""Views a person: half for the first time."""
LOYAL = np.array([0.05, 0.3, 0.8])


@dataclass(frozen=True)
class Organisation:
    """Three kinds of people (passing, regular, devoted): how many, and how each of them behaves."""

    share: Floats
    weekly: Floats
    asks: float
    answered: float
    buys: Floats
    again: Floats
    reacts: Floats

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Organisation":
        return cls(
            rng.dirichlet([6, 3, 2]), np.sort(rng.uniform(0.05, 0.8, 3)), rng.uniform(0.1, 0.3), rng.uniform(0.5, 0.9),
            np.sort(rng.uniform(0.05, 0.6, 3)), np.sort(rng.uniform(0.2, 2.0, 3)), np.sort(rng.uniform(0.1, 2.0, 3)),
        )  # fmt: skip

    def people(self, n: int, rng: np.random.Generator) -> dict[str, Floats]:
        kind = rng.choice(3, n, p=self.share)
        weeks = rng.random((n, 8)) < self.weekly[kind][:, None]
        month, before = weeks[:, 4:].any(axis=1), weeks[:, :4].any(axis=1)
        in_month = weeks[:, 4:].sum(axis=1)
        days = in_month + rng.binomial(6 * in_month, 0.2)
        buyers = rng.random(n) < self.buys[kind]
        asked, told = rng.random(n) < self.asks, rng.random(n) < 0.3
        found = {
            "active": weeks[:, 7] & (rng.random(n) < 0.4), "month": month, "week": weeks[:, 7], "weeks": in_month,
            "new": month & (rng.random(n) < 0.3), "reactions_first": rng.poisson(self.reacts[kind]),
            "reactions_again": rng.poisson(0.6 * self.reacts[kind]), "was_here": before, "came_back": before & month,
            "buyers": buyers, "orders": buyers * (1 + rng.poisson(self.again[kind])),
            "asked": asked, "answered": asked & (rng.random(n) < self.answered), "told": told,
            "told_back": told & (rng.random(n) < 0.4), "days": days, "loyal_days": days * (rng.random(n) < LOYAL[kind]),
        }  # fmt: skip
        return {name: values.astype(np.float64) for name, values in found.items()}

    def expected(self) -> dict[str, float]:
        """Return each column's mean over people without end."""
        weekly, month = self.weekly, 1 - (1 - self.weekly) ** 4
        days = 4 * weekly * 2.2
        by_kind = {
            "active": 0.4 * weekly, "month": month, "week": weekly, "weeks": 4 * weekly, "new": 0.3 * month,
            "reactions_first": self.reacts, "reactions_again": 0.6 * self.reacts, "was_here": month,
            "came_back": month * month, "buyers": self.buys, "orders": self.buys * (1 + self.again),
            "asked": np.full(3, self.asks), "answered": np.full(3, self.asks * self.answered), "told": np.full(3, 0.3),
            "told_back": np.full(3, 0.12), "days": days, "loyal_days": days * LOYAL,
        }  # fmt: skip
        return {name: float(self.share @ values) for name, values in by_kind.items()}

    def truth(self, n: int) -> Day:
        """Return the day of an audience that behaves exactly as expected; its sums have no replicas."""
        means = self.expected()
        day = Day.of(np.zeros(1, np.uint64), {name: np.array([means[name]]) for name in COLUMNS}, 0)
        sums = type(day.sums)(day.sums.n * n, day.sums.totals * n)
        return around(Day(sums), n)

    def day(self, n: int, rng: np.random.Generator) -> Day:
        return around(Day.of(rng.integers(0, 1 << 63, n).astype(np.uint64), self.people(n, rng)), n)


def around(day: Day, n: int) -> Day:
    """Add what belongs to no person."""
    return Day(day.sums, views_first=VIEWS / 2 * n, views_again=VIEWS / 2 * n, orders_expected=1.8)


def year(truth: Day, components: tuple[Component, ...], rng: np.random.Generator) -> Baseline:
    """Return the baseline of a year of noisy days around the truth: 0.1 to 0.3 in a score, a part of it in common."""
    centre = np.array([part.score(part.shares(truth))[0] for part in components])
    k = len(centre)
    restless = rng.uniform(0.1, 0.3, k)
    together = 0.5 * rng.normal(size=(365, 1))
    scores = centre + restless * (together + rng.normal(size=(365, k)) + 0.5 * rng.normal(size=k))
    return Baseline.of(scores, Baseline.prior(np.zeros(k), np.ones(k)))


SIZES = (6, 5, 12, 10, 8)
"""Values of each way to divide people; a value of the fourth has 2,000 of 20,000."""


def segments(rng: np.random.Generator, *, planted: bool, n_windows: int = 12) -> tuple[Counts, Counts, int]:
    """Return who came back before and now by segment; and the segment in which a tenth fewer do, or would."""
    n = 20_000
    ways = [rng.permutation(np.arange(n) % size) for size in SIZES]
    chances = np.clip(
        0.6 + sum(rng.normal(0, 0.04, size)[way] for size, way in zip(SIZES, ways, strict=True)), 0.1, 0.9
    )
    place = int(rng.integers(0, SIZES[3]))
    now = chances * np.where(planted & (ways[3] == place), 0.9, 1.0)
    then_k, now_k = rng.binomial(n_windows, chances), (rng.random(n) < now).astype(np.float64)
    sizes = np.concatenate([np.bincount(way).astype(np.float64) for way in ways])
    before = Counts(
        sizes * n_windows,
        np.concatenate([np.bincount(way, then_k) for way in ways]),
        n * n_windows,
        float(then_k.sum()),
    )
    after = Counts(sizes, np.concatenate([np.bincount(way, now_k) for way in ways]), n, float(now_k.sum()))
    return before, after, sum(SIZES[:3]) + place


def counted(rng: np.random.Generator) -> tuple[dict[str, Floats], dict[str, Floats], tuple[str, tuple[int, ...]]]:
    """Return expected and found counts by dimension, and the planted cause: one or two values of one dimension."""
    names, sizes = ("channel", "brand", "region", "campaign"), (6, 8, 12, 10)
    shares = [rng.dirichlet(np.full(size, 4.0)) for size in sizes]
    table = 50_000 * np.einsum("a,b,c,d->abcd", *shares)
    axis = int(rng.integers(0, 4))
    large = np.flatnonzero(shares[axis] > 0.05)
    values = np.sort(rng.choice(large, int(rng.integers(1, 3)), replace=False))
    factor = rng.uniform(0.3, 0.7) if rng.random() < 0.5 else rng.uniform(1.4, 2.5)
    times = np.ones(sizes[axis])
    times[values] = factor
    found = rng.poisson(table * times.reshape([-1 if other == axis else 1 for other in range(4)]))
    rest = [tuple(other for other in range(4) if other != one) for one in range(4)]
    expected = {name: table.sum(axis=rest[one]) for one, name in enumerate(names)}
    seen = {name: found.sum(axis=rest[one]).astype(np.float64) for one, name in enumerate(names)}
    return expected, seen, (names[axis], tuple(values.tolist()))
