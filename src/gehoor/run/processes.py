"""How processes of gehoor begin: forked from one that has loaded everything, and ended with their owner."""

import atexit
import ctypes
import gc
import multiprocessing as mp
import os
import sys
import threading
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext

__all__ = [
    "begin",
    "collect_rarely",
    "give_memory_back",
    "keep_memory",
    "one_thread",
    "processes",
    "watch_parent",
]

_WARM = "gehoor.run.warm"
_EVERY_S = 0.5
_MALLOC = {-8: 1, -3: 1 << 20, -1: 1 << 24}
"""M_ARENA_MAX, M_MMAP_THRESHOLD (which else grows to 32 MB) and M_TRIM_THRESHOLD."""
_KEPT = {-3: 1 << 24, -1: 1 << 25}
"""M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of a process that asks for the same blocks again and again."""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def collect_rarely() -> None:
    """Let this process look for cycles of garbage a hundredth as often: rows, tuples and arrays make none.

    The owner holds some hundred thousand objects for good, and each look visits them: measured 20 us a post.
    """
    gc.set_threshold(50_000, 10, 10)


def give_memory_back() -> None:
    """Let this process, and those forked from it, return large blocks to the system at once, where glibc is the C
    library: pages come and go in megabytes, and pools of a thread each keep what the others need.

    Measured 100 MB of 1,340 over all processes, at the same CPU.
    """
    _set_malloc(_MALLOC)


def keep_memory() -> None:
    """Let this process keep blocks of megabytes that it frees, for the next batch: from the system they come empty,
    page by page.

    Measured over both row stages: 127 to 102 us of CPU a post, for 27 MB each at most.
    """
    _set_malloc(_KEPT)


def _set_malloc(options: dict[int, int]) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for option, value in options.items():
            mallopt(option, value)


def one_thread() -> None:
    """Let processes that begin from now on compute with one thread each: a pool of them waits in a busy loop.

    Two cores have two row stages; measured 15 us a post for products of 3 us.
    """
    for name in _THREADS:
        os.environ.setdefault(name, "1")


def processes() -> ForkServerContext | SpawnContext:
    """Return the context in which processes are made.

    They are forked from a server that has imported `run.warm`; what they share counts once, and a new one is there at
    once. Where there is no such server (Windows), each loads everything itself.
    """
    one_thread()
    if "forkserver" not in mp.get_all_start_methods():
        return mp.get_context("spawn")
    context = mp.get_context("forkserver")
    context.set_forkserver_preload([_WARM])
    return context


def begin() -> None:
    """Let the server begin to load, while this process does something else."""
    if processes().get_start_method() == "forkserver":
        forkserver.ensure_running()


@atexit.register
def _leave_nobody() -> None:
    """End who is still at work when we go: where a start failed, Python would wait for them, and they for us."""
    for process in mp.active_children():
        process.kill()


def watch_parent() -> None:
    """End this process when its owner is gone, or the server that it was forked from: nobody must be left behind."""
    parent, forked_from = mp.parent_process(), os.getppid()

    def wait() -> None:
        if parent is None:
            return
        while parent.is_alive() and os.getppid() == forked_from:
            parent.join(_EVERY_S)
        os._exit(0)

    threading.Thread(target=wait, daemon=True, name="watch-parent").start()
