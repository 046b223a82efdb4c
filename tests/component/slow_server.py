"""A server as language models have them, on loopback: what it was asked, and what it answers next."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

__all__ = ["SURE", "Model"]

SURE = {
    "sentiment": "negative", "intent": "complaint", "need": "delivery", "actionability": "answer", "urgency": "high",
    "emotion": "anger",
}  # fmt: skip
"""An answer as it was asked for."""


class Model:
    """Answers questions about posts; `says` turns a post into the words of the answer."""

    def __init__(self, says: Callable[[str], str] | None = None) -> None:
        self.says = says or (lambda _: msgspec.json.encode(SURE).decode())
        self.status = 200
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.n_tokens = 100

    @property
    def posts(self) -> list[str]:
        """The posts that it was asked about."""
        return [msgspec.json.decode(one["messages"][1]["content"], type=str) for one in self.asked]

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a free port."""
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
                model.asked.append(asked)
                model.headers.append({name.lower(): value for name, value in self.headers.items()})
                said = model.says(msgspec.json.decode(asked["messages"][1]["content"]))
                completion = {
                    "choices": [{"message": {"role": "assistant", "content": said}}],
                    "usage": {"total_tokens": model.n_tokens},
                }
                body = msgspec.json.encode(completion) if self.path == "/v1/chat/completions" else b"?"
                self.send_response(model.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
