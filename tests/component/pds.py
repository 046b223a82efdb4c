"""A server of Bluesky on loopback, after the public description: sessions, records that stand once, and its moods."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import msgspec

__all__ = ["CARE", "Pds"]

CARE = "did:plc:care"
_POST = "app.bsky.feed.post"


class Pds:
    """Holds posts of many and records of one account; `with` serves it on a free port.

    Attributes
    ----------
    moods : list of (str, int, dict)
        What is answered to the next call of a name instead: status, and headers.
    cuts : set of str
        Calls whose line breaks after the work was done.
    """

    def __init__(self) -> None:
        self.password = "app-pass"
        self.records: dict[str, dict[str, Any]] = {}
        self.posts: dict[str, dict[str, Any]] = {}
        self.handles = {"an.example.org": "did:plc:an"}
        self.moods: list[tuple[str, int, dict[str, str]]] = []
        self.cuts: set[str] = set()
        self.asked: list[str] = []
        self.n_sessions = 0
        self._token = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)

    def say(self, rkey: str, text: str, root: str | None = None, **more: Any) -> str:
        """Let An have said something; return its address."""
        uri = f"at://did:plc:an/{_POST}/{rkey}"
        record: dict[str, Any] = {"$type": _POST, "text": text}
        if root is not None:
            record["reply"] = {"root": {"uri": root, "cid": "bafyroot"}, "parent": {"uri": root, "cid": "bafyroot"}}
        self.posts[uri] = {"uri": uri, "cid": f"bafy{rkey}", "record": record, **more}
        return uri

    def end_session(self) -> None:
        """Let the session have ended, as it does after some hours."""
        self._token = "another"

    def answer(self, what: str, asked: dict[str, list[str]], body: Any, token: str) -> tuple[int, Any]:
        """Return status and words of one call."""
        if what == "com.atproto.server.createSession":
            return self._session(body)
        if token != f"Bearer {self._token}":
            return 400, {"error": "ExpiredToken", "message": "Token has expired"}
        if what == "app.bsky.feed.getPosts":
            return 200, {"posts": [self.posts[uri] for uri in asked["uris"] if uri in self.posts]}
        if what == "com.atproto.identity.resolveHandle":
            did = self.handles.get(asked["handle"][0])
            return (200, {"did": did}) if did else (400, {"error": "InvalidRequest", "message": "no such handle"})
        if what == "com.atproto.repo.getRecord":
            stands = asked["repo"] == [CARE] and asked["rkey"][0] in self.records
            return (200, {"value": {}}) if stands else (400, {"error": "RecordNotFound", "message": "Could not locate"})
        return self._create(body)

    def _session(self, body: Any) -> tuple[int, Any]:
        self.n_sessions += 1
        if body["password"] != self.password:
            return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        self._token = f"token{self.n_sessions}"
        return 200, {"accessJwt": self._token, "did": CARE, "handle": body["identifier"]}

    def _create(self, body: Any) -> tuple[int, Any]:
        if body["rkey"] in self.records:  # as the reference server says it
            return 500, {"error": "InternalServerError", "message": "Internal Server Error"}
        self.records[body["rkey"]] = body["record"]
        return 200, {"uri": f"at://{body['repo']}/{body['collection']}/{body['rkey']}", "cid": "bafynew"}


def _handler(pds: Pds) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(None)

        def do_POST(self) -> None:
            self._serve(msgspec.json.decode(self.rfile.read(int(self.headers["content-length"]))))

        def _serve(self, body: Any) -> None:
            parts = urlsplit(self.path)
            what = parts.path.removeprefix("/xrpc/")
            pds.asked.append(what)
            mood = next((one for one in pds.moods if one[0] == what), None)
            headers: dict[str, str] = {}
            if mood is not None:
                pds.moods.remove(mood)
                status, said, headers = mood[1], {"error": "Mood"}, mood[2]
            else:
                status, said = pds.answer(what, parse_qs(parts.query), body, self.headers.get("authorization", ""))
            if what in pds.cuts:
                pds.cuts.discard(what)
                self.close_connection = True
                return
            words = msgspec.json.encode(said)
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(words))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(words)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
