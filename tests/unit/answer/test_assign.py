"""Who gets what: what is dearest to leave first, to whoever may and can, and nobody more than they can carry."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.answer.assign import Seat, Waiting, assign
from gehoor.answer.roster import Wanted
from gehoor.core.member import Member

NOOR = Member(id="noor", name="Noor", team="care", languages=("nl", "en", "de"), skills=("refund",), capacity=3)
SAM = Member(id="sam", name="Sam", team="care", languages=("nl",), capacity=3)
LENA = Member(id="lena", name="Lena", team="press", languages=("nl",), capacity=3)
TEAM = (NOOR, SAM, LENA)
WAITING = st.lists(
    st.builds(
        Waiting,
        id=st.integers(1, 99),
        cost=st.floats(0.1, 100),
        waiting_since=st.integers(0, 9),
        need=st.sampled_from([None, "refund", "app"]),
        wanted=st.builds(Wanted, st.sampled_from([None, "care"]), st.none(), st.sampled_from([None, "nl", "de", "fi"])),
    ),
    max_size=15,
    unique_by=lambda one: one.id,
)


def one(**facts: object) -> dict[str, tuple[str, ...]]:
    """Assign a single conversation; return who gets it, and why."""
    plan = assign([Waiting(1, 1.0, 0, **facts)], [Seat(member) for member in TEAM], {"app": "press"})  # type: ignore[arg-type]
    return {given.member: given.because for given in plan.assigned}


@given(WAITING, st.permutations(range(15)))
def test_it_is_the_same_in_any_order_and_respects_what_members_can(waiting: list[Waiting], order: list[int]) -> None:
    seats = [Seat(member, place) for place, member in enumerate(TEAM)]
    plan = assign(waiting, seats)
    assert plan == assign([waiting[place] for place in order if place < len(waiting)], seats)
    asked = {row.id: row for row in waiting}
    members = {member.id: member for member in TEAM}
    assert all(asked[given.id].wanted.fits(members[given.member]) for given in plan.assigned)
    assert sorted([given.id for given in plan.assigned] + [left.id for left in plan.left]) == sorted(asked)
    for seat in seats:
        n_given = sum(given.member == seat.member.id for given in plan.assigned)
        assert seat.n_open + n_given <= seat.member.capacity


@given(WAITING)
def test_nothing_is_left_while_somebody_who_can_has_room(waiting: list[Waiting]) -> None:
    plan = assign(waiting, [Seat(member) for member in TEAM])
    full = {m.id for m in TEAM if sum(given.member == m.id for given in plan.assigned) == m.capacity}
    asked = {row.id: row for row in waiting}
    for left in plan.left:
        assert all(member.id in full for member in TEAM if asked[left.id].wanted.fits(member))


def test_the_dearest_goes_first_and_the_longest_waiting_of_equals() -> None:
    waiting = [Waiting(1, 1.0, 5), Waiting(2, 9.0, 9), Waiting(3, 1.0, 3)]
    assert [given.id for given in assign(waiting, [Seat(SAM, 1)]).assigned] == [2, 3]


def test_work_that_is_soon_done_goes_before_work_that_is_not() -> None:
    waiting = [Waiting(1, 2.0, 0, minutes=30), Waiting(2, 1.0, 9, minutes=3)]
    assert [given.id for given in assign(waiting, [Seat(SAM, 2)]).assigned] == [2]


def test_whoever_knows_them_owns_it_or_is_practised_gets_it() -> None:
    assert one(answered_by="lena") == {"lena": ("knows_them",)}
    assert one(need="app") == {"lena": ("owner",)}
    assert one(need="refund") == {"noor": ("practised",)}
    assert one(wanted=Wanted(language="de")) == {"noor": ("only_one",)}


def test_who_alone_can_do_something_is_kept_free_for_it() -> None:
    assert one() == {"sam": ("room",)}


def test_who_has_more_on_their_hands_gets_less() -> None:
    waiting = [Waiting(number, 1.0, number) for number in range(4)]
    given = assign(waiting, [Seat(SAM, 2), Seat(LENA, 0)]).assigned
    assert [one.member for one in given] == ["lena", "lena", "sam", "lena"]


def test_an_owner_without_room_hands_over() -> None:
    plan = assign([Waiting(1, 1.0, 0, need="app")], [Seat(SAM), Seat(LENA, 3)], {"app": "lena"})
    assert [given.member for given in plan.assigned] == ["sam"]


def test_what_nobody_gets_says_why() -> None:
    waiting = [
        Waiting(1, 1.0, 0, wanted=Wanted(team="legal")),
        Waiting(2, 1.0, 1, wanted=Wanted(skill="medical")),
        Waiting(3, 1.0, 2, wanted=Wanted(language="fi")),
        Waiting(4, 1.0, 3, wanted=Wanted(language="de")),
    ]
    plan = assign(waiting, [Seat(NOOR, 3), Seat(SAM)])
    assert [left.why for left in plan.left] == ["no_team", "no_skill", "no_language", "full"]
    assert [left.why for left in assign(waiting[:1], []).left] == ["nobody_there"]
    assert assign([], [Seat(SAM)]).assigned == ()


def test_a_thousand_conversations_for_sixty_people_take_less_than_half_a_second() -> None:
    languages = (("nl",), ("nl", "en"), ("nl", "de"))
    team = [Seat(Member(id=f"m{n}", name="", languages=languages[n % 3], capacity=10), n % 4) for n in range(60)]
    needs, asked = ("refund", "app", "delivery", None), ("nl", "en", "de")
    waiting = [
        Waiting(n, 1.0 + n % 17, n, needs[n % 4], Wanted(language=asked[n % 3]), answered_by=f"m{n % 60}")
        for n in range(1_000)
    ]
    begun = process_time()
    assert len(assign(waiting, team).assigned) == 600 - sum(seat.n_open for seat in team)
    assert process_time() - begun < 0.5


@dataclass
class Job:
    """A conversation of the simulation: when it came, what leaving it costs an hour, and how long it takes."""

    at: float
    cost: float
    need: str
    hours: float


MEAN_H = {"refund": 0.15, "app": 0.25}
PRACTISED = [Member(id=f"m{n}", name="", skills=(("refund",), ("app",))[n % 2], capacity=1) for n in range(4)]
ALIKE = [Member(id=f"m{n}", name="", skills=("refund", "app"), capacity=1) for n in range(4)]


def jobs_of(generator: np.random.Generator, an_hour: float, n_jobs: int = 1_500) -> list[Job]:
    gaps = generator.exponential(1 / an_hour, n_jobs).cumsum()
    needs = generator.choice(["refund", "app"], n_jobs)
    costs = generator.choice([1.0, 3.0, 12.0], n_jobs, p=[0.6, 0.3, 0.1])
    hours = generator.exponential(1.0, n_jobs)
    return [
        Job(at, cost, str(need), size * MEAN_H[str(need)])
        for at, cost, need, size in zip(gaps.tolist(), costs.tolist(), needs, hours.tolist(), strict=True)
    ]


def takes(job: Job, member: Member) -> float:
    return job.hours / (1.0 if job.need in member.skills else 0.7)


def lost(job: Job, until: float) -> float:
    """Return what a delay cost: it grows ever faster."""
    waited = until - job.at
    return job.cost * (waited + waited**2 / 2)


def ours(now: float, jobs: dict[int, Job], free: list[Member]) -> tuple[int, Member]:
    rows = [
        Waiting(n, job.cost * (1 + now - job.at), int(job.at * 1e6), job.need, minutes=60 * MEAN_H[job.need])
        for n, job in jobs.items()
    ]
    best = assign(rows, [Seat(member) for member in free]).assigned[0]
    return best.id, next(member for member in free if member.id == best.member)


def first_come(now: float, jobs: dict[int, Job], free: list[Member]) -> tuple[int, Member]:
    return min(jobs), free[0]


def cost_of(jobs: list[Job], team: list[Member], pick: Callable[..., tuple[int, Member]]) -> float:
    """Live a queue with a common list: whenever somebody is free, `pick` says who takes what."""
    waiting: dict[int, Job] = {}
    free, busy = list(team), [math.inf] * len(team)
    total, coming = 0.0, 0
    while coming < len(jobs) or waiting:
        now = min(jobs[coming].at if coming < len(jobs) else math.inf, *busy)
        if coming < len(jobs) and jobs[coming].at == now:
            waiting[coming] = jobs[coming]
            coming += 1
        else:
            place = busy.index(now)
            busy[place] = math.inf
            free.append(team[place])
        while waiting and free:
            number, member = pick(now, waiting, free)
            job = waiting.pop(number)
            free.remove(member)
            total += lost(job, now)
            busy[team.index(member)] = now + takes(job, member)
    return total


def round_robin(jobs: list[Job], team: list[Member]) -> float:
    """Live a queue in which each conversation goes to the next member in turn as it comes in."""
    ends, total = [0.0] * len(team), 0.0
    for number, job in enumerate(jobs):
        place = number % len(team)
        begins = max(job.at, ends[place])
        total += lost(job, begins)
        ends[place] = begins + takes(job, team[place])
    return total


@pytest.mark.parametrize(("team", "an_hour"), [(PRACTISED, 15.0), (ALIKE, 18.0)])
def test_delay_costs_less_than_in_turn_and_than_first_come_with_the_same_work(
    team: list[Member], an_hour: float
) -> None:
    for seed in range(4):
        jobs = jobs_of(np.random.default_rng(seed), an_hour)
        mine = cost_of(jobs, team, ours)
        assert mine < 0.6 * cost_of(jobs, team, first_come)
        assert mine < 0.4 * round_robin(jobs, team)
