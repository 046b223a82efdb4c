"""Sends what waits at a desk until nothing does, and hears what arrived; to be killed at any moment."""

import asyncio
import time
from multiprocessing.connection import Connection
from pathlib import Path

from gehoor.core.clock import SystemClock
from gehoor.core.outbox import entries
from gehoor.core.settings import load
from gehoor.run.desk_send import hear_answers
from gehoor.run.dispatch import Dispatcher
from gehoor.run.offline import AtRest

__all__ = ["work"]


def work(root: Path, patience_s: float | None, line: Connection) -> None:
    """Say that it is ready, and work until all is sent; after `patience_s` what may have left already can wait."""
    asyncio.run(_work(root, patience_s, line))


async def _work(root: Path, patience_s: float | None, line: Connection) -> None:
    began = time.monotonic()
    place = AtRest(load(root), SystemClock())
    dispatcher = Dispatcher(place, place.settings)
    dispatcher.recover()
    line.send("ready")
    while True:
        await dispatcher.round()
        await hear_answers(place)
        with place.projector.engine.begin() as tx:
            is_over = patience_s is not None and time.monotonic() - began > patience_s
            if not entries(tx, ("waiting", "sending") if is_over else ("waiting", "sending", "unknown")):
                break
        await asyncio.sleep(0.005)
    await hear_answers(place)
    place.close()
