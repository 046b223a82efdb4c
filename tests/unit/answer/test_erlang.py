"""How many people it takes: beside the literature, beside a simulation, and monotone."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.answer.erlang import Goal, Work, people_needed, service
from gehoor.core.errors import SettingError

WORK = st.builds(Work, st.floats(0, 200), st.floats(0.5, 30), st.one_of(st.none(), st.floats(0.5, 60)))


def simulated(work: Work, people: int, in_time: float, n: int = 100_000) -> tuple[float, float, float]:
    """Return the shares that wait, are in time and leave, of a queue that is lived through."""
    generator = np.random.default_rng(5)
    arrivals = generator.exponential(60 / work.an_hour, n).cumsum().tolist()
    lasts = generator.exponential(work.minutes, n).tolist()
    patience = generator.exponential(work.patience, n).tolist() if work.patience else [np.inf] * n
    free = [0.0] * people
    waits, left = [], 0
    for at, takes, patient in zip(arrivals, lasts, patience, strict=True):
        begins = max(at, free[0])
        waits.append(begins - at)
        if begins - at > patient:
            left += 1
        else:
            heapq.heapreplace(free, begins + takes)
    found = np.array(waits)
    return float((found > 0).mean()), float((found <= in_time).mean()), left / n


@pytest.mark.parametrize("work", [Work(40, 6), Work(40, 6, 10), Work(80, 6, 3), Work(100, 2.5, 1)])
def test_shares_are_those_of_a_queue_that_is_lived_through(work: Work) -> None:
    found = service(work, 5, 5)
    theirs = simulated(work, 5, 5)
    assert (found.p_wait, found.p_in_time, found.p_leaves) == pytest.approx(theirs, abs=0.015)


def test_people_of_endless_patience_wait_as_in_erlang_c() -> None:
    patient, endless = service(Work(40, 6, 1e5), 5, 10), service(Work(40, 6), 5, 10)
    assert (patient.p_wait, patient.p_in_time) == pytest.approx((endless.p_wait, endless.p_in_time), abs=0.001)
    assert patient.mean_wait == pytest.approx(endless.mean_wait, rel=0.01)


@settings(deadline=None)
@given(WORK, st.integers(1, 60), st.floats(0, 120))
def test_more_people_and_more_time_never_make_it_worse(work: Work, people: int, in_time: float) -> None:
    found, better = service(work, people, in_time), service(work, people + 1, in_time)
    assert -1e-9 <= found.p_in_time <= better.p_in_time + 1e-9
    assert found.p_wait + 1e-9 >= better.p_wait
    assert service(work, people, in_time + 1).p_in_time >= found.p_in_time - 1e-9


@settings(deadline=None)
@given(WORK, st.floats(0.5, 0.98), st.floats(0, 60))
def test_one_fewer_would_not_do(work: Work, share: float, minutes: float) -> None:
    goal = Goal(share, minutes)
    people = people_needed(work, goal)
    assert service(work, people, minutes).p_in_time >= share
    assert people == 0 or service(work, people - 1, minutes).p_in_time < share


def test_nobody_who_works_is_nobody_in_time() -> None:
    assert service(Work(10, 6), 0, 60).p_in_time == 0
    assert service(Work(10, 6, 5), 0, 60).p_in_time == pytest.approx(0)
    assert service(Work(0, 6), 0, 60).p_in_time == 1


def test_what_cannot_be_planned_is_said() -> None:
    with pytest.raises(SettingError, match="too many to plan for"):
        people_needed(Work(10_000_000, 6), Goal())
    with pytest.raises(SettingError, match="between 0 and 1"):
        Goal(share=80)
