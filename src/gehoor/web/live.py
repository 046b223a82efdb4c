"""Tells every open page that something was heard: one watcher a process, at most one word a second."""

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
        self._word = 0
        self._seen = (0, 0)
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
                told, told_at = self._seen, loop.time()
                await self._tell()
            await asyncio.sleep(_POLL_S)

    async def _read(self) -> tuple[int, int]:
        try:
            return await asyncio.to_thread(self._look)
        except (StoreError, DBAPIError):
            return self._seen  # a day's file is just being made or dropped: look again

    def _look(self) -> tuple[int, int]:
        return self._reader.head(), self._reader.offset()

    async def _tell(self) -> None:
        async with self._changed:
            self._word += 1
            self._changed.notify_all()

    async def _words(self) -> AsyncIterator[ServerSentEventMessage]:
        yield ServerSentEventMessage(event="open", data=str(self._seen[0]), retry=2000)
        seen = self._word
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

    def answer(self) -> ServerSentEvent:
        """Return a stream of `heard` events, with a `breath` every 15 s so that a dead line is noticed."""
        return ServerSentEvent(self._words(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
