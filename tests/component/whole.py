"""A whole gehoor, as `gehoor serve` starts it, in processes of its own on a free port; seen from outside only."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
import psutil  # type: ignore[import-untyped]

from gehoor.core.errors import TransientError
from gehoor.core.reader import PostFilter, Reader, RejectRow, SourceState
from gehoor.run.control import Control

__all__ = ["Reply", "Whole", "as_installed", "wait_for"]

_UP_S = 180.0
_BARE = Path(__file__).with_name("bare")


class Reply(NamedTuple):
    """What an HTTP request was answered."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, object]:
        """Return the body, read."""
        value = msgspec.json.decode(self.body)
        assert isinstance(value, dict), value
        return value


def as_installed(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without pandas, which only tests need; it costs each process 0.3 s of CPU and 40 MB."""
    env = os.environ if env is None else env
    path = [env["PYTHONPATH"]] if env.get("PYTHONPATH") else []
    return {**env, "PYTHONPATH": os.pathsep.join([*path, str(_BARE)])}


def wait_for(what: str, condition: Callable[[], object], within_s: float = 120.0) -> float:
    """Wait until something is so, and return how many seconds it took."""
    begun = asked = time.monotonic()
    while not condition():
        now = time.monotonic()
        assert now - begun < within_s, f"{what}: not within {within_s:.0f} s"
        time.sleep(min(1.0, max(0.02, 3 * (now - asked))))  # to ask all the time would slow down what is waited for
        asked = time.monotonic()
    return time.monotonic() - begun


class Whole:
    """A workspace and the gehoor that runs it; `with` starts it, waits until it hears, and leaves nothing running."""

    def __init__(self, root: Path, toml: str = "", env: Mapping[str, str] | None = None) -> None:
        root.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as trial:
            self.port: int = trial.getsockname()[1]
        (root / "gehoor.toml").write_text(f"[web]\nport = {self.port}\n{toml}", encoding="utf-8")
        self.root, self.url = root, f"http://127.0.0.1:{self.port}"
        self.reader = Reader(root)
        self._env = as_installed(env)
        self._log = root.with_name(root.name + ".log")

    # -- life -----------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        self.reader.close()

    def start(self) -> float:
        """Start it; return after how many seconds owner and pages answered."""
        begun = time.monotonic()
        words = [sys.executable, "-m", "gehoor", "serve", str(self.root)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(words, env=self._env, stdout=log, stderr=log)
        self.owner = psutil.Process(self.process.pid)
        wait_for("owner and pages answer", self._is_up, _UP_S)
        self.parts = {child.pid: child for child in self.owner.children(recursive=True)}
        return time.monotonic() - begun

    def _is_up(self) -> bool:
        assert self.process.poll() is None, f"it ended by itself: {self.said()}"
        try:
            return self.get("/").status == 200 and "offset" in self.status()
        except (OSError, TransientError):
            return False

    def status(self) -> dict[str, Any]:
        """Return what the owner says of itself.

        Raises
        ------
        TransientError
            It is away.
        """
        said = asyncio.run(Control(self.root).call("status"))
        assert isinstance(said, dict), said
        return said

    def said(self) -> str:
        """Return what it said to the terminal."""
        return self._log.read_text(errors="replace")

    def workers(self) -> list[psutil.Process]:
        """Return the row-stage processes."""
        servers = [child for child in self.owner.children() if _is_server(child)]
        web, pace = self.web().pid, self.owner.nice()
        children = [child for server in servers for child in server.children() if child.pid != web]
        return [child for child in children if child.nice() == pace]  # what counts at night gives way to all others

    def web(self) -> psutil.Process:
        """Return the process that serves the pages."""
        return next(child for child in self.owner.children(recursive=True) if _listens(child, self.port))

    def memory_mb(self) -> float:
        """Return the memory of all processes together, MB; what they share counts once."""
        return sum(_pss(process) for process in [self.owner, *self.owner.children(recursive=True)]) / 1e6

    def kill(self) -> None:
        """SIGKILL the owner, without a warning."""
        self.process.kill()
        self.process.wait(60)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def end(self) -> None:
        """Leave nothing running."""
        if self.process.poll() is None:
            self.kill()
        for part in self.parts.values():
            if part.is_running():
                part.kill()
        psutil.wait_procs(list(self.parts.values()), 60)

    # -- asking ---------------------------------------------------------------------------------------------------

    def get(self, path: str) -> Reply:
        """Ask for a page."""
        return self.send("GET", path)

    def post(self, path: str, value: object, key: str | None = "sleutel", **headers: str) -> Reply:
        """Post JSON, or bytes as they are, with a write key."""
        body = value if isinstance(value, bytes) else msgspec.json.encode(value)
        known = {"Content-Type": "application/json"} | {name.replace("_", "-"): said for name, said in headers.items()}
        if key is not None:
            known["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        return self.send("POST", path, body, known)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request, and return the answer whatever its status."""
        request = urllib.request.Request(self.url + path, body, dict(headers or {}), method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    # -- looking --------------------------------------------------------------------------------------------------

    def ids(self) -> list[str]:
        """Return the ids of all posts and events, once for each time that they stand there."""
        return [post.id for post in self.reader.posts(PostFilter(), limit=1_000_000)]

    def source(self, name: str) -> SourceState:
        """Return how a source is doing; a source that has just begun is waited for."""
        wait_for(f"{name} is on record", lambda: any(state.name == name for state in self.reader.sources()))
        return next(state for state in self.reader.sources() if state.name == name)

    def is_at(self, name: str, status: str) -> bool:
        """Tell whether a source has come to a status."""
        return any(state.name == name and state.status == status for state in self.reader.sources())

    def rejects(self, source: str | None = None) -> list[RejectRow]:
        """Return what was kept aside."""
        return self.reader.rejects(limit=100_000, source=source)


def _is_server(process: psutil.Process) -> bool:
    return "forkserver" in " ".join(process.cmdline())


def _listens(process: psutil.Process, port: int) -> bool:
    lines = process.net_connections(kind="tcp")
    return any(line.status == psutil.CONN_LISTEN and line.laddr.port == port for line in lines)


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, FileNotFoundError):  # one that works beside has just ended
        return 0
