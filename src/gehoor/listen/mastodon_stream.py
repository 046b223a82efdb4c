"""Listens to the streams of a Mastodon-like server: fast, and with gaps, since a stream does not catch up."""

import asyncio
from types import TracebackType
from typing import Self

import numpy as np

from gehoor.core.errors import TransientError
from gehoor.listen.http import Event, Http
from gehoor.listen.mastodon_options import Timeline

__all__ = ["MastodonStreams"]

_MOST_WAITING = 1_000
_MOST_TOGETHER = 200
_TOGETHER_S = 0.2
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_WAS_OPEN_S = 5.0
_SAID = frozenset({"update", "status.update", "status_update", "delete"})
_NOTIFIED = frozenset({"notification"})


class MastodonStreams:
    """One connection a timeline, opened again with a growing pause when it drops; `async with` closes them.

    At most 1,000 events wait; then the connections are read no further until some are taken.

    Attributes
    ----------
    has_gap : bool
        A stream was interrupted since this was last set to False: what was said meanwhile must be asked for.
    """

    def __init__(self, http: Http, base: str, headers: dict[str, str], timelines: list[Timeline]) -> None:
        self._http, self._base, self._headers, self._timelines = http, base, headers, timelines
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue(_MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self.has_gap = False

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._listen(timeline)) for timeline in self._timelines]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, timeline: Timeline) -> None:
        """Keep one stream open; a server that has none is asked as seldom as it says, and its timeline is read."""
        loop, chance = asyncio.get_running_loop(), np.random.default_rng(0)
        wanted = _NOTIFIED if timeline.is_notifications else _SAID
        pause_s = _FIRST_PAUSE_S
        while True:
            begun, n_heard, wait_s = loop.time(), 0, 0.0
            try:
                async for event in self._http.events(
                    f"{self._base}{timeline.stream}", params=timeline.stream_params, headers=self._headers
                ):
                    n_heard += 1
                    if event.event in wanted:
                        await self._waiting.put(event)
            except TransientError as error:
                wait_s = error.retry_after_s or 0.0
            if n_heard or loop.time() - begun > _WAS_OPEN_S:
                pause_s = _FIRST_PAUSE_S
                await self._waiting.put(None)
            await asyncio.sleep(max(pause_s, wait_s) * float(chance.uniform(1.0, 1.25)))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def heard(self, within_s: float) -> list[Event]:
        """Return what was heard, as soon as something was; nothing after `within_s`, or at the end of a stream."""
        for task in self._tasks:
            if task.done():
                task.result()  # it never ends by itself: what ended it is for everybody to see
        try:
            async with asyncio.timeout(within_s):
                first = await self._waiting.get()
        except TimeoutError:
            return []
        waited = [first]
        if first is not None:
            await asyncio.sleep(_TOGETHER_S)
        while len(waited) < _MOST_TOGETHER and not self._waiting.empty():
            waited.append(self._waiting.get_nowait())
        self.has_gap = self.has_gap or None in waited
        return [event for event in waited if event is not None]
