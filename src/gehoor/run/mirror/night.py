"""Makes the editions of yesterday once it is over, and that of today every quarter of an hour."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.edition import Period
from gehoor.core.settings import load
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.ledger import rollup
from gehoor.run.mirror.child import Wanted, make_in_child
from gehoor.run.mirror.heard import local_days
from gehoor.run.workplace import Workplace

__all__ = ["make_and_keep", "make_soon", "one_at_a_time", "renew_mirror"]

_PERIODS: tuple[Period, ...] = ("day", "week", "month", "year")
_MARK, _MARK_DAY = "mirror", "mirror_day"
_QUARTER_US = 900 * SECOND_US
_ONE: dict[Path, asyncio.Lock] = {}
_DUE: dict[Path, asyncio.Lock] = {}


async def renew_mirror(place: Workplace) -> None:
    """Make what is due: nothing before anything was heard; what is being made already is waited for."""
    async with _DUE.setdefault(place.root, asyncio.Lock()):
        await _renew(place)


async def _renew(place: Workplace) -> None:
    engine, now = place.projector.engine, place.clock.now()
    last, day, is_heard = await place.on_writer(
        lambda: (mark_of(engine, _MARK), mark_of(engine, _MARK_DAY), _anything(engine))
    )
    if not is_heard or now - last < _QUARTER_US:
        return
    settings = load(place.root)
    brands = ["", *settings.brands]
    today = int(local_days(np.array([now]), ZoneInfo(settings.workspace.timezone))[0])
    await place.on_writer(lambda: set_mark(engine, _MARK, now))  # first: what fails is not tried again at once
    if day < today:
        # what is looked at first is there first: all the others take many times as long
        await make_and_keep(place, Wanted(brands=[""], periods=["day"]))
        await make_and_keep(place, Wanted(brands=brands, periods=list(_PERIODS)))
        await place.on_writer(lambda: set_mark(engine, _MARK_DAY, today))
    await make_and_keep(place, Wanted(brands=brands, periods=["day"], back=0))


def _anything(engine: sa.Engine) -> bool:
    with engine.connect() as tx:
        return tx.execute(sa.select(rollup.c.at).limit(1)).first() is not None


def one_at_a_time(root: Path) -> asyncio.Lock:
    """Return what is held while the marts of a workspace are made."""
    return _ONE.setdefault(root, asyncio.Lock())


def make_soon(engine: sa.Engine) -> None:
    """Let all newest editions be made the next time that somebody looks whether any is due."""
    set_mark(engine, _MARK, 0)
    set_mark(engine, _MARK_DAY, 0)


async def make_and_keep(place: Workplace, wanted: Wanted) -> int:
    """Make editions and keep them, one at a time in a workspace; return their last day (since 1970)."""
    async with one_at_a_time(place.root):
        found = await make_in_child(place.root, place.clock.now(), wanted)
        return int(await place.on_writer(partial(_write, place.projector.engine, place.root, found)))


def _write(engine: sa.Engine, root: Path, found: bytes) -> int:
    from gehoor.run.mirror.keep import keep
    from gehoor.run.mirror.make import Made

    made: Sequence[Made] = msgspec.msgpack.decode(found, type=list[Made])
    keep(engine, root, made)
    return made[0].last
