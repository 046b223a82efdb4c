"""A Mastodon-like server of its own process, and a wire to it that can be cut."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Any, Self

import httpx

__all__ = ["ADA", "ALAN", "GRACE", "Fediverse", "Wire"]

ADA, GRACE, ALAN = "ada_token", "grace_token", "alan_token"
_UP_S = 40.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
    return port


class Fediverse:
    """`mastodon_mock`, with its demo community; `with` starts it and leaves nothing running."""

    def __init__(self) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        words = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--demo", "--log-level", "error"]
        env = {name: value for name, value in os.environ.items() if name not in ("HOST", "PORT")}
        self._process = subprocess.Popen(
            [*words, "--port", str(self.port)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _UP_S
        while not self._is_up():
            assert self._process.poll() is None and time.monotonic() < deadline, "mastodon_mock did not start"
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(60)
        self._http.close()

    def _is_up(self) -> bool:
        try:
            return self._http.get("/api/v1/streaming/health").status_code == 200
        except httpx.TransportError:
            return False

    def call(self, method: str, path: str, token: str | None = None, **json: Any) -> Any:
        """Call the server as one of its people, or as nobody."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = self._http.request(method, f"/api/v1/{path}", json=json or None, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def say(self, text: str, token: str = GRACE, **more: Any) -> str:
        """Post, and return the number of the post."""
        number: str = self.call("POST", "statuses", token, status=text, **more)["id"]
        return number

    def edit(self, number: str, text: str, token: str = GRACE) -> None:
        """Edit a post."""
        self.call("PUT", f"statuses/{number}", token, status=text)

    def delete(self, number: str, token: str = GRACE) -> None:
        """Delete a post."""
        self.call("DELETE", f"statuses/{number}", token)

    def fail(self, type_: str, path: str, *, count: int = 1, **effect: Any) -> None:
        """Answer the next calls of a path with trouble."""
        match = {"path": f"/api/v1/{path}"}
        self.call("POST", "_mock/faults", match=match, effect={"type": type_, **effect}, count=count)


class Wire:
    """A wire between us and a server, on a port of its own; `with` lays it."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.is_down = False
        self.n_streams = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        served = asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(served, self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def cut(self, *, is_down: bool = False) -> None:
        """Break every connection; with `is_down` also those that are tried from now on."""
        self.is_down = is_down
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self.is_down = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, there_writer}
        await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                self.n_streams += data.count(b"GET /api/v1/streaming/")
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
