"""What the mirror advises: an act that fits its driver, and a gain that is the index' own arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.edition import Channel
from gehoor.core.mirror_change import Driver, Said
from gehoor.core.mirror_figure import Figure
from gehoor.core.mirror_reader import AdviceRow, iso_day
from gehoor.mirror.baseline import Baseline
from gehoor.mirror.day import Day
from gehoor.mirror.index import Index
from gehoor.run.mirror.advise import advise, followed
from gehoor.run.mirror.counts import Counts
from gehoor.run.mirror.segments import Grouped

_BINDING = Index.binding(Baseline.prior(np.zeros(4), np.ones(4)))
_SHARES = {"retention": ("was_here", "came_back"), "answered": ("asked", "answered")}


def _day(n: int, back: dict[str, int]) -> Day:
    """Return a day of n people, of whom the first so many did what each share counts."""
    columns = {whole: np.ones(n) for whole, _ in _SHARES.values()}
    columns |= {part: (np.arange(n) < back[measure]).astype(np.float64) for measure, (_, part) in _SHARES.items()}
    columns |= {"told": columns["asked"], "told_back": columns["answered"] * 0 + 1}
    return Day.of(np.arange(1, n + 1, dtype=np.uint64), columns)


def _driver(measure: str, before: float, now: float, n: int = 0, *, unit: str = "share", where: str = "") -> Driver:
    change = now - before if unit == "share" else now / before
    figure = Figure(value=change, low=change - 0.02, high=change + 0.02, unit=unit)
    return Driver(
        id=f"{measure}/{where}", measure=measure, dimension="channel" if where else "", value=where, before=before,
        now=now, change=figure, adds=change, n_people=n, p=0.001,
    )  # fmt: skip


def _channel(name: str, *went_to: tuple[str, int]) -> Channel:
    return Channel(
        name=name, n_people=80, n_people_before=200, n_posts=90, n_posts_before=300, ours=0.1, theirs=0.1,
        forecast=Figure(unit="people"), way="unknown", went_to=went_to,
    )  # fmt: skip


@given(st.integers(30, 400), st.sampled_from(sorted(_SHARES)), st.floats(0, 1), st.floats(0, 1))
def test_index_when_all_is_normal_again_is_the_index_and_the_gain(
    n: int, measure: str, part: float, rest: float
) -> None:
    usual = 1 + round(part * (n - 1))
    fell = min(usual - 1, round(rest * usual))
    normal, today = ({name: count if name == measure else n // 2 for name in _SHARES} for count in (usual, fell))
    driver = _driver(measure, usual / n, fell / n, n)
    (advice,) = advise([driver], [], _BINDING, _day(n, today), "x")
    gain = advice.gain.value
    assert gain is not None and gain > 0
    before, now = (_BINDING.measure(_day(n, which)).value for which in (normal, today))
    assert now + gain == pytest.approx(before, abs=1e-6)


@given(st.integers(60, 400), st.integers(5, 50))
def test_group_that_returns_to_normal_brings_its_own_part_and_no_more(n: int, group: int) -> None:
    now = {"retention": n // 3, "answered": n // 2}
    (whole,) = advise([_driver("retention", 0.5, 0.4, n)], [], _BINDING, _day(n, now), "x")
    (part,) = advise([_driver("retention", 0.5, 0.4, group, where="mail")], [], _BINDING, _day(n, now), "x")
    assert whole.gain.value is not None and part.gain.value is not None
    assert 0 < part.gain.value < whole.gain.value


@pytest.mark.parametrize(
    ("measure", "times", "act"),
    [("praise", 2.0, "keep_up"), ("praise", 0.5, "bring_back"), ("complaint", 2.0, "mend"), ("posts", 0.4, "follow")],
)
def test_act_fits_what_changed(measure: str, times: float, act: str) -> None:
    driver = _driver(measure, 100, 100 * times, unit="times", where="x")
    (advice,) = advise([driver], [_channel("x", ("", 70), ("bluesky", 40))], _BINDING, _day(60, _HALF), "x")
    assert advice.act == act
    assert advice.n_people == (40 if act == "follow" else 0)
    assert advice.gain.value is None


@pytest.mark.parametrize("went", [(), (("", 70),)])
def test_people_who_went_where_we_do_not_hear_cannot_be_followed(went: tuple[tuple[str, int], ...]) -> None:
    driver = _driver("posts", 100, 40, unit="times", where="x")
    assert advise([driver], [_channel("x", *went)], _BINDING, _day(60, _HALF), "x") == []


@pytest.mark.parametrize(("measure", "times"), [("complaint", 0.5), ("posts", 2.0), ("retention", 2.0)])
def test_nothing_is_advised_where_it_went_well(measure: str, times: float) -> None:
    unit = "share" if measure == "retention" else "times"
    driver = _driver(measure, 0.3, 0.3 * times, 40, unit=unit, where="x")
    assert advise([driver], [], _BINDING, _day(60, _HALF), "x") == []


def _row(day: int, state: Said, where: str = "mail") -> AdviceRow:
    driver = _driver("retention", 0.5, 0.4, 40, where=where)
    (advice,) = advise([driver], [], _BINDING, _day(60, _HALF), f"{day}/")
    return AdviceRow(advice=advice, brand="", day=day, state=state, state_day=day, said_by="")


@pytest.mark.parametrize(
    ("states", "told"),
    [(("given", "given", "given"), 1), (("given", "task", "given"), 2), (("done", "task", "given"), 2)],
)
def test_advice_of_several_mornings_is_told_once(states: tuple[Said, ...], told: int) -> None:
    rows = [_row(day, state) for day, state in enumerate(states, 1)]
    found = followed([*reversed(rows), _row(2, "given", "mastodon")], Grouped({}), Counts(40, {}), 40, 1)
    assert sorted(one.value for one in found) == ["mail", "mastodon"]
    [mail] = [one for one in found if one.value == "mail"]
    assert mail.day == iso_day(told)


_HALF = {"retention": 30, "answered": 30}
