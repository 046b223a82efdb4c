"""One opened file and the place in it: gives raw pages, each with the cursor behind it."""

import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage
from gehoor.listen.columns import is_twcs
from gehoor.listen.parquet import ParquetRows
from gehoor.listen.pieces import BLOCK, Piece, Pieces
from gehoor.listen.shapes import SNIFF, Format, Shape, document_lines, is_parquet, shape_of
from gehoor.listen.streams import HEAD, Stream, fingerprint, is_as_on_disk, is_packed, open_stream

__all__ = ["Cursor", "Opened", "Reading", "backwards"]

_MAX_RESPONSE = 8 << 20  # a response of the X API holds up to 500 posts and all that they include


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where to read on.

    Attributes
    ----------
    offset : int
        In the unpacked UTF-8 stream, bytes; row number in Parquet.
    line : int
        Lines given of this file.
    head, n_head : str, int
        Digest of the file's first bytes, and of how many: is it still the same file?
    lines_before, bytes_before : int
        Of files that lay here before (followed, rotated): positions never repeat.
    n_open, n_raw : int
        Bytes of a last line without line break, and of the file on disk then: has it grown, that line is read again.
    """

    path: str
    offset: int
    line: int
    head: str
    n_head: int
    lines_before: int = 0
    bytes_before: int = 0
    n_open: int = 0
    n_raw: int = 0

    def anew(self, path: Path) -> "Cursor":
        """Return the beginning of the file that has come in its place."""
        return Cursor(
            path=str(path),
            offset=0,
            line=0,
            head="",
            n_head=0,
            lines_before=self.lines_before + self.line,
            bytes_before=self.bytes_before + self.offset,
        )


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How the user wants a file read."""

    source: str
    path: Path
    format: Format
    columns: dict[str, str]
    delimiter: str
    encoding: str | None
    options: dict[str, Any]
    is_followed: bool


