"""One measured run of the whole pipeline: warm it up, let it read, take the figures while everything still lives."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.errors import ContractError
from gehoor.core.settings import Part, Settings
from gehoor.run.bench_posts import PacedSource
from gehoor.run.local import WebProcess, WebServer, run_owner
from gehoor.run.measure import MemoryWatch, cpu_s, ended_cpu_s, family
from gehoor.run.owner import Owner

__all__ = ["Measured", "Run"]

_WARM_LINES = 256
_POLL_S = 0.05
_WAIT_S = 60.0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run; see `run.bench.run_bench`."""

    posts: int
    seconds: float
    posts_per_s: float
    cpu_us_per_post: float
    stages: dict[str, float]
    peak_rss_mb: float
    peak_standing_mb: float
    read_to_visible_p99_s: float
    read_to_durable_p99_s: float
    course: list[tuple[float, int, float]]


class _Spent(msgspec.Struct, frozen=True):
    """CPU seconds so far: by process, of those that have ended, and by stage."""

    processes: dict[int, float]
    ended: float
    row: dict[str, float]
    owner: dict[str, float]


class Run:
    """A pipeline with its web process, measured from the first page that is read until all is durable.

    Parameters
    ----------
    source : PacedSource
        Waits until everything is warm.
    n : int
        How many posts it has.
    """

    def __init__(self, settings: Settings, clock: Clock, source: PacedSource, n: int) -> None:
        self._settings = msgspec.structs.replace(settings, sources={source.name: Part(type="bench", options=None)})
        self._clock, self._source, self._n = clock, source, n
        self._measured: Measured | None = None

    def measure(self, server: WebServer, on_share: Callable[[float], None] | None) -> Measured:
        """Run it, and return the figures.

        Raises
        ------
        ContractError
            Not every post came through: figures about the others would say nothing.
        """
        self._on_share = on_share or (lambda _: None)
        self._web = WebProcess(server, self._settings, self._clock)
        made: dict[str, Any] = {self._source.name: self._source}
        self._owner = Owner(self._settings, self._clock, beside=self._web.start, made=made)
        asyncio.run(run_owner(self._owner, self._web, until_done=False, on_ready=self._begin))
        self._task.result()
        if self._measured is None:
            raise ContractError("The bench was stopped before it had read everything.")
        return self._measured

    async def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._work())
        self._task.add_done_callback(lambda _: self._owner.stop())

    async def _work(self) -> None:
        await self._warm_up()
        before, started = self._spent(), time.monotonic()
        n_before = self._owner.writer.n_stored

        def behind() -> int:
            return self._source.n_given - (self._owner.writer.n_stored - n_before)

        watch = MemoryWatch(os.getpid(), behind)
        watch.start()
        self._source.may_start.set()
        try:
            await self._all_read(n_before)
            await self._owner.on_writer(lambda: self._owner.projector.flush(everything=True))
            seconds, after = time.monotonic() - started, self._spent()
        finally:
            watch.end()
        await self._settled()
        self._measured = self._figures(before, after, seconds, watch)

    async def _warm_up(self) -> None:
        """Let every process load what it needs: both row stages judge a page, and the pages answer."""
        page = await self._source.head()
        lines = page.payload.splitlines(keepends=True)[:_WARM_LINES]
        small = msgspec.structs.replace(page, payload=b"".join(lines), cursor=b"")
        jobs = [self._owner.pool.submit([small]) for _ in self._owner.pool.processes]
        await asyncio.gather(*(asyncio.wrap_future(job) for job in jobs))
        deadline = time.monotonic() + _WAIT_S
        while True:
            try:
                _, writer = await asyncio.open_connection(self._settings.web.host, self._settings.web.port)
            except OSError:
                if time.monotonic() > deadline:
                    raise ContractError("The web process did not come up: see above for the reason.") from None
                await asyncio.sleep(_POLL_S)
                continue
            writer.close()
            return

    async def _all_read(self, n_before: int) -> None:
        task = self._owner.tasks[0]
        while task.status == "running":
            await asyncio.sleep(_POLL_S)
            self._on_share((self._owner.writer.n_stored - n_before) / self._n)
        await self._owner.intake.idle()
        n = self._owner.writer.n_stored - n_before
        if task.status != "done" or n != self._n:
            raise ContractError(f"{n} of {self._n} posts came through ({task.status}: {task.message}).")

    async def _settled(self) -> None:
        """Wait until the writer has noted when the last pages became durable."""
        writer = self._owner.writer
        deadline = time.monotonic() + _WAIT_S
        while writer.to_durable.counts.sum() < writer.to_visible.counts.sum() and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_S)

    def _spent(self) -> _Spent:
        row: dict[str, float] = {}
        for stages in self._owner.pool.stage_ns:
            for name, ns in stages.items():
                row[name] = row.get(name, 0.0) + ns / 1e9
        owner = {name: ns / 1e9 for name, ns in self._owner.writer.stage_ns.items()}
        mine = family(os.getpid())
        return _Spent({pid: cpu_s(pid) for pid in mine}, sum(map(ended_cpu_s, mine)), row, owner)

    def _figures(self, before: _Spent, after: _Spent, seconds: float, watch: MemoryWatch) -> Measured:
        used = {pid: spent - before.processes.get(pid, 0.0) for pid, spent in after.processes.items()}
        used[os.getpid()] -= watch.cpu_s
        stages = self._stages(before, after, used)
        writer = self._owner.writer
        return Measured(
            posts=self._n,
            seconds=round(seconds, 2),
            posts_per_s=round(self._n / seconds, 1),
            cpu_us_per_post=round((sum(used.values()) + after.ended - before.ended) / self._n * 1e6, 2),
            stages={name: round(spent / self._n * 1e6, 2) for name, spent in stages.items()},
            peak_rss_mb=round(watch.peak_mb, 1),
            peak_standing_mb=round(watch.standing_mb, 1),
            read_to_visible_p99_s=round(writer.to_visible.quantile(0.99), 3),
            read_to_durable_p99_s=round(writer.to_durable.quantile(0.99), 3),
            course=watch.notes,
        )

    def _stages(self, before: _Spent, after: _Spent, used: dict[int, float]) -> dict[str, float]:
        """Return the CPU seconds of every stage and process; what belongs to no stage is the process's rest."""
        row = {name: spent - before.row.get(name, 0.0) for name, spent in after.row.items()}
        owner = {name: spent - before.owner.get(name, 0.0) for name, spent in after.owner.items()}
        web_pid = self._web.process.pid if self._web.process is not None else None
        workers = sum(used.get(process.pid or 0, 0.0) for process in self._owner.pool.processes)
        web = used.get(web_pid or 0, 0.0)
        beside = sum(used.values()) - used[os.getpid()] - workers - web + after.ended - before.ended
        return {
            **{f"row.{name}": spent for name, spent in row.items()},
            "row.rest": workers - sum(row.values()),
            **{f"owner.{name}": spent for name, spent in owner.items()},
            "owner.rest": used[os.getpid()] - sum(owner.values()),
            "web": web,
            "beside": beside,
        }
