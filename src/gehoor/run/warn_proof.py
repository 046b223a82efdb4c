"""Measures each night, or when somebody asks, how late alarms are on the workspace's own past."""

import asyncio
import contextlib
import multiprocessing as mp
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.errors import GehoorError, SettingError
from gehoor.core.store import mark_of, set_mark
from gehoor.core.warned import Delay, note_delay
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
    now = place.clock.now()
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=delay_in_child, args=(str(place.root), now, theirs), name="gehoor-warned")
    child.start()
    theirs.close()
    try:
        async with asyncio.timeout(_LONGEST_S):
            while not ours.poll() and child.is_alive():
                await asyncio.sleep(0.1)
        return msgspec.json.decode(ours.recv_bytes(), type=Delay)
    except (EOFError, OSError, TimeoutError):
        return Delay(at=now, note="failed")
    finally:
        child.kill()
        await asyncio.to_thread(child.join)
        ours.close()


def _note(place: Workplace, delay: Delay) -> None:
    with place.projector.engine.begin() as tx:
        note_delay(tx, delay)
