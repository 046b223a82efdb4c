"""Reads a Jetstream: a web socket that sends what happens on Bluesky, from a moment on."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import CloseCode

from gehoor import __version__
from gehoor.core.clock import Clock
from gehoor.core.errors import TransientError
from gehoor.listen.bluesky_options import BlueskyOptions
from gehoor.listen.egress import resolve
from gehoor.listen.refusals import broken_call, refused_call

__all__ = ["Pace", "read_frames"]

_OPEN_S = 15.0
_REFUSED_S = 300.0
_MAX_FRAME = 8 << 20  # a record of 1 MB, the longest allowed, may take six times as much as JSON
_FRAMES_WAITING = 8


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How much is gathered, and how long we wait.

    Attributes
    ----------
    n_frames, n_bytes : int
        A page is full with so many messages, or so much of them.
    page_s : float
        A page is not held back for longer.
    ping_s : float
        How often a silent server is asked whether it is still there; it has twice as long to answer.
    silence_s : float, optional
        A stream of everybody that says nothing for so long is dead, whatever it answers. None: it may be silent.
    """

    n_frames: int = 500
    n_bytes: int = 1 << 20
    page_s: float = 0.5
    ping_s: float = 20.0
    silence_s: float | None = 90.0


async def read_frames(
    options: BlueskyOptions, since: int, clock: Clock, pace: Pace
) -> AsyncGenerator[list[bytes], None]:
    """Yield messages as they were sent, some at a time, for as long as the connection lasts.

    Nothing is read on while nobody asks for more: what waits then are eight messages and the buffers of the network.

    Parameters
    ----------
    since : int
        The moment to read on from, microseconds UTC.
    clock : Clock
        Tells until when a server that asks us to wait is left alone.
    pace : Pace
        How much is gathered, and how long we wait.

    Raises
    ------
    TransientError
        When the connection cannot be made, breaks or falls silent; what came before it was yielded.
    """
    host = urlsplit(options.jetstream).hostname or ""
    if options.dids:  # a few people may well say nothing for days
        pace = msgspec.structs.replace(pace, silence_s=None)
    async with _connected(options, since, clock, pace) as socket:
        while True:
            frames: list[bytes] = []
            trouble = await _gather(socket, frames, pace, host)
            if frames:
                yield frames
            if trouble is not None:
                raise trouble


async def _gather(socket: ClientConnection, frames: list[bytes], pace: Pace, host: str) -> TransientError | None:
    """Fill a page; return what broke the connection, so that what came before it is not lost."""
    try:
        async with asyncio.timeout(pace.silence_s):
            frames.append(await socket.recv(decode=False))
        n_bytes = len(frames[0])
        async with asyncio.timeout(pace.page_s):
            while len(frames) < pace.n_frames and n_bytes < pace.n_bytes:
                frames.append(await socket.recv(decode=False))
                n_bytes += len(frames[-1])
    except TimeoutError:
        return None if frames else TransientError(f"{host} has said nothing for {pace.silence_s} s: we call again.")
    except ConnectionClosed as error:
        return _closed(host, error)
    return None


@asynccontextmanager
async def _connected(options: BlueskyOptions, since: int, clock: Clock, pace: Pace) -> AsyncIterator[ClientConnection]:
    parts = urlsplit(options.jetstream)
    host, is_secure = parts.hostname or "", parts.scheme == "wss"
    port = parts.port or (443 if is_secure else 80)
    trouble: Exception | None = None
    for address in await resolve(host, port, allow_private=options.allow_private):
        try:
            socket = await connect(
                _address(options, since),
                host=address,  # the one that was checked; the name stays in the request and the certificate
                port=port,
                ssl=httpx.create_ssl_context() if is_secure else None,
                proxy=None,
                compression=None,
                user_agent_header=f"gehoor/{__version__}",
                open_timeout=_OPEN_S,
                ping_interval=pace.ping_s,
                ping_timeout=2 * pace.ping_s,
                close_timeout=1.0,
                max_size=_MAX_FRAME,
                max_queue=_FRAMES_WAITING,
            )
        except (WebSocketException, OSError, ValueError) as error:
            trouble = error
            continue
        async with socket:
            yield socket
        return
    raise _unanswered(host, trouble, clock)


def _address(options: BlueskyOptions, since: int) -> str:
    asked: list[tuple[str, str]] = [("wantedCollections", name) for name in options.collections]
    asked += [("wantedDids", did) for did in options.dids]
    asked.append(("cursor", str(since)))
    joint = "&" if urlsplit(options.jetstream).query else "?"
    return options.jetstream + joint + urlencode(asked, safe=":")


def _unanswered(host: str, error: Exception | None, clock: Clock) -> TransientError:
    """Return why there is no connection, in words."""
    if isinstance(error, InvalidStatus):
        headers = {name.lower(): value for name, value in error.response.headers.raw_items()}
        return refused_call(host, error.response.status_code, headers, clock.now())
    if isinstance(error, TimeoutError | ssl.SSLError):
        return broken_call(host, error, _OPEN_S)
    if isinstance(error, OSError):
        return TransientError(f"{host} takes no connection now.")
    return TransientError(f"{host} is there, but is no Jetstream: check the address.", _REFUSED_S)


def _closed(host: str, error: ConnectionClosed) -> TransientError:
    """Return why a connection ended, in words."""
    if error.sent is not None and error.sent.code == CloseCode.MESSAGE_TOO_BIG:
        limit = f"{_MAX_FRAME >> 20} MB"
        return TransientError(f"{host} sends a message of more than {limit}: check the address.", _REFUSED_S)
    if error.rcvd is None:
        return TransientError(f"{host} is gone without a word: we call again.")
    reason = f"{error.rcvd.code} {error.rcvd.reason[:60]}".strip()
    return TransientError(f"{host} ended the stream ({reason}): we call again.")
