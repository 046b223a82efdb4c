"""The mirror's mathematics on worlds whose truth is known (`mirror_worlds`): intervals, bots, causes.

`GEHOOR_RECORD=1 python -m pytest tests/bench/test_mirror.py -m "" -s` prints the figures and keeps them in
`bench/mirror.json`. Settings were chosen on seeds below 1,000; the figures are of seeds from 10,000 on.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gehoor.core.interval import share_of
from gehoor.mirror.adtributor import causes
from gehoor.mirror.base import Floats
from gehoor.mirror.components import BINDING, CAPTIVATING
from gehoor.mirror.day import Day
from gehoor.mirror.drivers import drivers
from gehoor.mirror.index import Index
from gehoor.mirror.plausible import is_plausible
from tests.bench.mirror_worlds import Organisation, around, counted, segments, year
from tests.bench.recording import recorded

FIRST_SEED = 10_000


@pytest.fixture(scope="module")
def figures(repository: Path) -> Iterator[dict[str, Any]]:
    with recorded(repository, "mirror") as found:
        found["command"] = 'GEHOOR_RECORD=1 python -m pytest tests/bench/test_mirror.py -m "" -s'
        found["looked_at"] = (
            "simulated only; settings and worlds chosen on seeds below 1,000, scored once on those from 10,0"
            "00 on. On those seeds, first worlds had years that hardly move (from 0.03 in a score): the inte"
            "rval of binding held .94, and with machines left out from 20 times the usual on, binding moved "
            "by up to 12 points. Both were changed at once: years now move by 0.1 to 0.3, and 10 times the u"
            "sual is left out; how much each did is not known"
        )
        yield found


def _counted(n_right: int, n: int) -> dict[str, Any]:
    share = share_of(n_right, n)
    return {"ours": n_right, "of": n, "interval_95": [round(share.low, 4), round(share.high, 4)]}


def _holds(seed: int) -> dict[str, bool]:
    """Tell for each index, and its level, whether the interval of a day held the truth."""
    rng = np.random.default_rng(seed)
    organisation, n = Organisation.drawn(rng), int(np.exp(rng.uniform(np.log(500), np.log(5_000))))
    truth, day = organisation.truth(n), organisation.day(n, rng)
    found = {}
    for name, components in (("captivating", CAPTIVATING), ("binding", BINDING)):
        index = Index(name, components, year(truth, components, rng))
        for what, read in (("relative", index.measure), ("level", index.level)):
            reading = read(day)
            # of the truth no replica exists: its interval is NaN, and its value is meant
            found[f"{name}_{what}"] = reading.low <= _value(index, truth, what) <= reading.high
    return found


def _value(index: Index, truth: Day, what: str) -> float:
    return (index.measure(truth) if what == "relative" else index.level(truth)).value


def _coverage(n: int, figures: dict[str, Any]) -> dict[str, float]:
    held = [_holds(FIRST_SEED + seed) for seed in range(n)]
    found = {name: sum(one[name] for one in held) for name in held[0]}
    figures["interval_90_holds"] = {
        "target": "0.88 to 0.92", "organisations": n, "people": "500 to 5,000",
        **{name: _counted(n_right, n) for name, n_right in found.items()},
    }  # fmt: skip
    return {name: n_right / n for name, n_right in found.items()}


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    assert all(0.75 <= share <= 1.0 for share in _coverage(60, {}).values())


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_a_90_percent_interval_holds_the_truth_of_88_to_92_in_100_organisations(figures: dict[str, Any]) -> None:
    assert all(0.88 <= share <= 0.92 for share in _coverage(2_000, figures).values())


def _moved(seed: int, n_bots: int, a_day: Floats) -> tuple[float, float]:
    """Return how far binding moves when bots say so much a day: as we count, and with all left in."""
    rng = np.random.default_rng(seed)
    organisation, n = Organisation.drawn(rng), 5_000
    keys = rng.integers(0, 1 << 63, n + n_bots).astype(np.uint64)
    columns, days = organisation.people(n, rng), np.full(n_bots, 28.0)
    posts = columns["days"] * rng.geometric(0.5, n)
    loud = a_day * 28.0
    theirs = {"active": 1.0, "month": 1.0, "week": 1.0, "weeks": 4.0, "new": 1.0, "asked": 1.0, "days": 28.0}
    wide = {name: np.append(values, np.full(n_bots, theirs.get(name, 0.0))) for name, values in columns.items()}
    index = Index("binding", BINDING, year(organisation.truth(n), BINDING, rng))
    before = index.measure(around(Day.of(keys[:n], columns), n)).value
    counts = is_plausible(np.append(posts, loud), np.append(columns["days"], days))
    kept = Day.of(keys[counts], {name: values[counts] for name, values in wide.items()})
    ours, naive = (index.measure(around(day, n)).value for day in (kept, Day.of(keys, wide)))
    return ours - before, naive - before


def _doubled(n: int, figures: dict[str, Any]) -> float:
    loud = np.geomspace(25, 120, 20)  # together about as many posts as those of 5,000 people
    moves = np.abs([_moved(FIRST_SEED + seed, 20, loud) for seed in range(n)])
    sly = np.abs([_moved(FIRST_SEED + seed, 120, np.full(120, 9.0))[0] for seed in range(n)])
    quiet = np.abs([_moved(FIRST_SEED + seed, 250, np.ones(250))[0] for seed in range(n)])
    figures["bots_double_the_posts"] = {
        "target": "binding moves by less than 1 point", "worlds": n, "most": round(float(moves[:, 0].max()), 4),
        "most_if_all_counted": round(float(moves[:, 1].max()), 2),
        "sly": "120 accounts that say 9 a day, just below what is left out; they ask and get no answer",
        "most_sly": round(float(sly.max()), 2),
        "unnoticed": "250 accounts beside 5,000 people that talk like people, daily, ask and get no answer",
        "most_unnoticed": round(float(quiet.max()), 2),
    }  # fmt: skip
    return float(moves[:, 0].max())


def test_loud_bots_that_double_the_posts_do_not_move_binding(figures: dict[str, Any]) -> None:
    assert _doubled(20, figures) < 1


def _drivers(n: int, figures: dict[str, Any]) -> tuple[int, int]:
    first = alarms = first_of_one = 0
    for seed in range(n):
        before, now, planted = segments(np.random.default_rng(FIRST_SEED + seed), planted=True)
        found = drivers(before, now)
        first += bool(found) and found[0].segment == planted
        alarms += bool(drivers(*segments(np.random.default_rng(FIRST_SEED + 5_000 + seed), planted=False)[:2]))
        before, now, planted = segments(np.random.default_rng(FIRST_SEED + seed), planted=True, n_windows=1)
        found = drivers(before, now)
        first_of_one += bool(found) and found[0].segment == planted
    figures["retention_falls_by_a_tenth_in_2,000_of_20,000"] = {
        "target": "first in 90 of 100, at most 5 alarms in 100 quiet ones", "segments": 41,
        "named_first": _counted(first, n), "alarms_when_quiet": _counted(alarms, n),
        "named_first_with_one_earlier_month_only": _counted(first_of_one, n),
    }  # fmt: skip
    return first, alarms


def test_a_fall_in_one_segment_is_named_first_and_quiet_days_stay_quiet(figures: dict[str, Any]) -> None:
    first, alarms = _drivers(100, figures)
    assert first >= 90
    assert alarms <= 5


def test_adtributor_names_the_planted_cause(figures: dict[str, Any]) -> None:
    n_right = n_dimension = 0
    for seed in range(100):
        expected, found, (dimension, values) = counted(np.random.default_rng(FIRST_SEED + seed))
        told = causes(expected, found)
        n_dimension += bool(told) and told[0].dimension == dimension
        n_right += bool(told) and told[0].dimension == dimension and tuple(sorted(told[0].values)) == values
    figures["adtributor"] = {
        "target": "95 of 100", "right": _counted(n_right, 100), "dimension_right": _counted(n_dimension, 100),
    }  # fmt: skip
    assert n_right >= 95
