"""Keeps the sources reading: each on its own, resumed from its committed cursor, none able to stop another."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import islice
from typing import Any

import numpy as np

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import RejectedRecord, SettingError, StoreError, TransientError
from gehoor.core.page import RawPage, Receipt
from gehoor.run.intake import Intake
from gehoor.run.ticket import Reading

__all__ = ["SourceTask"]

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0
_LONGEST_FULL_S = 5.0
_PAGES_AHEAD = 64
_MINUTE = 60
_FIRST = asyncio.FIRST_COMPLETED


class SourceTask:
    """One source and how it is doing.

    Parameters
    ----------
    source : Source
        The part that reads.
    kind : str
        Its type in the settings.
    cursor : callable
        Returns the committed cursor.
    pause : callable
        What waits a number of seconds after trouble; for tests.

    Notes
    -----
    Pauses double from 0.5 to 60 s, never shorter than the other side asked for, up to a quarter longer by chance, and
    only begin at 0.5 s again when a minute went by without trouble. So a server that is down sees at most seven calls
    in the first minute and one a minute from then on, also when it gives a page now and then.
    """

    def __init__(
        self,
        source: Any,
        kind: str,
        cursor: Callable[[], "asyncio.Future[bytes | None]"],
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name: str = source.name
        self.kind = kind
        self.status = "running"
        self._trouble: str | None = None
        self._source, self._cursor, self._sleep = source, cursor, pause
        self._recent: deque[tuple[int, int]] = deque()
        self._pause_s = _FIRST_PAUSE_S
        self._troubled_at = 0

    @property
    def message(self) -> str | None:
        """What is wrong; or, while it runs, what the source wants the operator to know."""
        return self._trouble or (getattr(self._source, "note", None) if self.status == "running" else None)

    async def run(self, intake: Intake, clock: Clock) -> None:
        """Read until the source has no more, or can never work; come back after trouble, with a growing pause."""
        chance = np.random.default_rng(clock.now())  # all who listen to a server must not come back at once
        while True:
            reading = Reading(self.name)
            try:
                await self._read(intake, clock, reading)
                self.status, self._trouble = "done", None
                return
            except (SettingError, RejectedRecord) as error:
                self.status, self._trouble = "stopped", str(error)
                return
            except TransientError as error:
                pause = max(error.retry_after_s or 0.0, self._pause_s)
                self.status, self._trouble = "waiting", str(error)
            except StoreError as error:
                pause = min(self._pause_s, _LONGEST_FULL_S)  # nobody else is asked, so we may look often for room
                self.status, self._trouble = "waiting", str(error)
            except Exception as error:  # noqa: BLE001  # around a part: a source that breaks stops no other
                pause = self._pause_s
                reason = f"{type(error).__name__}: {error}"
                self.status = "waiting"
                self._trouble = f"{self.name} broke ({reason}). It is read again from where it stood; please report it."
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self._troubled_at = clock.now()
            await self._sleep(pause * float(chance.uniform(1.0, 1.25)))

    async def _read(self, intake: Intake, clock: Clock, reading: Reading) -> None:
        under_way: deque[asyncio.Future[Receipt]] = deque()
        cursor = await self._cursor()
        self.status, self._trouble = "running", None
        try:
            async for page in self._pages(cursor, under_way, clock):
                under_way.append(await intake.offer(page, reading))
            while under_way:
                self._note(await under_way.popleft(), clock)
        except Exception as error:
            reading.trouble = reading.trouble or error
            await asyncio.gather(*under_way, return_exceptions=True)
            if reading.trouble is not error and isinstance(error, TransientError):
                raise reading.trouble from error  # the first reason, not what followed from it
            raise

    async def _pages(
        self, cursor: bytes | None, under_way: "deque[asyncio.Future[Receipt]]", clock: Clock
    ) -> AsyncIterator[RawPage]:
        """Yield what the source reads; what becomes of earlier pages is noticed at once, also while no page comes."""
        pages = self._source.read(cursor)
        coming = _next_of(pages)
        try:
            while True:
                is_ahead = len(under_way) > _PAGES_AHEAD
                await asyncio.wait({*islice(under_way, 1), *(() if is_ahead else (coming,))}, return_when=_FIRST)
                while under_way and under_way[0].done():
                    self._note(under_way.popleft().result(), clock)
                if is_ahead or not coming.done():
                    continue
                page = coming.result()
                if page is None:
                    return
                yield page
                coming = _next_of(pages)
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    def _note(self, receipt: Receipt, clock: Clock) -> None:
        if clock.now() - self._troubled_at >= _MINUTE * SECOND_US:
            self._pause_s = _FIRST_PAUSE_S
        self._recent.append((clock.now(), receipt.n_stored))

    def per_minute(self, now: int) -> float:
        """Return how many activities came in the last minute."""
        while self._recent and self._recent[0][0] < now - _MINUTE * SECOND_US:
            self._recent.popleft()
        return float(sum(n for _, n in self._recent))


def _next_of(pages: AsyncIterator[RawPage]) -> "asyncio.Task[RawPage | None]":
    async def next_page() -> RawPage | None:
        return await anext(pages, None)

    return asyncio.create_task(next_page())
