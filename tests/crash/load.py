"""Feed a program while it is being killed: a file that grows, and posts that are sent until they are answered 200.

Both deliver more than once: blocks overlap, as the pages of real channels do. Items are numbers; the test says how one
is written.
"""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np

__all__ = ["ByTurns", "Feeder", "GrowingFile", "Load", "Poster"]

_AWAY_S = 0.2


class Load(Protocol):
    """Something that delivers, one step at a time."""

    def step(self) -> None:
        """Deliver a little."""
        ...

    def finish(self) -> None:
        """Bring what was begun to an end; the program is up."""
        ...


class GrowingFile:
    """A file to which blocks are appended, each beginning with the last lines of the one before.

    Parameters
    ----------
    line : callable
        Writes a number as one line, without the line's end.
    numbers : sequence of int
        What to write, in order; when it is used up, the file grows no more.
    """

    def __init__(self, path: Path, line: Callable[[int], bytes], numbers: Sequence[int], block: int = 50) -> None:
        self.n_written = 0
        self._path, self._line, self._numbers, self._block = path, line, numbers, block
        path.touch()

    @property
    def written(self) -> Sequence[int]:
        """The numbers that stand in the file."""
        return self._numbers[: self.n_written]

    def step(self) -> None:
        """Append the next block, in two halves that may break a line."""
        end = min(self.n_written + self._block, len(self._numbers))
        if end == self.n_written:
            return
        numbers = self._numbers[max(0, self.n_written - self._block // 5) : end]
        data = b"".join(self._line(number) + b"\n" for number in numbers)
        with self._path.open("ab", buffering=0) as file:
            file.write(data[: len(data) // 2])
            file.write(data[len(data) // 2 :])
        self.n_written = end

    def finish(self) -> None:
        """Nothing is left open between two steps."""


class Poster:
    """Sends batches over HTTP, each until it is answered 200, together with some that were answered before.

    Parameters
    ----------
    body : callable
        Writes a list of numbers as one request body.

    Attributes
    ----------
    acknowledged : set of int
        What was answered 200.
    streak : int
        How many batches were answered 200 since the last one that was not.
    """

    def __init__(
        self,
        url: str,
        body: Callable[[Sequence[int]], bytes],
        numbers: Sequence[int],
        rng: np.random.Generator,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.acknowledged: set[int] = set()
        self.streak = 0
        self.complaints: list[str] = []
        self._url, self._body, self._numbers, self._rng = url, body, numbers, rng
        self._headers = {"content-type": "application/json", **(headers or {})}
        self._n_sent = 0
        self._open: list[int] = []
        self._known: list[int] = []  # the acknowledged, in their order

    def step(self) -> None:
        """Send a batch, the last one again if it was not answered."""
        if not self._open:
            new = list(self._numbers[self._n_sent : self._n_sent + int(self._rng.integers(1, 30))])
            self._n_sent += len(new)
            self._open = new + self._again()
        if self._open and self._is_taken(self._body(self._open)):
            self._known += [number for number in self._open if number not in self.acknowledged]
            self.acknowledged.update(self._open)
            self.streak += 1
            self._open = []
        else:
            self.streak = 0

    def _again(self) -> list[int]:
        """Return a few that were answered before."""
        n = len(self._known)
        return [self._known[place] for place in self._rng.choice(n, min(n, 5), replace=False)] if n else []

    def finish(self) -> None:
        """Send what is still open until it is answered."""
        for _ in range(100):
            if not self._open:
                return
            self.step()
            threading.Event().wait(0.1)
        self.complaints.append("the last batch was never answered 200")

    def _is_taken(self, body: bytes) -> bool:
        request = urllib.request.Request(self._url, body, self._headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            if error.code != 503:  # away for a moment is allowed; anything else is a finding
                self.complaints.append(f"{self._url} answered {error.code}: {error.read()[:200]!r}")
            return False
        except OSError:  # refused, reset, cut off: it is being killed
            return False


class ByTurns:
    """A file and posts, one after the other: the file grows no faster than posts are answered, and slowly while nobody
    answers. So a slow machine, which starts slowly too, has no more to do than a fast one.
    """

    def __init__(self, file: GrowingFile, poster: Poster) -> None:
        self._file, self._poster = file, poster

    def step(self) -> None:
        """Append a block and send a batch."""
        self._file.step()
        self._poster.step()
        if not self._poster.streak:
            threading.Event().wait(_AWAY_S)

    def finish(self) -> None:
        """Send what is still open until it is answered."""
        self._poster.finish()


class Feeder:
    """Runs loads side by side while the program is tormented: `with Feeder(...): torment(...)`."""

    def __init__(self, *loads: Load, pause_s: float = 0.02) -> None:
        self._loads, self._pause_s = loads, pause_s
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(load,), daemon=True) for load in loads]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _run(self, load: Load) -> None:
        while not self._stop.wait(self._pause_s):
            load.step()
