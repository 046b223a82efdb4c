"""A Jetstream on loopback, after the public description: replays from a cursor, goes on live, and has bad days.

`cursor` is a moment in microseconds; none, or one to come, means live only; one from before the look-back means its
beginning. `wantedCollections` concerns commits, `wantedDids` everything. What it sends is delivered at least once.
"""

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from gehoor.core.clock import Clock

__all__ = ["Jetstream", "Visit", "account", "commit", "like", "post", "tid"]

_SIGNS = "234567abcdefghijklmnopqrstuvwxyz"
_encode = msgspec.json.Encoder().encode


def tid(moment: int, clock: int = 7) -> str:
    """Return a moment (microseconds UTC) as a revision or a record's key."""
    number = moment << 10 | clock
    return "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(13)))


def commit(did: str, at: int, what: str, record_at: str, record: Any = None) -> dict[str, Any]:
    """Return the message of one change of the record at `collection/rkey`."""
    collection, _, rkey = record_at.partition("/")
    change: dict[str, Any] = {"rev": tid(at), "operation": what, "collection": collection, "rkey": rkey}
    if record is not None:
        change |= {"record": {"$type": collection, **record}, "cid": f"bafyrei{rkey}{at}"}
    return {"did": did, "time_us": at + 40_000, "kind": "commit", "commit": change}


def post(did: str, at: int, rkey: str, text: str, *, what: str = "create", **record: Any) -> dict[str, Any]:
    """Return the message of a post or its edit."""
    known = {"text": text, "createdAt": "2026-04-14T11:00:00.000Z", "langs": ["nl"], **record}
    return commit(did, at, what, f"app.bsky.feed.post/{rkey}", known)


def like(did: str, at: int, rkey: str, uri: str, kind: str = "like") -> dict[str, Any]:
    """Return the message of a like or repost."""
    record = {"subject": {"uri": uri, "cid": "bafyrei"}, "createdAt": "2026-04-14T11:00:00.000Z"}
    return commit(did, at, "create", f"app.bsky.feed.{kind}/{rkey}", record)


def account(did: str, at: int, status: str | None) -> dict[str, Any]:
    """Return the message of what became of an account."""
    known = {"active": status is None, "did": did, "seq": at, "time": "2026-04-14T11:59:00Z"}
    return {"did": did, "time_us": at, "kind": "account", "account": known | ({"status": status} if status else {})}


@dataclass(frozen=True, slots=True)
class Visit:
    """How one connection goes; when there are no more visits, they stay for ever.

    Attributes
    ----------
    n_frames : int, optional
        After so many it ends; None: after all that there is.
    end : str
        `cut` breaks off without a word, `close` says goodbye, `silence` says nothing any more.
    is_from_start : bool
        Replays everything, whatever the cursor.
    status : int
        Of the answer, when it is a refusal.
    """

    n_frames: int | None = None
    end: Literal["cut", "close", "silence"] = "cut"
    code: int = 1001
    reason: str = ""
    is_from_start: bool = False
    status: int = 101
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Told:
    at: int
    frame: bytes | str
    did: str | None = None
    collection: str | None = None


class Jetstream:
    """Serves a log on a free port, in a thread of the test; `with` starts and stops it.

    Parameters
    ----------
    clock : Clock
        Tells which cursor lies in the future.
    visits : sequence of Visit
        How the first connections go.
    """

    def __init__(self, clock: Clock, visits: Sequence[Visit] = ()) -> None:
        self._clock, self._visits = clock, list(visits)
        self._log: list[_Told] = []
        self.asked: list[dict[str, list[str]]] = []
        self.n_sent = 0
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready, self._stop = threading.Event(), asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)
        assert not self._thread.is_alive()

    def tell(self, *messages: dict[str, Any]) -> None:
        """Let these happen, in this order."""
        for message in messages:
            collection = message["commit"]["collection"] if message["kind"] == "commit" else None
            self._log.append(_Told(message["time_us"], _encode(message).decode(), message["did"], collection))

    def blurt(self, at: int, frame: bytes | str) -> None:
        """Send what is no message: text or bytes."""
        self._log.append(_Told(at, frame))

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        server: Server
        async with serve(
            self._visit, "127.0.0.1", 0, process_request=self._greet, max_queue=2, write_limit=4_096, close_timeout=0.2
        ) as server:
            self.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/subscribe"
            self._ready.set()
            await self._stop.wait()

    def _greet(self, socket: ServerConnection, request: Request) -> Response | None:
        visit = self._visits[0] if self._visits else Visit()
        if visit.status == 101:
            return None
        self._visits.pop(0)
        status = HTTPStatus(visit.status)
        return Response(status.value, status.phrase, Headers({**visit.headers, "Content-Length": "0"}))

    async def _visit(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        query = parse_qs(urlsplit(socket.request.path).query)
        self.asked.append(query)
        is_last = not self._visits
        visit = Visit() if is_last else self._visits.pop(0)
        log = self._log if visit.is_from_start or len(self.asked) == 1 else self._stored()
        n_sent, place = 0, 0 if visit.is_from_start else self._first(log, query)
        with contextlib.suppress(ConnectionClosed):
            while not self._stop.is_set():
                if n_sent == visit.n_frames or (not is_last and visit.n_frames is None and place >= len(self._log)):
                    await self._end(socket, visit)
                    return
                log = log if len(log) == len(self._log) else [*log, *self._log[len(log) :]]
                if place >= len(log):
                    await asyncio.wait_for(socket.ping(), 60)
                    await asyncio.sleep(0.005)
                    continue
                if _is_wanted(log[place], query):
                    await socket.send(log[place].frame)
                    n_sent, self.n_sent = n_sent + 1, self.n_sent + 1
                place += 1

    def _stored(self) -> list[_Told]:
        """Return the log as it is replayed: in the order of its times, whatever the order in which it came."""
        return sorted(self._log, key=lambda told: told.at)

    def _first(self, log: list[_Told], query: dict[str, list[str]]) -> int:
        cursor = int(query.get("cursor", ["0"])[0])
        if not cursor or cursor > self._clock.now():
            return len(log)
        return next((n for n, told in enumerate(log) if told.at >= cursor), len(log))

    async def _end(self, socket: ServerConnection, visit: Visit) -> None:
        if visit.end == "close":
            await socket.close(visit.code, visit.reason)
        elif visit.end == "silence":
            socket.transport.pause_reading()  # not even a pong
            await self._stop.wait()
        else:
            await asyncio.sleep(0)
            socket.transport.abort()


def _is_wanted(told: _Told, query: dict[str, list[str]]) -> bool:
    collections, dids = query.get("wantedCollections"), query.get("wantedDids")
    if dids and told.did not in dids:
        return False
    return not collections or told.collection is None or told.collection in collections
