"""How grave a burst is: each factor counts, none alone makes a crisis, and what is unknown is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gehoor.warn.crisis import Facts, Spreading, crisis_of, spread_value
from gehoor.warn.level import level_of

STORM = Facts(n=400, expected=20, n_negative=240, spreading=Spreading(n_people=150, n_channels=2), reach=90_000)


def _level(facts: Facts) -> int:
    return level_of(crisis_of(facts), facts.spreading.n_people, facts.n_negative / facts.n)


def test_a_storm_of_angry_people_is_a_crisis() -> None:
    assert _level(STORM) == 3


@pytest.mark.parametrize(
    "milder",
    [
        replace(STORM, n_negative=10),
        replace(STORM, spreading=Spreading(n_people=6)),
        replace(STORM, n=22, n_negative=6, spreading=Spreading(n_people=12), reach=200),
    ],
    ids=["they cheer", "six people", "hardly more than usual"],
)
def test_no_factor_alone_makes_a_crisis(milder: Facts) -> None:
    assert _level(milder) < 3


def test_shares_add_up_and_what_is_unknown_has_none() -> None:
    factors = {one.name: one for one in crisis_of(replace(STORM, reach=None)).factors}
    assert sum(one.share for one in factors.values()) == pytest.approx(1, abs=0.01)
    assert (factors["reach"].value, factors["reach"].share, factors["who"].value) == (None, 0, None)


def test_press_and_officials_make_it_graver_and_fans_hardly() -> None:
    mild = replace(STORM, n=60, n_negative=20, spreading=Spreading(n_people=20), reach=None)
    scores = [crisis_of(replace(mild, roles=roles)).score for roles in ({"fan": 5}, {"customer": 5}, {"press": 2})]
    assert scores == sorted(scores)
    assert scores[0] < scores[2]


def test_what_doubles_fast_spreads_more_than_what_doubles_slowly() -> None:
    slow, fast = (spread_value(Spreading(n_people=60, doubling_s=seconds)) for seconds in (36_000.0, 300.0))
    assert slow < fast


def test_a_level_never_falls_while_a_burst_lasts() -> None:
    assert level_of(crisis_of(replace(STORM, n_negative=0)), 150, 0.0, before=3) == 3


@given(
    n=st.floats(1, 1e6), share=st.floats(0, 1), people=st.integers(0, 10**6), reach=st.none() | st.integers(0, 10**9),
    more=st.floats(1, 50),
)  # fmt: skip
def test_score_is_bounded_and_grows_with_the_burst(
    n: float, share: float, people: int, reach: int | None, more: float
) -> None:
    facts = Facts(n=n, expected=20, n_negative=n * share, spreading=Spreading(n_people=people), reach=reach)
    grown = replace(facts, n=n * more, n_negative=n * more * share)
    assert 0 <= crisis_of(facts).score <= crisis_of(grown).score + 1e-9 <= 1 + 1e-9
