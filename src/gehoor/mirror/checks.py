"""What every measure must pass, ours and others'. Each check raises `ContractError` and says what is wrong."""

from collections.abc import Callable
from typing import get_args

import numpy as np

from gehoor.core.errors import ContractError
from gehoor.mirror.base import Direction, Measure
from gehoor.mirror.day import COLUMNS, Day

__all__ = ["CHECKS", "some_day"]


def some_day(n: int, seed: int = 7) -> Day:
    """Return a day of n persons who did this and that; always the same."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.integers(0, 2, n).astype(np.float64) for name in COLUMNS}
    columns["came_back"] *= columns["was_here"]
    columns["new"] *= columns["month"]
    columns["answered"] *= columns["asked"]
    columns["told_back"] *= columns["told"]
    columns["orders"] = columns["buyers"] * rng.integers(1, 4, n)
    columns["days"] = rng.integers(1, 20, n).astype(np.float64)
    columns["loyal_days"] = columns["days"] * rng.integers(0, 2, n)
    sums = Day.of(rng.integers(0, 1 << 63, n).astype(np.uint64), columns).sums
    return Day(sums, views_first=40.0 * n, views_again=20.0 * n, orders_expected=1.4)


def is_documented(measure: Measure[Day]) -> None:
    """Check that it says what it does, and has a name."""
    if not (measure.name and type(measure).__doc__ and type(measure).measure.__doc__):
        raise ContractError(f"{type(measure).__name__}: no name, or no docstring of the class or of measure.")


def says_the_same_again(measure: Measure[Day]) -> None:
    """Check that a day has one reading."""
    if measure.measure(some_day(50)) != measure.measure(some_day(50)):
        raise ContractError(f"{measure.name} reads one day in two ways.")


def lies_in_its_interval(measure: Measure[Day]) -> None:
    """Check that the interval is one, and narrower when more people are known."""
    widths = []
    for n in (100, 5_000):
        reading = measure.measure(some_day(n))
        if not reading.low <= reading.value <= reading.high:
            raise ContractError(f"{measure.name}: {reading.value} is not between {reading.low} and {reading.high}.")
        widths.append(reading.high - reading.low)
    if widths[1] > widths[0]:
        raise ContractError(f"{measure.name} is less sure of 5,000 people than of 100.")


def has_a_unit_and_a_direction(measure: Measure[Day]) -> None:
    """Check that a page can say what the figure is."""
    reading = measure.measure(some_day(50))
    if not reading.unit or reading.direction not in get_args(Direction):
        raise ContractError(f"{measure.name}: unit {reading.unit!r}, direction {reading.direction!r}.")


def does_not_make_up_a_figure(measure: Measure[Day]) -> None:
    """Check that a day of which nothing is known has no reading."""
    reading = measure.measure(Day.of(np.zeros(0, np.uint64), {}))
    if not np.isnan([reading.value, reading.low, reading.high]).all():
        raise ContractError(f"{measure.name} reads {reading.value} of nobody.")


CHECKS: tuple[Callable[[Measure[Day]], None], ...] = (
    is_documented,
    says_the_same_again,
    lies_in_its_interval,
    has_a_unit_and_a_direction,
    does_not_make_up_a_figure,
)
