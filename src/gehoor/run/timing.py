"""Measures what the pipeline costs and how long it takes, in bounded memory."""

import time

import numpy as np

__all__ = ["Delays", "Timed"]


class Timed:
    """Adds the CPU time of a block, on this thread, to a stage's total in nanoseconds.

    Examples
    --------
    >>> totals: dict[str, int] = {}
    >>> with Timed(totals, "decode"):
    ...     _ = sum(range(1000))
    >>> totals["decode"] > 0
    True
    """

    def __init__(self, totals: dict[str, int], name: str) -> None:
        self._totals, self._name = totals, name

    def __enter__(self) -> None:
        self._start = time.thread_time_ns()

    def __exit__(self, *_: object) -> None:
        self._totals[self._name] = self._totals.get(self._name, 0) + time.thread_time_ns() - self._start


class Delays:
    """How long pages took, in logarithmic bins from 1 ms to 100 s: bounded, however long it runs."""

    def __init__(self) -> None:
        self._edges = np.geomspace(0.001, 100.0, 461)
        self.counts = np.zeros(462, np.int64)

    def add(self, seconds: float, n: int = 1) -> None:
        """Note that `n` posts took so long."""
        self.counts[int(np.searchsorted(self._edges, seconds))] += n

    def quantile(self, p: float) -> float:
        """Return the p-quantile in seconds, to within 3 %; 0 when nothing was noted."""
        total = int(self.counts.sum())
        if not total:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self.counts), p * total))
        return float(self._edges[min(place, len(self._edges) - 1)])
