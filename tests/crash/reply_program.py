"""Sends what waits at a desk until nothing does, and hears what arrived; to be killed at any moment.

With a second argument it ends after so many seconds once only answers are left that may have left already.
"""

import asyncio
import sys
import time
from pathlib import Path

from gehoor.core.clock import SystemClock
from gehoor.core.outbox import entries
from gehoor.core.settings import load
from gehoor.run.desk_send import hear_answers
from gehoor.run.dispatch import Dispatcher
from gehoor.run.offline import AtRest

__all__ = ["main"]


async def main(root: Path, patience_s: float | None) -> None:
    """Work until all is sent, or somebody must decide."""
    began = time.monotonic()
    place = AtRest(load(root), SystemClock())
    dispatcher = Dispatcher(place, place.settings)
    dispatcher.recover()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
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


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else None))
