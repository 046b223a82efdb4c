"""Customers of a workspace are counted: what each is worth, who got how much attention, and who is forgotten."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.person_value import PeopleFit, Worth, fit_of, note_fit, worth_of, write_worth
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.tables.person import person, person_actor, person_value
from gehoor.run.people_child import STEPS
from gehoor.run.people_fit import fit_people
from gehoor.run.people_night import people_step, renew_people
from tests.cast import NOON
from tests.component.customers import DID, HER, SHOP, activities
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearing, list[str]]]:
    """A shop that was counted, and the steps that were said."""
    hearing = Hearing(tmp_path_factory.mktemp("people") / "workspace")
    hearing.hear(activities())
    hearing.ledger.write_index()
    steps: list[str] = []
    rows, fit = fit_people(hearing.root, NOON, steps.append)
    with hearing.projector.engine.begin() as tx:
        write_worth(tx, rows.to_pylist())
        note_fit(tx, fit)
    yield hearing, steps
    hearing.close()


def _worth(hearing: Hearing, channel: str, actor: str) -> Worth:
    key = digest(channel, actor)
    whose = sa.select(person_actor.c.person).where(person_actor.c.actor_key == key).scalar_subquery()
    return worth_of(Reader(hearing.root), person_value.c.person == whose)[0]


def test_every_customer_of_ours_has_a_value_with_an_interval(heard: tuple[Hearing, list[str]]) -> None:
    hearing, steps = heard
    rows, fit = worth_of(Reader(hearing.root), limit=1_000), fit_of(Reader(hearing.root))
    assert fit is not None
    assert tuple(steps) == STEPS
    assert 140 < len(rows) == fit.n_customers <= 160
    assert all(row.clv_low <= row.clv <= row.clv_high for row in rows)
    assert all(row.p_alive_low <= row.p_alive <= row.p_alive_high for row in rows)
    assert all(row.p_again_by_recency is not None for row in rows)
    assert [row.clv for row in rows] == sorted((row.clv for row in rows), reverse=True)


def test_orders_of_other_brands_are_left_out_and_counted(heard: tuple[Hearing, list[str]]) -> None:
    fit = fit_of(Reader(heard[0].root))
    others = sum(one.brand not in (SHOP, None) for one in activities())
    assert (fit.brand, fit.currency, fit.n_elsewhere) == (SHOP, "EUR", others)  # type: ignore[union-attr]  # it was counted


def test_models_are_compared_on_as_many_days_as_one_looks_ahead(heard: tuple[Hearing, list[str]]) -> None:
    fit = fit_of(Reader(heard[0].root)) or PeopleFit(at=0)
    assert fit.held_out_days == fit.horizon_days == fit.known_days // 2
    assert {one.name for one in fit.judged} >= {"recency", fit.model}


def test_an_answer_counts_for_the_person_whose_post_it_answers(heard: tuple[Hearing, list[str]]) -> None:
    hers = _worth(heard[0], "bluesky", DID)
    assert hers == _worth(heard[0], "shop", HER)
    assert (hers.n_asked, hers.n_given) == (2, 1)
    assert sum(row.n_given for row in worth_of(Reader(heard[0].root), limit=1_000)) == 1


def test_counted_in_a_process_of_its_own_where_a_day_has_passed(workspace: Path) -> None:
    hearing = Hearing(workspace)
    owner = Deciding(hearing)
    asyncio.run(renew_people(owner))  # type: ignore[arg-type]  # it is the part of an owner that is asked here
    assert fit_of(Reader(workspace)) is None, "nobody ordered: nothing is counted"
    hearing.hear(activities())
    asyncio.run(renew_people(owner))  # type: ignore[arg-type]
    first = fit_of(Reader(workspace))
    asyncio.run(renew_people(owner))  # type: ignore[arg-type]
    assert first is not None
    assert fit_of(Reader(workspace)) == first
    assert people_step(workspace) is None
    n = Reader(workspace).stored(sa.select(sa.func.count()).select_from(person_value))[0][0]
    owner.clock = StillClock(NOON + 2 * DAY_US)
    with hearing.projector.engine.begin() as tx:
        tx.execute(sa.delete(person).where(person.c.person == digest("shop", "customer-3")))
    assert Reader(workspace).stored(sa.select(sa.func.count()).select_from(person_value))[0][0] == n - 1
    hearing.close()


def test_without_an_order_there_is_nothing_to_count_and_it_says_so(workspace: Path) -> None:
    hearing = Hearing(workspace)
    rows, fit = fit_people(workspace, NOON, lambda _: None)
    assert (rows.num_rows, fit.n_customers, fit.notes) == (0, 0, [])
    hearing.close()


def test_with_few_customers_a_model_leans_on_what_is_usual_and_says_so(workspace: Path) -> None:
    hearing = Hearing(workspace)
    hearing.hear([one for one in activities() if one.actor in ("customer-1", "customer-2", HER)])
    rows, fit = fit_people(workspace, NOON, lambda _: None)
    assert 1 <= rows.num_rows <= 3
    assert {"few", "pooled", "no_holdout", "attention_pooled"} <= set(fit.notes)
    assert rows["p_again_by_recency"].null_count == rows.num_rows
    hearing.close()
