"""A real web server on a free port, in a thread of the test."""

import asyncio
import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn

from gehoor.core.clock import Clock
from gehoor.run.control import Control
from gehoor.web.app import Server, app_of
from tests.component.hearing import Hearing

__all__ = ["Serving"]


class Serving:
    """Serves what a `Hearing` hears; `url` says where. Without an `owner` the workspace's own is asked: it is away."""

    def __init__(self, hearing: Hearing, clock: Clock, port: int = 0, owner: object = None) -> None:
        self._app = app_of(hearing.site(owner or Control(hearing.root), clock))
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(self._app, log_level="error", timeout_graceful_shutdown=1)
        self._server = Server(self._app, config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._server.serve([self._socket]))

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 120
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self._server.started, "the web server did not start within 120 s"
        return self

    def stop(self) -> float:
        """Stop the server; return how many seconds that took."""
        begun = time.monotonic()
        self._server.should_exit = True
        self._thread.join(60)
        self._socket.close()
        return time.monotonic() - begun

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            self.stop()
