"""Measures each night, or when somebody asks, how late alarms are on the workspace's own past."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.errors import GehoorError, SettingError
from gehoor.core.store import mark_of, set_mark
from gehoor.core.warned import Delay, note_delay
from gehoor.run.child import child_at
from gehoor.run.refit import night_of
from gehoor.run.warn_replay import delay_in_child
from gehoor.run.workplace import Workplace

__all__ = ["measure_delay", "measure_nightly"]

_LOOK_S, _LONGEST_S = 60.0, 600.0
_MARK = "warned"
_BUSY: set[Path] = set()


async def measure_delay(place: Workplace) -> Delay:
    """Measure in a process of its own, keep what was found and return it.

    Raises
    ------
    SettingError
        It is being measured already.
    """
    if place.root in _BUSY:
        raise SettingError("That is being measured already. Look again in a minute.")
    _BUSY.add(place.root)
    try:
        delay = await _in_child(place)
        await place.on_writer(partial(_note, place, delay))
        return delay
    finally:
        _BUSY.discard(place.root)


async def measure_nightly(place: Workplace, zone: ZoneInfo) -> None:
    """Measure once a night, for ever; a night that was missed is made up for after the next start."""
    while True:
        await asyncio.sleep(_LOOK_S)
        night = night_of(place.clock.now(), zone)
        if await place.on_writer(partial(mark_of, place.projector.engine, _MARK)) >= night:
            continue
        with contextlib.suppress(GehoorError, OSError):  # a full disk, or somebody asks just now: so be it
            await place.on_writer(partial(set_mark, place.projector.engine, _MARK, night))
            await measure_delay(place)


async def _in_child(place: Workplace) -> Delay:
    """Return what a child found; the child goes when we go."""
    now, data = place.clock.now(), None
    with contextlib.suppress(TimeoutError):
        async with (
            asyncio.timeout(_LONGEST_S),
            child_at(delay_in_child, str(place.root), now, name="gehoor-warned") as it,
        ):
            data = await it.receive()
    return Delay(at=now, note="failed") if data is None else msgspec.json.decode(data, type=Delay)


def _note(place: Workplace, delay: Delay) -> None:
    with place.projector.engine.begin() as tx:
        note_delay(tx, delay)
