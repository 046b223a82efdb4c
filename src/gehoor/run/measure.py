"""What a family of processes costs: CPU from `/proc/<pid>/stat`, memory from `/proc/<pid>/smaps_rollup` (Linux)."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["MemoryWatch", "cpu_s", "ended_cpu_s", "family", "pss_mb"]

_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_S, _SELDOM_S = 1.0, 5.0
_SHARE = 0.01  # of a core: a look at gigabytes takes 100 ms, and holds up the page faults of whom it looks at
_NOTE_S = 10.0


def _stat(pid: int) -> list[str]:
    """Return the fields of a process's stat behind its name, which may hold blanks; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it.

    Examples
    --------
    >>> import os
    >>> os.getpid() in family(os.getpid())
    True
    """
    parents = {int(entry.name): _stat(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    found = [pid]
    for member in found:  # grows while it is walked
        found += [child for child, fields in parents.items() if fields and int(fields[1]) == member]
    return found


def cpu_s(pid: int) -> float:
    """Return the CPU seconds, user and system, that a process used so far; to 10 ms."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def ended_cpu_s(pid: int) -> float:
    """Return the CPU seconds of those that a process began and that have ended, with all that descended from them."""
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) / _TICKS if fields else 0.0


def pss_mb(pids: Sequence[int]) -> float:
    """Return the memory of processes in MB, what they share counted once (the sum of their proportional sets)."""
    total_kb = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue
        total_kb += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total_kb / 1024


class MemoryWatch(threading.Thread):
    """Looks how much memory a process and all that descend from it hold together.

    Once a second; the more there is to look at, the less often, to once in five: a bench must not measure itself.

    Parameters
    ----------
    pid : int
        Whose family to watch.
    behind : callable
        Noted every ten seconds beside the memory: how many posts wait.

    Attributes
    ----------
    peak_mb, standing_mb : float
        The most that was seen, of all; and of those only that were there when it began.
    notes : list of (float, int, float)
        Every ten seconds: seconds since the start, posts behind, MB of those that were there when it began.
    cpu_s : float
        What looking cost.
    """

    def __init__(self, pid: int, behind: Callable[[], int]) -> None:
        super().__init__(name="memory-watch", daemon=True)
        self._pid, self._behind = pid, behind
        self._ended = threading.Event()
        self.peak_mb = self.standing_mb = self.cpu_s = 0.0
        self.notes: list[tuple[float, int, float]] = []

    def run(self) -> None:
        """Look until `end`."""
        start, standing = time.monotonic(), family(self._pid)
        while not self._ended.is_set():
            before_s = time.thread_time()
            now_mb = pss_mb(standing)
            beside_mb = pss_mb([pid for pid in family(self._pid) if pid not in standing])
            self.standing_mb = max(self.standing_mb, now_mb)
            self.peak_mb = max(self.peak_mb, now_mb + beside_mb)
            elapsed = time.monotonic() - start
            if elapsed >= _NOTE_S * (len(self.notes) + 1):
                self.notes.append((round(elapsed, 1), self._behind(), round(now_mb, 1)))
            self.cpu_s = time.thread_time()
            self._ended.wait(min(max(_EVERY_S, (self.cpu_s - before_s) / _SHARE), _SELDOM_S))

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()
