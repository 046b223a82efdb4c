"""Keeps communities of those who speak of the same: found each night anew, joined each hour by newcomers."""

from functools import partial
from importlib.util import find_spec

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.community import community, community_member
from gehoor.core.tables.ledger import forgotten
from gehoor.run.child import child_at
from gehoor.run.communities_child import Found, Head, find_in_child
from gehoor.run.workplace import Workplace

__all__ = ["renew_communities"]

_MARK, _HOUR_MARK, _NEXT = "communities", "communities_hour", "communities_next"
_HOUR_US = 3_600 * SECOND_US
_FILL = "INSERT INTO community_member (actor_key, community, participation) VALUES (?, ?, ?)"


async def renew_communities(place: Workplace) -> None:
    """Find communities where a day has passed, let newcomers join where an hour has; nothing without the extra.

    What failed is tried again in an hour.
    """
    now, engine = place.clock.now(), place.projector.engine
    if find_spec("graspologic_native") is None:
        return
    hour, day, next_id = await place.on_writer(lambda: [mark_of(engine, one) for one in (_HOUR_MARK, _MARK, _NEXT)])
    if now - hour < _HOUR_US:
        return
    is_whole = now - day >= DAY_US
    wanted = max(1, next_id) if is_whole else 0
    async with child_at(find_in_child, str(place.root), now, wanted, name="gehoor-communities") as child:
        data = await child.receive()
    found = msgspec.msgpack.decode(data, type=Found | None) if data is not None else None
    await place.on_writer(partial(_keep, engine, found, now))
    for mark in (_MARK, _HOUR_MARK) if is_whole and data is not None else (_HOUR_MARK,):
        await place.on_writer(partial(set_mark, engine, mark, now))


def _keep(engine: sa.Engine, found: Found | None, now: int) -> None:
    """Write what was found, and leave out who was forgotten, also in the meantime; None: what there was stays."""
    with engine.begin() as tx:
        if found is not None:
            _write(tx, found, now)
        tx.execute(
            sa.delete(community_member).where(community_member.c.actor_key.in_(sa.select(forgotten.c.actor_key)))
        )
        if found is None or found.heads is None:
            n = sa.select(sa.func.count()).where(community_member.c.community == community.c.id).scalar_subquery()
            tx.execute(sa.update(community).values(n=n))
    if found is not None and found.heads is not None:
        set_mark(engine, _NEXT, found.next_id)


def _write(tx: sa.Connection, found: Found, now: int) -> None:
    if found.heads is not None:
        tx.execute(sa.delete(community_member))
        tx.execute(sa.delete(community))
        if found.heads:
            tx.execute(sa.insert(community), [_row(head, now) for head in found.heads])
    if found.members:
        tx.exec_driver_sql(_FILL, found.members)


def _row(head: Head, now: int) -> dict[str, object]:
    return {**msgspec.structs.asdict(head), "found_at": now}
