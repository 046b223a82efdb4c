"""Brings raw pages to the row stages: small pages together, and never more than there is room for."""

import asyncio
import contextlib
import time

from gehoor.core.page import RawPage, Receipt
from gehoor.core.settings import Ledger
from gehoor.run.pool import Pool
from gehoor.run.ticket import Reading, Ticket
from gehoor.run.writer import IN_FLIGHT, Writer

__all__ = ["Intake"]

_JOB_BYTES = 2_600_000
_WAITING_BYTES = 5_000_000


class Intake:
    """The one queue between hearing and the ledger.

    A job is what waits: up to `batch_rows` lines, or what came within `batch_s` (four large pages cost a third less
    than forty small ones), but at once when somebody waits for an answer. Four jobs may be under way. When more than
    5 MB waits, `offer` waits too, and so do the sources and the senders: back-pressure instead of growing memory.
    """

    def __init__(self, pool: Pool, writer: Writer, batch: Ledger) -> None:
        self._pool, self._writer, self._batch = pool, writer, batch
        self._waiting: list[Ticket] = []
        self._n_bytes = 0
        self._changed = asyncio.Condition()
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self.n_under_way = 0

    async def offer(self, page: RawPage, reading: Reading | None) -> "asyncio.Future[Receipt]":
        """Queue a page as soon as there is room, and return the promise of its receipt."""
        ticket = Ticket(page, reading, time.monotonic_ns(), 1 + page.payload.count(b"\n"))
        async with self._changed:
            await self._changed.wait_for(lambda: self._n_bytes < _WAITING_BYTES)
            self._waiting.append(ticket)
            self._n_bytes += len(page.payload)
            self._changed.notify_all()
        return asyncio.wrap_future(ticket.receipt)

    async def run(self) -> None:
        """Hand jobs to the row stages and the writer, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await self._slots.acquire()
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
                left_s = self._waiting[0].read_ns / 1e9 + self._batch.batch_s - time.monotonic()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, left_s)):
                        await self._changed.wait_for(self._is_due)
                job = self._next_job()
                self._changed.notify_all()
            self.n_under_way += 1
            staged = self._pool.submit([ticket.page for ticket in job])
            self._writer.put(job, staged)
            job[-1].receipt.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))

    def _is_due(self) -> bool:
        n_lines = sum(ticket.n_lines for ticket in self._waiting)
        return n_lines >= self._batch.batch_rows or any(ticket.reading is None for ticket in self._waiting)

    def _next_job(self) -> list[Ticket]:
        n_bytes = n_lines = n = 0
        for ticket in self._waiting:
            n_bytes += len(ticket.page.payload)
            n_lines += ticket.n_lines
            if n and (n_bytes > _JOB_BYTES or n_lines > self._batch.batch_rows):
                break
            n += 1
        job, self._waiting = self._waiting[:n], self._waiting[n:]
        self._n_bytes -= sum(len(ticket.page.payload) for ticket in job)
        return job

    def _done(self) -> None:
        self.n_under_way -= 1
        self._slots.release()

    async def idle(self) -> None:
        """Wait until nothing waits and nothing is under way; a writer that ended takes nothing any more."""
        while (self._waiting or self.n_under_way) and self._writer.is_alive():
            await asyncio.sleep(0.01)
