"""Stages splits in processes of this machine."""

import multiprocessing as mp
import os
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from gehoor.core.errors import SettingError
from gehoor.run.engine import Job, OnShare, Split, StagedSplit, packed
from gehoor.run.processes import one_thread, watch_parent
from gehoor.run.staging import stage_split

__all__ = ["LocalEngine"]


class LocalEngine:
    """One process a core; each takes the next split when it is done with one.

    Parameters
    ----------
    n_processes : int, optional
        None: as many as there are cores.
    on_share : callable, optional
        Told how much is done, 0 to 1.
    """

    def __init__(self, n_processes: int | None = None, on_share: OnShare | None = None) -> None:
        self.n_processes = n_processes or len(os.sched_getaffinity(0))
        self._on_share = on_share or (lambda share: None)

    def run(self, job: Job, splits: Iterable[Split]) -> Generator[StagedSplit, None, None]:
        """Stage all splits; see `Engine`."""
        one_thread()
        context = mp.get_context("spawn")
        pool = ProcessPoolExecutor(self.n_processes, mp_context=context, initializer=_begin)
        try:
            done = 0
            for staged in self._run(pool, packed(job), splits):
                done += staged.n_bytes
                self._on_share(done / max(1, job.n_bytes))
                yield staged
        except BrokenProcessPool:
            raise SettingError(
                f"A process of the analysis ended: out of memory, perhaps. Try fewer: --processes "
                f"{max(1, self.n_processes // 2)}. Nothing was written."
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)

    def _run(self, pool: ProcessPoolExecutor, job: bytes, splits: Iterable[Split]) -> Iterator[StagedSplit]:
        waiting: deque[Future[StagedSplit]] = deque()
        running: set[Future[StagedSplit]] = set()
        for split in splits:
            # two for each process, so that none waits; the order is kept although one may take long
            if len(running) >= 2 * self.n_processes:
                running = wait(running, return_when=FIRST_COMPLETED).not_done
            future = pool.submit(stage_split, job, split)
            running.add(future)
            waiting.append(future)
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


def _begin() -> None:
    """End at once at Ctrl-C, without a word, and with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    watch_parent()
