"""The owner: the one process that writes a workspace. Wires sources, row stages, ledger and projections together."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core import registry
from gehoor.core.clock import Clock
from gehoor.core.errors import ContractError, GehoorError, StoreError
from gehoor.core.page import RawPage, Receipt
from gehoor.core.settings import Settings
from gehoor.core.store import put
from gehoor.core.tables import ledger as tables
from gehoor.run.calls import Calls
from gehoor.run.control import serve_control
from gehoor.run.housekeeping import tidy
from gehoor.run.intake import Intake
from gehoor.run.lock import OwnerLock
from gehoor.run.parts import open_ledger
from gehoor.run.pool import Pool
from gehoor.run.sources import SourceTask
from gehoor.run.writer import Writer

__all__ = ["Owner"]

_STATES_S, _TIDY_S = 1.0, 60.0


class Owner:
    """Runs a workspace until it is told to stop, or until its sources are done.

    Parameters
    ----------
    settings : Settings
        Of the workspace, checked.
    clock : Clock
        What time it is: the machine's, or that of a past that is lived again.
    beside : callable, optional
        Called once the workspace is ours, before the ledger is opened: to start something that takes its time.
    made : mapping, optional
        Sources of the settings that are made already (a replay, a bench), by name.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        beside: Callable[[], None] | None = None,
        made: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings, self.clock, self.root = settings, clock, settings.root
        self._lock = OwnerLock(self.root)
        self.pool = Pool(self.root)
        if beside is not None:
            beside()
        self.projector = open_ledger(settings, clock)
        self.trouble: Exception | None = None
        self._stopping: asyncio.Event | None = None
        self.writer = Writer(self.projector.ledger, self.projector, self._stop_for)
        self.tasks: list[SourceTask] = []
        self._states: dict[str, tuple[Any, ...]] = {}
        self._made = made or {}

    # -- life -----------------------------------------------------------------------------------------------------

    async def run(self, *, until_done: bool = False, on_ready: Callable[[], Awaitable[None]] | None = None) -> None:
        """Run until `stop`, or with `until_done` until every source has no more to read.

        Raises
        ------
        GehoorError
            What made the owner stop by itself.
        """
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self.writer.start()
        self.intake = Intake(self.pool, self.writer, self.settings.ledger)
        server = await serve_control(self.root, Calls(self).handle)
        self.tasks = [self._task(name) for name in self.settings.sources]
        reading = [self._go(task.run(self.intake, self.clock)) for task in self.tasks]
        others = [self._go(self.intake.run()), self._go(self._tell()), self._go(self._tidy())]
        if on_ready is not None:
            await on_ready()
        try:
            if until_done:
                await self._done_or_stopped(reading)
            else:
                await self._stopping.wait()
        finally:
            server.close()
            await self._close(reading, others)
        if self.trouble is not None and not isinstance(self.trouble, GehoorError):
            raise ContractError(f"A part broke its contract: {self.trouble!r}.") from self.trouble
        if self.trouble is not None:
            raise self.trouble

    def stop(self) -> None:
        """Stop in order: sources, what is under way, projections, files. Safe from any thread."""
        if self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    def _stop_for(self, trouble: Exception) -> None:
        self.trouble = trouble
        self.stop()

    def _go(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._check)
        return task

    def _check(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._stop_for(error)

    async def _done_or_stopped(self, reading: list["asyncio.Task[None]"]) -> None:
        assert self._stopping is not None
        stop = asyncio.ensure_future(self._stopping.wait())
        everything = asyncio.ensure_future(asyncio.wait(reading)) if reading else stop
        await asyncio.wait({stop, everything}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if self.trouble is None:
            await self.intake.idle()

    async def _close(self, reading: list["asyncio.Task[None]"], others: list["asyncio.Task[None]"]) -> None:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        if self.trouble is None:
            await self.intake.idle()
            with suppress(StoreError):  # how the sources did: the next start tells it anew
                await self._write_states()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.writer.stop()
        await asyncio.to_thread(self.writer.join)
        self.pool.close()
        try:
            if self.trouble is None:
                self.projector.close()
        except StoreError as error:  # a full disk; what it keeps from being written stands in the ledger
            self.trouble = error
        finally:
            self.projector.ledger.close()
            self._lock.release()

    # -- work -----------------------------------------------------------------------------------------------------

    def _task(self, name: str) -> SourceTask:
        part = self.settings.sources[name]
        source = self._made.get(name) or registry.load("sources", part.type)(name, part.options, self.clock)
        return SourceTask(source, part.type, lambda: self.on_writer(lambda: self.projector.ledger.cursor(name)))

    def on_writer(self, action: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Run something on the writer's thread, between two commits."""
        return asyncio.wrap_future(self.writer.call(action))

    async def hear(self, page: RawPage) -> Receipt:
        """Take in a page that was pushed; return when it is committed and on disk."""
        promise = await self.intake.offer(page, None)
        return await promise

    async def _tell(self) -> None:
        """Write every second how the sources are doing, where that has changed."""
        while True:
            await asyncio.sleep(_STATES_S)
            with suppress(StoreError):  # the writer knows of the full disk; they are written when there is room
                await self._write_states()

    async def _write_states(self) -> None:
        now = self.clock.now()
        states = {
            task.name: (task.kind, task.status, task.message, round(task.per_minute(now), 1)) for task in self.tasks
        }
        states |= {name: (part.type, "running", None, 0.0) for name, part in self.settings.receivers.items()}
        fresh = {name: state for name, state in states.items() if self._states.get(name) != state}
        if fresh:
            await self.on_writer(lambda: self._put_states(fresh))
        self._states = states

    def _put_states(self, states: dict[str, tuple[Any, ...]]) -> None:
        known = [*self.settings.sources, *self.settings.receivers]
        with self.projector.engine.begin() as tx:
            tx.execute(sa.delete(tables.source).where(tables.source.c.name.not_in(known)))
            for name, (kind, status, message, per_minute) in states.items():
                values = {"type": kind, "status": status, "message": message, "per_minute": per_minute}
                put(tx, tables.source, name=name, **values)

    async def _tidy(self) -> None:
        """Drop what retention no longer allows, and compact closed days."""
        keep_days, may_compact = self.settings.retention.ledger_days, True
        while True:
            with suppress(StoreError):  # a full disk: a minute later there may be room
                may_compact = await tidy(self, keep_days, may_compact=may_compact)
            await asyncio.sleep(_TIDY_S)

    def status(self) -> dict[str, Any]:
        """Return what a script may want to know: offset, sources, times of the stages."""
        return {
            "offset": self.projector.ledger.last_seq,
            "sources": {task.name: msgspec.to_builtins((task.status, task.message)) for task in self.tasks},
            "to_visible_p99_s": self.writer.to_visible.quantile(0.99),
            "to_durable_p99_s": self.writer.to_durable.quantile(0.99),
            "stages_ns": {"row": self.pool.stage_ns, "owner": self.writer.stage_ns},
            "n_stored": self.writer.n_stored,
            "trouble": self.writer.store_trouble,
        }
