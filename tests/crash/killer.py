"""Start a program, kill it at random moments, start it again; see how fast it is back and what outlives it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

__all__ = ["Ordeal", "Running", "Subject", "torment", "wait_until"]

_STREAK = 20

Aim = Literal["group", "owner", "part"]
"""Whom to kill: all processes at once, the first one only, or one of its children."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A program under test.

    Attributes
    ----------
    command : sequence of str
        Starts it; it stays in the foreground and stops, with exit code 0, on SIGTERM.
    is_ready : callable
        True once it serves; called every 20 ms, must return within seconds and raise nothing.
    log : Path
        Where its standard output and error go.
    streak : callable
        How many deliveries it took in a row until now, without refusing one.
    ready_within_s, gone_within_s : float
        How soon it should serve after a start (a fifth of the kills come within a quarter of that); how soon its other
        processes must be gone after the owner's death.
    patience_s : float
        After which it has failed to serve, or to be whole again, on the busiest machine.
    """

    command: Sequence[str]
    is_ready: Callable[[], bool]
    log: Path
    streak: Callable[[], int]
    env: Mapping[str, str] | None = None
    ready_within_s: float = 5.0
    gone_within_s: float = 5.0
    patience_s: float = 20.0


@dataclass(slots=True)
class Ordeal:
    """What happened: one complaint a line, none when all went well, and how long each start took until it served."""

    n_kills: int = 0
    ready_after_s: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def wait_until(condition: Callable[[], bool], within_s: float, every_s: float = 0.02) -> float | None:
    """Wait for a condition; return the seconds it took, None when the time is up."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > within_s:
            return None
        time.sleep(every_s)
    return time.monotonic() - start


class Running:
    """A started subject, in a session of its own, so that all its processes can be found."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        with subject.log.open("ab") as log:
            self._owner = subprocess.Popen(
                subject.command,
                env=subject.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """The owner's exit code, None while it runs."""
        return self._owner.poll()

    def others(self) -> list[int]:
        """Return the living processes of the session but the owner."""
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if pid != self._owner.pid and _session_of(pid) == self._owner.pid]

    def wait_ready(self, within_s: float) -> float | None:
        """Wait until it serves, or has ended by itself; return the seconds it took, None if it does not serve."""
        took = wait_until(lambda: self.exit_code is not None or self._subject.is_ready(), within_s)
        return None if self.exit_code is not None else took

    def kill(self, aim: Aim, rng: np.random.Generator) -> list[str]:
        """Kill without a warning, and return what is wrong afterwards; nothing of it runs any more."""
        complaints: list[str] = []
        others = self.others()
        if aim == "part" and others:
            victim = others[int(rng.integers(len(others)))]
            words = _command_of(victim)
            _kill(victim)
            complaints += self._without(words)
        if aim != "group":
            self._owner.kill()
            self._owner.wait()
            complaints += self._strays("the owner was killed")
        self.end()
        return complaints

    def _without(self, part: str) -> list[str]:
        """Return nothing if it works on without a part that was killed, or ends wholly; it may take some seconds."""
        time.sleep(1.0)  # until what the part leaves undone begins to show
        within_s = self._subject.patience_s
        if wait_until(lambda: self.exit_code is not None or self._subject.streak() >= _STREAK, within_s) is None:
            return [f"neither whole nor gone {within_s:.0f} s after the death of its part: {part}"]
        return []

    def stop(self, within_s: float = 120.0) -> list[str]:
        """Ask it to stop, and return what is wrong with how it did."""
        self._owner.terminate()
        try:
            code = self._owner.wait(within_s)
        except subprocess.TimeoutExpired:
            self.end()
            return [f"did not stop within {within_s:.0f} s of SIGTERM"]
        complaints = [] if code == 0 else [f"exit code {code} after SIGTERM"]
        complaints += self._strays("it was stopped")
        self.end()
        return complaints

    def end(self) -> None:
        """Kill whatever is left of it."""
        with suppress(ProcessLookupError):
            os.killpg(self._owner.pid, signal.SIGKILL)
        for pid in self.others():  # who left the group, but not the session
            _kill(pid)
        self._owner.wait()
        wait_until(lambda: not self.others(), 5.0)

    def _strays(self, after: str) -> list[str]:
        within_s = self._subject.gone_within_s
        if wait_until(lambda: not self.others(), within_s) is not None:
            return []
        return [f"still there {within_s:.0f} s after {after}: {_command_of(p)}" for p in self.others()]


def torment(subject: Subject, n_kills: int, longest_s: float, rng: np.random.Generator) -> Ordeal:
    """Start and kill the subject n times; most kills fall while it serves, some while it starts.

    Feed it meanwhile (`load.py`); then start it once more, let it finish, and compare what it holds.

    Parameters
    ----------
    longest_s : float
        It lives for at most so long after it serves.
    """
    ordeal = Ordeal()
    for _ in range(n_kills):
        running = Running(subject)
        if rng.random() < 0.2:
            time.sleep(rng.uniform(0, subject.ready_within_s / 4))
        else:
            ordeal.complaints += _await(running, subject, ordeal)
            time.sleep(rng.uniform(0, longest_s))
        if running.exit_code is not None:
            ordeal.complaints.append(f"ended by itself with exit code {running.exit_code}, see {subject.log}")
        aims: list[Aim] = ["group", "group", "owner", "owner", "part"]
        aim = aims[int(rng.integers(len(aims)))]
        ordeal.n_kills += 1
        ordeal.complaints += [f"kill {ordeal.n_kills} ({aim}): {words}" for words in running.kill(aim, rng)]
    return ordeal


def _await(running: Running, subject: Subject, ordeal: Ordeal) -> list[str]:
    took = running.wait_ready(subject.patience_s)
    if took is None:
        return [f"kill {ordeal.n_kills + 1}: did not serve at all, see {subject.log}"]
    ordeal.ready_after_s.append(took)
    return []


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _session_of(pid: int) -> int | None:
    """Return the session of a living process, None when it is gone or only waits to be buried."""
    try:
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else int(session)


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return f"process {pid}"
