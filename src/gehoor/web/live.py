"""Tells every open page what is new: one watcher a process, at most one word a second, an alarm at once."""

import asyncio
from collections.abc import AsyncIterator

import sqlalchemy as sa
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.exc import DBAPIError

from gehoor.core.errors import StoreError
from gehoor.core.reader import Reader
from gehoor.core.tables.desk import desk_event

__all__ = ["Live"]

_POLL_S = 0.25
_SLOWEST_S = 1.0
_BREATH_S = 15.0
_ALERTS = 20  # so many of the newest are watched for a change

_LAST_ACT = sa.select(sa.func.max(desk_event.c.id))

Seen = tuple[int, int, tuple[tuple[object, ...], ...], int]
"""Last offset, up to where it is counted, how the newest alerts stand, and the last act of the desk."""


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
        self._word = self._alarm = self._desk = 0
        self._seen: Seen = (0, 0, (), 0)
        self._watch: asyncio.Task[None] | None = None
        self._is_over = False

    async def start(self) -> None:
        """Begin to watch."""
        self._watch = asyncio.create_task(self._follow(), name="live")

    async def stop(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])

    async def end(self) -> None:
        """Let go of every open page, so that the server need not wait for it; it comes back by itself."""
        self._is_over = True
        async with self._changed:
            self._changed.notify_all()

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        told, told_at = self._seen, 0.0
        while True:
            self._seen = await self._read()
            is_alarm, is_desk = told[2] != self._seen[2], told[3] != self._seen[3]
            if is_alarm or (self._seen != told and loop.time() - told_at >= _SLOWEST_S):
                told, told_at = self._seen, loop.time()
                await self._tell(is_alarm=is_alarm, is_desk=is_desk)
            await asyncio.sleep(_POLL_S)

    async def _read(self) -> Seen:
        try:
            return await asyncio.to_thread(self._look)
        except (StoreError, DBAPIError):
            return self._seen  # a day's file is just being made or dropped: look again

    def _look(self) -> Seen:
        alerts = self._reader.alerts(limit=_ALERTS)
        stand = tuple((alert.id, alert.level, alert.ended_at, alert.verdict) for alert in alerts)
        acts = self._reader.stored(_LAST_ACT)
        return self._reader.head(), self._reader.offset(), stand, acts[0][0] or 0 if acts else 0

    async def tell_desk(self) -> None:
        """Tell that somebody came to a conversation, left it, or began to write in it."""
        await self._tell(is_alarm=False, is_desk=True)

    async def _tell(self, *, is_alarm: bool, is_desk: bool) -> None:
        async with self._changed:
            self._word += 1
            self._alarm += is_alarm
            self._desk += is_desk
            self._changed.notify_all()

    async def _words(self) -> AsyncIterator[ServerSentEventMessage]:
        yield ServerSentEventMessage(event="open", data=str(self._seen[0]), retry=2000)
        seen, alarm, desk = self._word, self._alarm, self._desk
        while not self._is_over:
            try:
                async with asyncio.timeout(_BREATH_S), self._changed:
                    while self._word == seen and not self._is_over:
                        await self._changed.wait()
            except TimeoutError:
                yield ServerSentEventMessage(event="breath", data="")
                continue
            if self._word == seen:  # woken without one: it is over
                return
            seen = self._word
            yield ServerSentEventMessage(event="heard", data=str(self._seen[0]))
            if self._alarm != alarm:
                alarm = self._alarm
                yield ServerSentEventMessage(event="alert", data=str(alarm))
            if self._desk != desk:
                desk = self._desk
                yield ServerSentEventMessage(event="desk", data=str(desk))

    def answer(self) -> ServerSentEvent:
        """Return a stream of `heard`, `alert` and `desk` events, and a `breath` every 15 s."""
        return ServerSentEvent(self._words(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
