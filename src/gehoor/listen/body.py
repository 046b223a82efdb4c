"""Reads the body of a response, and no more of it than was agreed: neither an endless page nor a gzip bomb fits."""

import zlib

import httpx

from gehoor.core.errors import TransientError

__all__ = ["read_body"]

_REFUSED_S = 300.0
_GZIP_OR_ZLIB = 47  # zlib's number for: see by the header which of the two it is


async def read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body, unpacked.

    Raises
    ------
    TransientError
        When it is larger than `max_bytes`, before or after unpacking, broken off, or packed in a way that we did not
        ask for.
    """
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in {"identity", "", "gzip", "x-gzip", "deflate"}:
        raise TransientError(
            f"{response.url.host} packs its answer as {packing[:20]!r}; we asked for gzip.", _REFUSED_S
        )
    body = _Whole(max_bytes, response.url.host)
    unpack = _Unpacking(body) if packing not in {"identity", ""} else None
    async for chunk in response.aiter_raw():
        if unpack is None:
            body.add(chunk)
        else:
            unpack.feed(chunk)
    if unpack is not None and not unpack.is_whole:
        raise _broken(response.url.host)
    return b"".join(body.parts)


def _broken(host: str) -> TransientError:
    return TransientError(f"{host} broke off in the middle of its answer.")


class _Whole:
    """What has come in, and how much more may."""

    def __init__(self, max_bytes: int, host: str) -> None:
        self.parts: list[bytes] = []
        self.room, self.host = max_bytes, host
        self._max_bytes = max_bytes

    def add(self, part: bytes) -> None:
        self.room -= len(part)
        if self.room < 0:
            size = (
                f"{self._max_bytes / 1_000_000:.0f} MB" if self._max_bytes >= 1_000_000 else f"{self._max_bytes} bytes"
            )
            raise TransientError(f"{self.host} sends more than {size} at once, which is not read.", _REFUSED_S)
        self.parts.append(part)


class _Unpacking:
    """Unpacks gzip and deflate, never more than there is room for."""

    def __init__(self, body: _Whole) -> None:
        self._body = body
        self._zip = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._is_begun = False

    @property
    def is_whole(self) -> bool:
        return self._zip.eof or not self._is_begun

    def feed(self, chunk: bytes) -> None:
        while chunk:
            if self._zip.eof:  # gzip files may follow one another
                self._zip = zlib.decompressobj(_GZIP_OR_ZLIB)
            self._is_begun = True
            try:
                self._body.add(self._zip.decompress(chunk, self._body.room + 1))
            except zlib.error:
                raise _broken(self._body.host) from None
            chunk = self._zip.unused_data if self._zip.eof else self._zip.unconsumed_tail
