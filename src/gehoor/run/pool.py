"""Two row-stage processes: jobs out, annotated batches back, in the order in which the jobs were given."""

import queue
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec
import pyarrow as pa

from gehoor.core.errors import TransientError
from gehoor.core.page import RawPage, Staged, StagedPage
from gehoor.core.settings import load
from gehoor.run.processes import keep_memory, processes, watch_parent

__all__ = ["Pool"]

N_WORKERS = 2
_PAGES = msgspec.msgpack.Decoder(list[RawPage])


class _Head(msgspec.Struct):
    pages: list[StagedPage]
    stage_ns: dict[str, int]


def _work(root: str, connection: Connection) -> None:
    """Run in a worker: read jobs, write results, until the pipe closes."""
    watch_parent()
    keep_memory()
    for name in (signal.SIGINT, signal.SIGTERM):  # they may reach the whole group: what is under way is still committed
        signal.signal(name, signal.SIG_IGN)
    pa.set_cpu_count(1)  # two workers share two cores with the owner: threads of Arrow's own would only get in the way
    from gehoor.run.stages import RowStages

    stages = RowStages(load(Path(root)))
    while True:
        try:
            job = connection.recv_bytes()
        except EOFError:
            return
        staged = stages.run(_PAGES.decode(job))
        head = msgspec.msgpack.encode(_Head(staged.pages, stages.stage_ns))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, staged.batch.schema) as writer:
            writer.write_batch(staged.batch)
        connection.send_bytes(head)
        connection.send_bytes(memoryview(sink.getvalue()))


class Pool:
    """Row stages in processes of their own; one that dies is started again.

    Parameters
    ----------
    root : Path
        The workspace, whose settings the stages need.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._context = processes()
        self._jobs: queue.SimpleQueue[tuple[bytes, Future[Staged]] | None] = queue.SimpleQueue()
        self.stage_ns: list[dict[str, int]] = [{} for _ in range(N_WORKERS)]
        self.processes: list[BaseProcess] = []
        self._is_stale = [False] * N_WORKERS
        self._threads: list[threading.Thread] = []
        for number in range(N_WORKERS):
            process, connection = self._start(number)
            self.processes.append(process)
            arguments = (number, connection)
            thread = threading.Thread(target=self._drive, args=arguments, name=f"stage-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _start(self, number: int) -> tuple[BaseProcess, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(self._root, theirs), name=f"gehoor-stage-{number}")
        process.start()
        theirs.close()
        return process, ours

    def submit(self, pages: Sequence[RawPage]) -> Future[Staged]:
        """Give a job; the future comes true in any order, or fails with `TransientError`: its pages may come again."""
        future: Future[Staged] = Future()
        self._jobs.put((msgspec.msgpack.encode(pages), future))
        return future

    def renew(self) -> None:
        """Let every worker make place for one that reads the settings anew, before its next job."""
        self._is_stale = [True] * N_WORKERS

    def _drive(self, number: int, connection: Connection) -> None:
        """Feed one worker from its own thread; when it dies, its job fails and another takes its place."""
        while (item := self._jobs.get()) is not None:
            job, future = item
            # it died with nothing to do, which costs no page; or its settings are of yesterday
            if self._is_stale[number] or not self.processes[number].is_alive():
                self._is_stale[number] = False
                connection = self._replace(number, connection)
            try:
                connection.send_bytes(job)
                head = msgspec.msgpack.decode(connection.recv_bytes(), type=_Head)
                batch = pa.ipc.open_stream(connection.recv_bytes()).read_next_batch()
            except (EOFError, OSError):
                died = self.processes[number]
                connection = self._replace(number, connection)
                future.set_exception(_ended(died.exitcode))
                continue
            self.stage_ns[number] = head.stage_ns
            future.set_result(Staged(batch=batch, pages=head.pages, stage_ns=head.stage_ns))
        connection.close()

    def _replace(self, number: int, connection: Connection) -> Connection:
        connection.close()
        died = self.processes[number]
        died.join(1.0)  # the pipe may close a moment before the process is gone
        if died.is_alive():
            died.kill()
            died.join()
        self.processes[number], fresh = self._start(number)
        return fresh

    def close(self, timeout_s: float = 5.0) -> None:
        """Let the workers finish what they have, and end them."""
        for _ in self._threads:
            self._jobs.put(None)
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        for process in self.processes:
            process.join(max(0.1, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()


def _ended(exit_code: int | None) -> TransientError:
    how = "by an error" if exit_code is None or exit_code >= 0 else f"by signal {-exit_code}"
    if exit_code == -signal.SIGKILL:
        how += " (out of memory?)"
    return TransientError(
        f"A row-stage process was ended {how} in the middle of a page. Another has taken its place; "
        "the page is read again from the last cursor."
    )
