"""Counts each day, and when somebody asks, what customers are worth and whom we overlook; in a process of its own."""

from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.person_value import PeopleFit, note_fit, write_worth
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.person import person, person_value
from gehoor.run.child import child_at
from gehoor.run.people_child import FIT, ROWS, STEP, count_in_child
from gehoor.run.workplace import Workplace

__all__ = ["count_people", "people_step", "renew_people"]

_MARK = "people"
_STEPS: dict[Path, str] = {}


async def renew_people(place: Workplace) -> None:
    """Count where a day has passed since the last time, and anybody ordered."""
    engine = place.projector.engine
    last, is_asked = await place.on_writer(lambda: (mark_of(engine, _MARK), _anybody(engine)))
    if is_asked and place.clock.now() - last >= DAY_US and place.root not in _STEPS:
        await count_people(place)


def people_step(root: Path) -> str | None:
    """Return which step of `run.people_child.STEPS` goes on; None where nothing is counted now."""
    return _STEPS.get(root)


async def count_people(place: Workplace) -> PeopleFit:
    """Count now, keep it and return how it was counted.

    Raises
    ------
    SettingError
        It is being counted already.
    """
    if place.root in _STEPS:
        raise SettingError("Customers are being counted already. Look again in a minute.")
    _STEPS[place.root] = "read"
    try:
        await place.on_writer(partial(_prepare, place))
        return await _count(place, place.clock.now())
    finally:
        del _STEPS[place.root]


def _anybody(engine: sa.Engine) -> bool:
    with engine.connect() as tx:
        return tx.execute(sa.select(person.c.person).where(person.c.n_order_days > 0).limit(1)).first() is not None


def _prepare(place: Workplace) -> None:
    place.projector.flush(everything=True)
    place.projector.ledger.write_index()  # what was answered is looked up in it


async def _count(place: Workplace, now: int) -> PeopleFit:
    """Write rows as a child sends them; the child goes when we go."""
    fit: PeopleFit | None = None
    async with child_at(count_in_child, str(place.root), now, name="gehoor-people") as child:
        while fit is None and (data := await child.receive()) is not None:
            kind, rest = data[:1], data[1:]
            if kind == STEP:
                _STEPS[place.root] = rest.decode()
            elif kind == ROWS:
                await place.on_writer(partial(_write, place.projector.engine, rest))
            elif kind == FIT:
                fit = msgspec.msgpack.decode(rest, type=PeopleFit)
    done = fit or PeopleFit(at=now, notes=["failed"])
    await place.on_writer(partial(_finish, place.projector.engine, done))
    return done


def _write(engine: sa.Engine, data: bytes) -> None:
    with pa.ipc.open_stream(data) as stream, engine.begin() as tx:
        for batch in stream:
            write_worth(tx, batch.to_pylist())


def _finish(engine: sa.Engine, fit: PeopleFit) -> None:
    """Let go of who is no customer any more, and note how it was counted; what failed leaves what there was."""
    if "failed" not in fit.notes:
        with engine.begin() as tx:
            tx.execute(sa.delete(person_value).where(person_value.c.at != fit.at))
            note_fit(tx, fit)
    set_mark(engine, _MARK, fit.at)
