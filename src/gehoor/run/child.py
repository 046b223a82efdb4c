"""Work in a process of its own, beside what is heard: it sends what it finds, part by part, and goes when we go."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess, SpawnProcess

from gehoor.run.processes import processes, watch_parent

__all__ = ["Child", "child_at"]

_NICE = 5  # at 10 a machine with ten busy processes gives it a hundredth of a core, at 19 nothing for hours


class Child:
    """A process at work, as the one that began it sees it."""

    def __init__(self, process: "ForkServerProcess | SpawnProcess", connection: Connection) -> None:
        self._process = process
        self._connection = connection
        self._asked: asyncio.Future[bytes | None] | None = None

    async def receive(self) -> bytes | None:
        """Return the next part that it sends; None where it has ended."""
        self._asked = asyncio.get_running_loop().run_in_executor(None, _receive, self._connection)
        return await asyncio.shield(self._asked)

    async def aclose(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        if self._asked is not None:
            await self._asked  # nobody may read from a pipe that is closed
        self._connection.close()

    @property
    def exitcode(self) -> int | None:
        """How it ended; None while it has not."""
        self._process.join(1.0)
        return self._process.exitcode


@asynccontextmanager
async def child_at(work: Callable[..., None], *arguments: object, name: str) -> AsyncIterator[Child]:
    """Let a process do `work(*arguments, connection)`, which sends bytes; it ends with this block at the latest.

    Parameters
    ----------
    work
        A function of a module, which the process imports.
    name
        What the process is called, such as `gehoor-mirror`.
    """
    context = processes()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_begin, args=(work, arguments, theirs), name=name, daemon=True)
    process.start()
    theirs.close()
    child = Child(process, ours)
    try:
        yield child
    finally:
        await child.aclose()


def _begin(work: Callable[..., None], arguments: tuple[object, ...], answer: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the owner ends us in its order
    watch_parent()
    os.nice(_NICE)
    with answer:
        work(*arguments, answer)


def _receive(connection: Connection) -> bytes | None:
    try:
        return connection.recv_bytes()
    except (EOFError, OSError):
        return None
