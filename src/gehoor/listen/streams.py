"""Opens a file as a stream of UTF-8 lines, whatever it is packed and encoded in; offsets are those of the stream."""

import codecs
import hashlib
import os
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol

from gehoor.core.errors import SettingError

__all__ = ["HEAD", "Stream", "fingerprint", "is_as_on_disk", "is_packed", "open_stream", "whole_file_encoding"]

HEAD = 4_096
"""So many bytes at the start of a file tell whether it is still the same one."""

_RAW_BLOCK = 262_144
_GZIP = b"\x1f\x8b"
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Stream(Protocol):
    """Bytes from an offset on."""

    def read(self, n: int) -> bytes:
        """Return at most n bytes; none when there is nothing more now."""
        ...

    def skip_to(self, offset: int) -> bool:
        """Go to an offset from the start; False when the stream is shorter."""
        ...


def fingerprint(file: BinaryIO, n: int = HEAD) -> tuple[str, int]:
    """Return a digest of the first n bytes (fewer in a shorter file), and how many they were. Moves nothing."""
    head = os.pread(file.fileno(), n, 0)
    return hashlib.blake2b(head, digest_size=16).hexdigest(), len(head)


def is_packed(file: BinaryIO) -> bool:
    """Tell whether the file is compressed; its name does not matter."""
    return os.pread(file.fileno(), 2, 0) == _GZIP


def whole_file_encoding(encoding: str | None) -> str | None:
    """Return the encoding if its line breaks are not those of ASCII: the whole must be decoded to find a line."""
    if encoding is None:
        return None
    return None if '\n,"{'.encode(encoding) == b'\n,"{' else encoding


def open_stream(file: BinaryIO, path: Path, encoding: str | None) -> Stream:
    """Return the file as a stream of UTF-8: gzip unpacked, UTF-16 turned into UTF-8.

    Lines that are neither UTF-8 nor UTF-16 stay as they are: the decoder tries `encoding` on each.
    """
    stream: Stream = _Unpacked(file, path) if is_packed(file) else _Raw(file)
    whole = whole_file_encoding(encoding) or _marked(stream.read(2))
    stream = _Unpacked(file, path) if is_packed(file) else _Raw(file)
    return _Transcoded(stream, whole) if whole else stream


def is_as_on_disk(file: BinaryIO, encoding: str | None) -> bool:
    """Tell whether offsets in the stream are offsets in the file."""
    return not (is_packed(file) or whole_file_encoding(encoding) or _marked(os.pread(file.fileno(), 2, 0)))


def _marked(head: bytes) -> str | None:
    return next((name for bom, name in _BOMS if head == bom), None)


class _Raw:
    """The bytes as they lie on disk."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.seek(0)

    def read(self, n: int) -> bytes:
        return self._file.read(n)

    def skip_to(self, offset: int) -> bool:
        if os.fstat(self._file.fileno()).st_size < offset:
            return False
        self._file.seek(offset)
        return True


def _read_past(stream: Stream, offset: int) -> bool:
    """Skip what can only be read on."""
    while offset > 0:
        block = stream.read(min(offset, _RAW_BLOCK))
        if not block:
            return False
        offset -= len(block)
    return True


class _Unpacked:
    """A gzip file, of one or several members; never more than a block of it in memory."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._member = zlib.decompressobj(31)
        self._packed = b""
        self._n = 0
        file.seek(0)

    def read(self, n: int) -> bytes:
        while True:
            if not self._packed:
                self._packed = self._file.read(_RAW_BLOCK)
            if self._member.eof and not self._next_member():
                return b""
            if not self._packed:
                raise SettingError(self._broken("it breaks off"))
            try:
                block = self._member.decompress(self._packed, n)
            except zlib.error as error:
                raise SettingError(self._broken(f"it is damaged ({error})")) from None
            self._packed = self._member.unconsumed_tail or self._member.unused_data
            if block:
                self._n += len(block)
                return block

    def skip_to(self, offset: int) -> bool:
        return _read_past(self, offset)

    def _next_member(self) -> bool:
        self._packed = self._packed.lstrip(b"\x00")  # padding
        if self._packed[:2] == _GZIP[: len(self._packed)] and self._packed:
            self._member = zlib.decompressobj(31)
            return True
        return False

    def _broken(self, what: str) -> str:
        return f"{self._path}: {what} after {self._n:,} unpacked bytes. What was read counts; get a whole copy."


class _Transcoded:
    """A text in an encoding of its own, as UTF-8; what cannot be decoded becomes U+FFFD."""

    def __init__(self, stream: Stream, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._ready = b""

    def read(self, n: int) -> bytes:
        while not self._ready:
            block = self._stream.read(n)
            self._ready = self._decoder.decode(block, final=not block).encode()
            if not block:
                break
        block, self._ready = self._ready[:n], self._ready[n:]
        return block

    def skip_to(self, offset: int) -> bool:
        return _read_past(self, offset)
