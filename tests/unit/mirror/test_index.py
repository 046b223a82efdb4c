"""The two indices: what every measure must pass, what is missing, what is normal."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gehoor.core.errors import ContractError
from gehoor.mirror.base import Measure
from gehoor.mirror.baseline import Baseline, slope
from gehoor.mirror.checks import CHECKS, some_day
from gehoor.mirror.components import BINDING
from gehoor.mirror.day import Day
from gehoor.mirror.index import Index


def _plain(name: str) -> Index:
    kind = {"captivating": Index.captivating, "binding": Index.binding}[name]
    n = {"captivating": 5, "binding": 4}[name]
    return kind(Baseline.prior(np.zeros(n), np.ones(n)))


@pytest.mark.parametrize("name", ["captivating", "binding"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_index_keeps_the_contract_of_a_measure(name: str, check: Callable[[Measure[Day]], None]) -> None:
    index = _plain(name)
    check(index)
    assert index.name == name


def test_a_day_that_is_its_own_baseline_is_fifty() -> None:
    day = some_day(300)
    scores = _plain("binding").scores(day)
    assert Index.binding(Baseline.prior(scores, np.ones(4))).measure(day).value == pytest.approx(50)


def test_what_is_missing_weighs_nothing_and_the_others_weigh_more() -> None:
    day = replace(some_day(300), orders_expected=np.nan)
    parts = {part.name: part for part in _plain("binding").parts(day)}
    assert parts["repeat"].is_missing
    assert np.isnan(parts["repeat"].share.value)
    assert parts["retention"].weight == pytest.approx(1 / 3)
    assert 0 < _plain("binding").measure(day).value < 100


def test_the_sums_of_two_halves_give_the_reading_of_all() -> None:
    rng = np.random.default_rng(1)
    persons = rng.integers(0, 1 << 63, 400).astype(np.uint64)
    columns = {name: rng.integers(0, 2, 400).astype(np.float64) for name in ("was_here", "came_back")}
    halves = [
        Day.of(persons[part], {name: values[part] for name, values in columns.items()})
        for part in (slice(0, 170), slice(170, 400))
    ]
    index = _plain("binding")
    assert index.measure(halves[0] + halves[1]) == index.measure(Day.of(persons, columns))


def test_only_what_changed_beyond_chance_is_told() -> None:
    rng = np.random.default_rng(2)
    persons = rng.integers(0, 1 << 63, 2_000).astype(np.uint64)
    was, answered = np.ones(2_000), (rng.random(2_000) < 0.5).astype(np.float64)
    same = {"was_here": was, "asked": was, "answered": answered, "told": was, "told_back": answered}
    before = Day.of(persons, same | {"came_back": (rng.random(2_000) < 0.6).astype(np.float64)})
    now = Day.of(persons, same | {"came_back": (rng.random(2_000) < 0.5).astype(np.float64)})
    index = Index.binding(Baseline.prior(np.zeros(4), np.ones(4)))
    assert index.real_changes(now, before) == ["retention"]
    assert index.real_changes(before, before) == []


def test_an_outlier_hardly_moves_what_is_normal() -> None:
    scores = np.random.default_rng(3).normal(size=(365, 2))
    prior = Baseline.prior(np.zeros(2), np.ones(2))
    quiet = Baseline.of(scores, prior)
    scores[100:110] = 1e6
    assert Baseline.of(scores, prior).location == pytest.approx(quiet.location, abs=0.1)
    assert Baseline.of(scores, prior).scale == pytest.approx(quiet.scale, rel=0.1)


def test_a_young_organisation_leans_on_the_prior() -> None:
    prior = Baseline.prior(np.array([2.0]), np.array([1.0]))
    few = Baseline.of(np.zeros((9, 1)), prior)
    assert few.location[0] == pytest.approx(2 * (1 - 9 / 14))
    assert 0.3 < few.scale[0] < 1  # leans longer
    assert Baseline.of(np.empty((0, 1)), prior).location[0] == 2.0


def test_slow_decline_shows_in_the_slope_with_its_interval() -> None:
    rng = np.random.default_rng(4)
    found = slope(60 - 10 * np.arange(365) / 365 + rng.normal(size=365))
    assert found.low <= -10 <= found.high < 0
    assert np.isnan(slope(np.ones(30)).value)


def test_a_baseline_of_other_components_is_refused() -> None:
    with pytest.raises(ContractError):
        Index("binding", BINDING, Baseline.prior(np.zeros(2), np.ones(2)))


def test_a_column_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ContractError):
        Day.of(np.zeros(1, np.uint64), {"followers": np.ones(1)})