class Opened:
    """A file that is being read. Blocking: call it in a thread.

    Raises
    ------
    SettingError
        From `next_page`: when it cannot be read in this way, or when it is not the file of the cursor.
    """

    def __init__(self, reading: Reading, file: BinaryIO) -> None:
        self._reading = reading
        self._file = file
        self._shape = Shape(decoder="table")
        self._pieces: Pieces | ParquetRows | None = None
        self.cursor = Cursor(path=str(reading.path), offset=0, line=0, head="", n_head=0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def is_gone(self) -> bool:
        """Tell whether another file has taken its name, or none yet (rotated)."""
        try:
            there = self._reading.path.stat()
        except FileNotFoundError:
            return True
        here = os.fstat(self._file.fileno())
        return (there.st_ino, there.st_dev) != (here.st_ino, here.st_dev)

    def is_of(self, cursor: Cursor) -> bool:
        """Tell whether the file begins as it did when the cursor was made, and has not become shorter."""
        if not cursor.n_head:  # nothing was seen of it yet
            return True
        n_raw = os.fstat(self._file.fileno()).st_size
        is_shorter = n_raw < cursor.offset and is_as_on_disk(self._file, self._reading.encoding)
        return not is_shorter and fingerprint(self._file, cursor.n_head) == (cursor.head, cursor.n_head)

    def next_page(self, received: int, *, is_final: bool) -> RawPage | None:
        """Return the next page, None when there is none now (also: only half a header yet); see `Pieces.next`."""
        if self._pieces is None:
            self._start()
        piece = self._pieces.next(is_final=is_final) if self._pieces is not None else None
        return None if piece is None else self._page(piece, received)

    def _start(self) -> None:
        """Look what it is and go to the cursor; do nothing when there is nothing to be seen yet."""
        reading = self._reading
        try:
            if self._is_parquet():
                rows = ParquetRows(reading.path, reading.columns)
                self._begin(Shape(decoder="table", channel=_channel(rows.options), options=rows.options), rows)
                return
            head = _sniff(open_stream(self._file, reading.path, reading.encoding))
            if head.strip() and not (reading.is_followed and b"\n" not in head):
                shape = shape_of(head, reading.format, reading.columns, reading.delimiter, reading.encoding)
                self._begin(shape, self._pieces_of(shape))
        except SettingError as error:
            message = str(error)
            raise SettingError(message if str(reading.path) in message else f"{reading.path}: {message}") from None

    def _pieces_of(self, shape: Shape) -> Pieces:
        stream = open_stream(self._file, self._reading.path, self._reading.encoding)
        if shape.is_document:
            stream = _Document(document_lines(stream, shape.begins_at))
        limit = _MAX_RESPONSE if shape.decoder == "xapi" else BLOCK
        return Pieces(stream, delimiter=shape.delimiter, limit=limit)

    def _is_parquet(self) -> bool:
        return is_parquet(os.pread(self._file.fileno(), 4, 0))

    def _begin(self, shape: Shape, pieces: Pieces | ParquetRows) -> None:
        cursor = self.cursor
        if self._reading.is_followed and (shape.is_document or is_packed(self._file) or self._is_parquet()):
            raise SettingError(f"{self._reading.path}: only lines that grow can be followed; set follow = false.")
        if not cursor.n_head:
            head, n_head = fingerprint(self._file)
            cursor = msgspec.structs.replace(cursor, head=head, n_head=n_head)
        if cursor.offset < shape.begins_at and not shape.is_document:
            cursor = msgspec.structs.replace(cursor, offset=shape.begins_at, line=shape.begins_line)
        if cursor.n_open and os.fstat(self._file.fileno()).st_size != cursor.n_raw:
            offset = cursor.offset - cursor.n_open
            cursor = msgspec.structs.replace(cursor, offset=offset, line=cursor.line - 1, n_open=0)
        if not pieces.skip_to(cursor.offset):
            raise SettingError(backwards(cursor, self._reading.path))
        self.cursor, self._shape, self._pieces = cursor, shape, pieces

    def _page(self, piece: Piece, received: int) -> RawPage:
        shape, reading, at = self._shape, self._reading, self.cursor
        # a post of the X API is known by its byte: one line holds hundreds
        is_x = shape.decoder == "xapi"
        position = at.bytes_before + at.offset if is_x else at.lines_before + at.line + 1
        options = {"channel": shape.channel, **shape.options, **reading.options}
        if piece.oversize:
            options |= {"oversize": piece.oversize, "limit": _MAX_RESPONSE if is_x else BLOCK}
        self.cursor = self._moved(piece)
        return RawPage(
            source=reading.source,
            decoder=shape.decoder,
            payload=piece.payload,
            received=received,
            cursor=msgspec.json.encode(self.cursor),
            position=position,
            options=options,
        )

    def _moved(self, piece: Piece) -> Cursor:
        old = self.cursor
        head, n_head = (old.head, old.n_head) if old.n_head >= HEAD else fingerprint(self._file)
        return Cursor(
            path=old.path,
            offset=old.offset + piece.n_bytes,
            line=old.line + piece.n_lines,
            head=head,
            n_head=n_head,
            lines_before=old.lines_before,
            bytes_before=old.bytes_before,
            n_open=_open_line(piece),
            n_raw=os.fstat(self._file.fileno()).st_size if piece.is_open else 0,
        )


def backwards(cursor: Cursor, path: Path) -> str:
    """Say that the file is not the one that was read so far, and what to do."""
    return (
        f"{path} is shorter than, or begins otherwise than, the file of which {cursor.line:,} lines were read: "
        "the cursor would go backwards. Put the old file back, add the new one as a source with a name of its own, "
        "or set follow = true if it is rotated."
    )


def _channel(options: dict[str, Any]) -> str:
    return "twitter" if is_twcs(options["header"]) else "file"


def _open_line(piece: Piece) -> int:
    return len(piece.payload) - piece.payload.rfind(b"\n") - 1 if piece.is_open else 0


def _sniff(stream: Stream) -> bytes:
    head = b""
    while len(head) < SNIFF and (block := stream.read(SNIFF - len(head))):
        head += block
    return head


class _Document(io.BytesIO):
    """The lines of a JSON document, as a stream."""

    def skip_to(self, offset: int) -> bool:
        return self.seek(offset) <= len(self.getbuffer())
