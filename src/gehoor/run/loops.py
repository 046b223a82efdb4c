"""What an owner does by itself, for ever: a loop that breaks says why and begins anew, and stops nothing else."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from gehoor.core.clock import SECOND_US, Clock

__all__ = ["Loops"]

_PAUSE_S, _SAID_S = 30.0, 600.0
_log = logging.getLogger(__name__)


class Loops:
    """Keeps loops going.

    Parameters
    ----------
    clock : Clock
        What time it is, for how long ago a loop broke.
    pause_s : float
        How long a loop that broke waits.
    """

    def __init__(self, clock: Clock, pause_s: float = _PAUSE_S) -> None:
        self._clock, self._pause_s = clock, pause_s
        self._broken: dict[str, tuple[int, str]] = {}

    async def keep(self, name: str, begin: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a loop until it returns or is cancelled."""
        while True:
            try:
                await begin()
                return
            except Exception as error:  # noqa: BLE001  # around a part: what breaks stops no other
                _log.exception("%s broke, and begins anew in %s s", name, self._pause_s)
                self._broken[name] = self._clock.now(), f"{type(error).__name__}: {str(error)[:300]}"
            await asyncio.sleep(self._pause_s)

    def broken(self) -> dict[str, str]:
        """Return which loops broke in the last ten minutes, and why."""
        since = self._clock.now() - round(_SAID_S * SECOND_US)
        return {name: why for name, (at, why) in self._broken.items() if at > since}
