"""The owner: the one process that writes a workspace. Wires sources, row stages, ledger and projections together."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core import registry
from gehoor.core.clock import Clock
from gehoor.core.errors import ContractError, GehoorError, SettingError, StoreError
from gehoor.core.page import RawPage, Receipt
from gehoor.core.settings import Settings
from gehoor.run.calls import Calls
from gehoor.run.context import renew_contexts
from gehoor.run.control import serve_control
from gehoor.run.desk_send import hear_answers
from gehoor.run.desk_survey import Surveys
from gehoor.run.desk_watch import watch_desk
from gehoor.run.dispatch import Dispatcher
from gehoor.run.housekeeping import tidy
from gehoor.run.intake import Intake
from gehoor.run.lock import OwnerLock
from gehoor.run.loops import Loops
from gehoor.run.parts import make_projections, open_ledger
from gehoor.run.pool import Pool
from gehoor.run.refit import refit_nightly
from gehoor.run.slow import SlowTier
from gehoor.run.sources import SourceTask
from gehoor.run.states import States
from gehoor.run.warn_proof import measure_nightly
from gehoor.run.watch_settings import watch_settings
from gehoor.run.writer import Writer

__all__ = ["Owner"]

_STATES_S, _TIDY_S, _DISPATCH_S = 1.0, 60.0, 0.5


class Owner:
    """Runs a workspace until it is told to stop, or until its sources are done.

    Parameters
    ----------
    settings : Settings
        Of the workspace, checked.
    clock : Clock
        The machine's, or that of a past that is lived again.
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
        self.dispatcher = Dispatcher(self, settings)
        self.setting_trouble: str | None = None
        self._reading: dict[str, tuple[SourceTask, asyncio.Task[None]]] = {}
        self._changing = asyncio.Lock()
        self.slow, self.loops = SlowTier(self), Loops(clock)
        self._states = States(self)
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
        await self.on_writer(self.dispatcher.recover)
        for name in self.settings.sources:
            self._start(name)
        others = [self._go(self.intake.run()), *(self._go(self.loops.keep(*loop)) for loop in self._by_itself())]
        if on_ready is not None:
            await on_ready()
        try:
            if until_done:
                await self._done_or_stopped([reading for _, reading in self._reading.values()])
            else:
                await self._stopping.wait()
        finally:
            server.close()
            await self._close(others)
        if self.trouble is not None and not isinstance(self.trouble, GehoorError):
            raise ContractError(f"A part broke its contract: {self.trouble!r}.") from self.trouble
        if self.trouble is not None:
            raise self.trouble

    def _by_itself(self) -> list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        """Return what is done without being asked, by name."""
        zone = ZoneInfo(self.settings.workspace.timezone)
        return [
            ("states", self._tell),
            ("tidy", self._tidy),
            ("settings", partial(watch_settings, self)),
            ("sending", self._dispatch),
            ("refit", partial(refit_nightly, self, zone)),
            ("proof", partial(measure_nightly, self, zone)),
            ("slow", self.slow.run),
            ("desk", partial(watch_desk, self)),
        ]

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
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._stop_for(error)

    async def _done_or_stopped(self, reading: list["asyncio.Task[None]"]) -> None:
        assert self._stopping is not None
        stop = asyncio.ensure_future(self._stopping.wait())
        everything = asyncio.ensure_future(asyncio.wait(reading)) if reading else stop
        await asyncio.wait({stop, everything}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if self.trouble is None:
            await self.intake.idle()

    async def _close(self, others: list["asyncio.Task[None]"]) -> None:
        await asyncio.gather(*(self._end(name) for name in self._reading))
        if self.trouble is None:
            await self.intake.idle()
            with suppress(StoreError):  # how the sources did: the next start tells it anew
                await self._states.write()
            with suppress(StoreError):
                await self.dispatcher.finish()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.slow.aclose()
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

    # -- sources and settings -------------------------------------------------------------------------------------

    @property
    def tasks(self) -> list[SourceTask]:
        """Every source, in the order of the settings."""
        return [self._reading[name][0] for name in self.settings.sources if name in self._reading]

    def _start(self, name: str) -> None:
        part = self.settings.sources[name]
        source = self._made.get(name) or registry.load("sources", part.type)(name, part.options, self.clock)
        if hasattr(source, "take_settings"):
            source.take_settings(self.settings)
        task = SourceTask(source, part.type, lambda: self.on_writer(lambda: self.projector.ledger.cursor(name)))
        self._reading[name] = task, self._go(task.run(self.intake, self.clock))

    async def _end(self, name: str) -> None:
        reading = self._reading[name][1]
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    async def restart_source(self, name: str) -> None:
        """Read a source anew from its cursor: a person mended what stopped it."""
        if name not in self._reading:
            raise SettingError(f"There is no source named {name!r}.")
        async with self._changing:
            await self._end(name)
            self._start(name)

    async def take_over(self, settings: Settings) -> None:
        """Go on with changed settings.

        Brands, languages and alerts count from the next page on; sources that changed start anew, the others read on.
        `[ledger]`, `[duplicates]` and `[web]` wait for the next start of gehoor.
        """
        if self._made:  # a past that is lived again, a bench: its sources are not those of the file
            settings = msgspec.structs.replace(settings, sources=self.settings.sources)
        async with self._changing:
            old, self.settings = self.settings.sources, settings
            changed = [name for name in old | settings.sources if old.get(name) != settings.sources.get(name)]
            for name in changed:
                if name in self._reading:
                    await self._end(name)
                    del self._reading[name]
            self.renew_stages()
            fresh = make_projections(settings, self.clock)
            await self.on_writer(lambda: self.projector.renew(fresh))
            await self.dispatcher.finish()
            self.dispatcher = Dispatcher(self, settings)
            for name in changed:
                if name in settings.sources:
                    self._start(name)

    # -- work -----------------------------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        surveys = Surveys(self)
        while True:
            await asyncio.sleep(_DISPATCH_S)
            with suppress(StoreError):  # a full disk: the writer says so; nothing was claimed
                await self.dispatcher.round()
                await hear_answers(self)
                await surveys.round()

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
                await self._states.write()

    async def _tidy(self) -> None:
        """Drop what retention no longer allows, compact closed days, learn which posts are not about a brand."""
        may_compact = True
        while True:
            # a full disk, a child that ended early and said why, settings that are wrong just now: again in a minute
            with suppress(GehoorError):
                may_compact = await tidy(self, self.settings.retention, may_compact=may_compact)
                await renew_contexts(self, self.pool.renew)
            await asyncio.sleep(_TIDY_S)

    def renew_stages(self) -> None:
        """Let the row stages read settings and heads anew, each before its next job."""
        self.pool.renew()

    def status(self) -> dict[str, Any]:
        """Return what a script may want to know: offset, sources, times of the stages."""
        return {
            "offset": self.projector.ledger.last_seq,
            "sources": {task.name: msgspec.to_builtins((task.status, task.message)) for task in self.tasks},
            "to_visible_p99_s": self.writer.to_visible.quantile(0.99),
            "to_durable_p99_s": self.writer.to_durable.quantile(0.99),
            "stages_ns": {"row": self.pool.stage_ns, "owner": self.writer.stage_ns},
            "n_stored": self.writer.n_stored,
            "trouble": self.writer.store_trouble or self.setting_trouble,
            "broken": self.loops.broken() | {name: one.why for name, one in self.projector.aside.items()},
        }
