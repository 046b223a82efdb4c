"""Starts and stops a whole gehoor on one machine: the owner here, row stages and web in processes of their own."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from gehoor.core.clock import Clock, SystemClock
from gehoor.core.settings import Settings, load
from gehoor.run.owner import Owner
from gehoor.run.processes import collect_rarely, give_memory_back, processes, watch_parent

__all__ = ["WebProcess", "WebServer", "ingest", "run_owner", "serve"]


class WebServer(Protocol):
    """What the web process runs: serves the pages of a workspace on host and port until it is ended."""

    def __call__(self, root: Path, host: str, port: int, *, clock: Clock | None = None) -> None:
        """Serve; `clock` says what time it is on the pages."""
        ...


_WEB_PAUSE_S = 1.0


def _web(server: WebServer, root: Path, host: str, port: int, clock: Clock) -> None:
    watch_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the owner ends us in its order
    server(root, host, port, clock=clock)


class WebProcess:
    """The web process: started, started again when it breaks, ended with the owner."""

    def __init__(self, server: WebServer, settings: Settings, clock: Clock) -> None:
        self._arguments = (server, settings.root, settings.web.host, settings.web.port, clock)
        self.process: BaseProcess | None = None

    def start(self) -> None:
        """Start it."""
        self.process = processes().Process(target=_web, args=self._arguments, name="gehoor-web")
        self.process.start()

    async def keep(self) -> None:
        """Start it again whenever it ended, for ever."""
        while True:
            while self.process is not None and self.process.is_alive():
                await asyncio.sleep(_WEB_PAUSE_S / 4)
            await asyncio.sleep(_WEB_PAUSE_S)
            self.start()

    async def stop(self) -> None:
        """End it; open streams get their goodbye."""
        if self.process is not None and self.process.is_alive():
            self.process.terminate()
            await asyncio.to_thread(self.process.join, 5.0)
            if self.process.is_alive():
                self.process.kill()


async def run_owner(
    owner: Owner, web: WebProcess | None, *, until_done: bool, on_ready: Callable[[], Awaitable[None]] | None
) -> None:
    """Run an owner, and the web process beside it, until it ends or is told to by Ctrl-C or SIGTERM."""
    collect_rarely()
    give_memory_back()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, owner.stop)
    keeper = loop.create_task(web.keep()) if web is not None else None
    try:
        await owner.run(until_done=until_done, on_ready=on_ready)
    finally:
        if keeper is not None and web is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await web.stop()


def serve(
    root: Path, server: WebServer, *, clock: Clock | None = None, on_ready: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Run a workspace with its pages until Ctrl-C or SIGTERM.

    Parameters
    ----------
    server : WebServer
        `gehoor.web.app.serve`; handed in, since `run` knows nothing of the web.
    on_ready : callable, optional
        Awaited once the owner answers.
    """
    settings = load(root)
    clock = clock or SystemClock()
    web = WebProcess(server, settings, clock)
    # the pages come up while the ledger is being opened: both take a second or two
    owner = Owner(settings, clock, beside=web.start)
    asyncio.run(run_owner(owner, web, until_done=False, on_ready=on_ready))


def ingest(root: Path, clock: Clock | None = None) -> Owner:
    """Read every source of a workspace to its end, without pages; return the owner for its figures."""
    owner = Owner(load(root), clock or SystemClock())
    asyncio.run(run_owner(owner, None, until_done=True, on_ready=None))
    return owner
