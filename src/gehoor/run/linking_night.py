"""Works out each night who may be one person, in a process of its own, and proposes it to whoever looks at them."""

from functools import partial

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.proposal import Proposal, write_proposals
from gehoor.core.settings import load
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.person import person_actor, person_choice
from gehoor.know.components import APART
from gehoor.know.linking import SURE_P
from gehoor.run.child import child_at
from gehoor.run.linking_child import link_in_child
from gehoor.run.person import act_on_person
from gehoor.run.workplace import Workplace

__all__ = ["link_people", "renew_proposals"]

_MARK = "linking"
_SAID_BY = "gehoor"
_MOST_MERGED = 50


async def renew_proposals(place: Workplace) -> None:
    """Work it out where a day has passed since the last time, and profiles are kept."""
    engine = place.projector.engine
    last = await place.on_writer(lambda: mark_of(engine, _MARK))
    if place.clock.now() - last >= DAY_US and load(place.root).know.profiles:
        await link_people(place)


async def link_people(place: Workplace) -> int:
    """Work it out now; return how many pairs are proposed.

    Where the workspace says `[know] merge_sure = true`, who is one person with a probability of .99 or more is taken
    together at once, noted as anybody's decision, and can be taken apart like any. Nobody whom somebody kept apart.
    """
    now = place.clock.now()
    await place.on_writer(lambda: place.projector.flush(everything=True))
    async with child_at(link_in_child, str(place.root), now, name="gehoor-linking") as child:
        data = await child.receive()
    found = msgspec.msgpack.decode(data, type=list[Proposal]) if data is not None else None
    return int(await place.on_writer(partial(_keep, place, found, now)))


def _keep(place: Workplace, found: list[Proposal] | None, now: int) -> int:
    engine = place.projector.engine
    if found is not None:
        if load(place.root).know.merge_sure:
            merged = [one for one in found if one.p >= SURE_P and _may_merge(engine, one)][:_MOST_MERGED]
            done = {(one.left, one.right) for one in merged if _merge(place, one)}
            found = [one for one in found if (one.left, one.right) not in done]
        with engine.begin() as tx:
            write_proposals(tx, found, now)
    set_mark(engine, _MARK, now)
    return len(found or ())


def _may_merge(engine: sa.Engine, one: Proposal) -> bool:
    """Tell whether nobody said of any of their accounts that they are not the same."""
    choice = person_choice.c
    left, right = (_accounts_beside(key) for key in (one.left, one.right))
    between = sa.or_(
        sa.and_(choice.left.in_(left), choice.right.in_(right)), sa.and_(choice.left.in_(right), choice.right.in_(left))
    )
    with engine.connect() as tx:
        return tx.execute(sa.select(choice.at).where(choice.kind == APART, between).limit(1)).first() is None


def _accounts_beside(actor_key: int) -> sa.Select[tuple[int]]:
    mine = sa.select(person_actor.c.person).where(person_actor.c.actor_key == actor_key).scalar_subquery()
    return sa.select(person_actor.c.actor_key).where(person_actor.c.person == mine)


def _merge(place: Workplace, one: Proposal) -> bool:
    accounts = person_actor.c
    with place.projector.engine.connect() as tx:
        rows = tx.execute(
            sa.select(accounts.channel, accounts.actor).where(accounts.actor_key.in_((one.left, one.right)))
        ).all()
    who = [{"id": row.actor, "channel": row.channel} for row in rows]
    if len(who) < 2:
        return False
    try:
        act_on_person(place, "merge", {"who": who[0], "other": who[1], "said_by": _SAID_BY})
    except SettingError:
        return False  # one person by now
    return True
