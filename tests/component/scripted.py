"""A server on the loopback that answers what a test tells it to: late, wrong, too much, broken off, or well."""

import gzip
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

__all__ = ["Asked", "Scripted", "answer", "gzipped"]


class Asked(NamedTuple):
    """A request as it came in; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Return a whole answer; `_` in header names stands for `-`."""
    lines = [f"HTTP/1.1 {status} so", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def gzipped(body: bytes) -> bytes:
    """Return a whole answer, packed."""
    return answer(200, gzip.compress(body), Content_Encoding="gzip")


class Scripted:
    """Answers each request with what `script` returns for it: bytes, or parts of them one after the other.

    Parameters
    ----------
    script : callable
        Called with each request, in a thread of its own; raising or ending early breaks the connection off.
    tls : ssl.SSLContext, optional
        With its certificate; None: plain HTTP.
    """

    def __init__(self, script: Callable[[Asked], bytes | Iterable[bytes]], tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.stopping = threading.Event()
        self._script = script
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, ValueError):
                    owner._answer(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

            def get_request(self) -> tuple[socket.socket, Any]:
                request, address = super().get_request()
                return (tls.wrap_socket(request, server_side=True) if tls else request), address

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: a caller who hangs up is what many tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        """Return which paths were asked for, in their order."""
        return [asked.path for asked in self.asked]

    def _answer(self, handler: socketserver.StreamRequestHandler) -> None:
        method, path, _ = handler.rfile.readline(65_536).decode("latin-1").split(" ", 2)
        headers = dict(_headers(handler))
        body = handler.rfile.read(int(headers.get("content-length", "0")))
        asked = Asked(method, path, headers, body)
        self.asked.append(asked)
        parts = self._script(asked)
        for part in [parts] if isinstance(parts, bytes) else parts:
            handler.wfile.write(part)
            handler.wfile.flush()
            if self.stopping.is_set():
                return


def _headers(handler: socketserver.StreamRequestHandler) -> Iterator[tuple[str, str]]:
    while line := handler.rfile.readline(65_536).decode("latin-1").strip():
        name, _, value = line.partition(":")
        yield name.lower(), value.strip()
