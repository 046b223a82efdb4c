"""The one client through which sources call servers: careful where it connects, how much it reads and how often."""

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from types import TracebackType
from typing import Any

import httpcore
import httpx
import msgspec

from gehoor import __version__
from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import SettingError, TransientError
from gehoor.listen.body import read_body
from gehoor.listen.egress import CheckedNetwork
from gehoor.listen.limits import is_used_up, wait_of
from gehoor.listen.meter import Meter
from gehoor.listen.refusals import broken_call, refused_call
from gehoor.listen.server_events import Event, EventReader

__all__ = ["Event", "Fetched", "Http"]

_MAX_REDIRECTS = 3
_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_REFUSED_S = 300.0
_SILENCE_S = 90.0  # servers of event streams send a sign of life every 15 to 30 s
_AGENT = f"gehoor/{__version__}"
_KEPT_ELSEWHERE = frozenset({"accept", "accept-encoding", "if-none-match", "if-modified-since"})

logging.getLogger("httpx").setLevel(logging.WARNING)  # below that it writes whole addresses, with their queries


@cache
def _trust(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Return whom we trust, read once for each place where that is kept: reading it takes 50 ms, of every call."""
    return httpx.create_ssl_context()


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered.

    Attributes
    ----------
    headers : dict
        Names in lower case.
    body : bytes
        Unpacked.
    url : str
        Where it was found, after redirects.
    moved_to : str, optional
        The new address, when the server says that it moved for good.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    url: str
    moved_to: str | None = None


class _Call(msgspec.Struct, frozen=True, kw_only=True):
    method: str
    url: httpx.URL
    headers: dict[str, str]
    body: bytes | None = None
    ok: tuple[int, ...] = (200,)
    silence_s: float


class Http:
    """Calls servers, politely and safely.

    It connects to public addresses only (`egress`), follows three redirects at most and shows a token to nobody but
    the host it is meant for, reads no more than agreed, and does not call a host again before the host allows it.

    Parameters
    ----------
    clock : Clock
        Tells when a host may be called again.
    timeout_s : float
        For a whole answer, from the first packet to the last byte.
    max_bytes : int
        The largest body, packed or not, or the largest server-sent event.
    allow_private : bool
        Allow addresses of one's own network.
    meter : Meter, optional
        Asked before each call; what was read is counted by the caller.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        timeout_s: float = 30.0,
        max_bytes: int = 8 << 20,
        allow_private: bool = False,
        meter: Meter | None = None,
    ) -> None:
        self._clock, self._timeout_s, self._max_bytes, self._meter = clock, timeout_s, max_bytes, meter
        self._closed_until: dict[str, int] = {}
        verify = _trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        transport = httpx.AsyncHTTPTransport(verify=verify, trust_env=False)
        # httpx has no public way to hand over a network; without it a name would be looked up after it was checked
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify, network_backend=CheckedNetwork(allow_private=allow_private), keepalive_expiry=30.0
        )
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, headers={"user-agent": _AGENT})

    async def __aenter__(self) -> "Http":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        ok: tuple[int, ...] = (200,),
    ) -> Fetched:
        """Return what `url` answers.

        Parameters
        ----------
        params : mapping, optional
            Added to the query of `url`.
        max_bytes : int, optional
            Of this body, when it is not that of all.
        ok : tuple of int
            Statuses that the caller knows what to do with; any other is an error.

        Raises
        ------
        TransientError
            With the seconds to wait, where they are known: no answer, a bad one, too much of it, a refused address.
        SettingError
            When `url` is no web address.
        """
        call = self._call("GET", url, params, headers)
        return await self._whole(msgspec.structs.replace(call, ok=ok), max_bytes or self._max_bytes)

    async def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, ok: tuple[int, ...] = (200,)
    ) -> Fetched:
        """Send `body` to `url` and return the answer; a redirect is not followed. Errors as of `get`."""
        call = self._call("POST", url, None, headers)
        return await self._whole(msgspec.structs.replace(call, body=body, ok=ok), self._max_bytes)

    async def events(
        self, url: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Event]:
        """Yield server-sent events until the server ends the stream. Errors as of `get`.

        A stream that is silent for 90 s, without even a comment, is dead: an error.
        """
        call = self._call("GET", url, params, {"accept": "text/event-stream", **(headers or {})})
        call.headers["accept-encoding"] = "identity"
        async with self._in_words(call.url.host, _SILENCE_S):
            async with asyncio.timeout(self._timeout_s):
                response, _ = await self._answered(msgspec.structs.replace(call, silence_s=_SILENCE_S))
            try:
                if not response.headers.get("content-type", "").startswith("text/event-stream"):
                    raise TransientError(f"{call.url.host} sends no stream of events: check the address.", _REFUSED_S)
                reader = EventReader(self._max_bytes)
                async for chunk in response.aiter_raw():
                    for event in reader.feed(chunk):
                        yield event
            finally:
                await response.aclose()

    def _call(
        self, method: str, url: str, params: Mapping[str, Any] | None, headers: Mapping[str, str] | None
    ) -> _Call:
        address = _address(url)
        if address is None:
            raise SettingError("The address is no web address: it begins with https:// and the name of a server.")
        whole = address.copy_merge_params(params) if params else address
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        for name, value in sent.items():
            if not (value.isascii() and value.isprintable()):  # a token that was copied with the end of its line
                raise SettingError(f"What is sent as {name} holds characters that cannot be sent: copy it once more.")
        return _Call(method=method, url=whole, headers={"accept-encoding": "gzip", **sent}, silence_s=self._timeout_s)

    async def _whole(self, call: _Call, max_bytes: int) -> Fetched:
        async with self._in_words(call.url.host, self._timeout_s), asyncio.timeout(self._timeout_s):
            response, moved_to = await self._answered(call)
            try:
                body = await read_body(response, max_bytes)
            finally:
                await response.aclose()
        return Fetched(
            status=response.status_code,
            headers=dict(response.headers),
            body=body,
            url=str(response.url),
            moved_to=moved_to,
        )

    @asynccontextmanager
    async def _in_words(self, host: str, limit_s: float) -> AsyncIterator[None]:
        try:
            yield
        except (httpx.TransportError, TimeoutError) as error:
            # the chain is cut: an exception of the client may hold the whole address, with its query
            raise broken_call(host, error, limit_s) from None

    async def _answered(self, call: _Call) -> tuple[httpx.Response, str | None]:
        """Return an open response with a wanted status, and the new address if it moved for good."""
        is_permanent, headers = True, call.headers
        url = call.url
        for n_followed in range(_MAX_REDIRECTS + 1):
            response = await self._sent(call, url, headers)
            if response.status_code in call.ok:
                return response, str(url) if n_followed and is_permanent else None
            await response.aclose()
            target = _target(response) if call.method == "GET" else None
            if target is None:
                raise refused_call(url.host, response.status_code, dict(response.headers), self._clock.now())
            is_permanent = is_permanent and response.status_code in _PERMANENT
            if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
                headers = {name: value for name, value in headers.items() if name in _KEPT_ELSEWHERE}
            url = target
        raise TransientError(f"{call.url.host} sends us on more than {_MAX_REDIRECTS} times.", _REFUSED_S)

    async def _sent(self, call: _Call, url: httpx.URL, headers: dict[str, str]) -> httpx.Response:
        self._check_open(url.host)
        timeout = httpx.Timeout(self._timeout_s, read=call.silence_s)
        request = self._client.build_request(call.method, url, headers=headers, content=call.body, timeout=timeout)
        self._client.cookies.clear()  # nobody's cookie is kept: a server has no use for knowing us, nor we for a jar
        try:
            response = await self._client.send(request, stream=True)
        except httpx.InvalidURL:  # the client looks at a redirect before we do
            raise TransientError(f"{url.host} sends us on to what is no address.", _REFUSED_S) from None
        self._note_limit(url.host, response)
        return response

    def _check_open(self, host: str) -> None:
        now = self._clock.now()
        if self._meter is not None:
            self._meter.check(now)
        wait_s = (self._closed_until.get(host, 0) - now) / SECOND_US
        if wait_s > 0:
            raise TransientError(f"{host} asks us to wait until we call again.", wait_s)

    def _note_limit(self, host: str, response: httpx.Response) -> None:
        """Remember when a host may be called again: its last word, or its last call allowed."""
        headers = dict(response.headers)
        if response.status_code in {429, 503} or is_used_up(headers):
            now = self._clock.now()
            wait_s = wait_of(headers, now)
            if wait_s:
                self._closed_until[host] = now + round(wait_s * SECOND_US)


def _address(url: str) -> httpx.URL | None:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    return address if address.scheme in {"http", "https"} and address.host else None


def _target(response: httpx.Response) -> httpx.URL | None:
    """Return where a response sends us; None when it is no redirect, or one to nowhere."""
    if response.status_code not in _FOLLOWED or "location" not in response.headers:
        return None
    try:
        return _address(str(response.url.join(response.headers["location"])))
    except (httpx.InvalidURL, ValueError):
        return None
