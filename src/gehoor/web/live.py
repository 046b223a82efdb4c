"""Tells every open page that something was heard or warned of: one watcher a process, at most one word a second."""

import asyncio
from collections.abc import AsyncIterator

from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.exc import DBAPIError

from gehoor.core.errors import StoreError
from gehoor.core.reader import Reader

__all__ = ["Live"]

_POLL_S = 0.5
_SLOWEST_S = 1.0
_BREATH_S = 15.0
_ALERTS = 20  # so many of the newest are watched for a change

Seen = tuple[int, int, tuple[tuple[object, ...], ...]]
"""Last offset, up to where it is counted, and how the newest alerts stand."""


class Live:
    """Watches the last committed offset and tells who listens.

    The roll-ups follow the ledger by about a second, so both are watched: a page that asked too early asks again,
    and does not stay behind until the next post.

    Parameters
    ----------
    reader : Reader
        Whose `head` and `offset` are watched.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._changed = asyncio.Condition()
        self._word = self._alarm = 0
        self._seen: Seen = (0, 0, ())
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch."""
        self._watch = asyncio.create_task(self._follow(), name="live")

    async def stop(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        told, told_at = self._seen, 0.0
        while True:
            self._seen = await self._read()
            if self._seen != told and loop.time() - told_at >= _SLOWEST_S:
                is_alarm = told[2] != self._seen[2]
                told, told_at = self._seen, loop.time()
                await self._tell(is_alarm=is_alarm)
            await asyncio.sleep(_POLL_S)

    async def _read(self) -> Seen:
        try:
            return await asyncio.to_thread(self._look)
        except (StoreError, DBAPIError):
            return self._seen  # a day's file is just being made or dropped: look again

    def _look(self) -> Seen:
        alerts = self._reader.alerts(limit=_ALERTS)
        stand = tuple((alert.id, alert.level, alert.ended_at, alert.verdict) for alert in alerts)
        return self._reader.head(), self._reader.offset(), stand

    async def _tell(self, *, is_alarm: bool) -> None:
        async with self._changed:
            self._word += 1
            self._alarm += is_alarm
            self._changed.notify_all()

    async def _words(self) -> AsyncIterator[ServerSentEventMessage]:
        yield ServerSentEventMessage(event="open", data=str(self._seen[0]), retry=2000)
        seen, alarm = self._word, self._alarm
        while True:
            try:
                async with asyncio.timeout(_BREATH_S), self._changed:
                    while self._word == seen:
                        await self._changed.wait()
            except TimeoutError:
                yield ServerSentEventMessage(event="breath", data="")
                continue
            seen = self._word
            yield ServerSentEventMessage(event="heard", data=str(self._seen[0]))
            if self._alarm != alarm:
                alarm = self._alarm
                yield ServerSentEventMessage(event="alert", data=str(alarm))

    def answer(self) -> ServerSentEvent:
        """Return a stream of `heard` and `alert` events, with a `breath` every 15 s so that a dead line is noticed."""
        return ServerSentEvent(self._words(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
