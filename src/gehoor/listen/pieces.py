"""Cuts a stream into pieces that end where a record ends, without ever looking at single lines."""

import csv
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from gehoor.listen.lines import MAX_RAW
from gehoor.listen.streams import Stream

__all__ = ["BLOCK", "MAX_LINES", "Piece", "Pieces"]

BLOCK = 1 << 20
"""Bytes read at a time, which is about the size of a page."""

MAX_LINES = 4_096


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Some whole records.

    Attributes
    ----------
    n_bytes, n_lines : int
        How far the stream moved on; `payload` is shorter when the one line of this piece was too long.
    is_open : bool
        The last line had no line break: the file ended there.
    oversize : int
        Length of the one line that was too long, of which `payload` is the start; 0 for every other piece.
    """

    payload: bytes
    n_bytes: int
    n_lines: int
    is_open: bool = False
    oversize: int = 0


class Pieces:
    """The records of a stream, page by page.

    Parameters
    ----------
    delimiter : str, optional
        Given: records are those of CSV, whose quoted cells may hold line breaks. None: each line is a record.
    limit : int
        Longest line, bytes; of a longer one the first 64 KB are kept and the rest is read past.
    """

    def __init__(self, stream: Stream, *, delimiter: str | None, limit: int = BLOCK) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._limit = limit
        self._rest = b""
        self._kept = b""  # start of a line that is too long, while its end is being looked for
        self._n_dropped = 0

    def skip_to(self, offset: int) -> bool:
        """Go to an offset before the first piece is taken; False when the stream is shorter."""
        return self._stream.skip_to(offset)

    def next(self, *, is_final: bool) -> Piece | None:
        """Return the next piece, None when there is none now.

        Parameters
        ----------
        is_final : bool
            The end of the stream is the end of the last line; otherwise half a line waits for its other half.
        """
        while True:
            piece = self._from_rest() if self._rest else None
            if piece is not None:
                return piece
            block = self._stream.read(BLOCK)
            if not block:
                return self._last() if is_final else None
            self._rest += block

    def _from_rest(self) -> Piece | None:
        if self._kept:
            return self._end_of_long_line()
        end = self._border()
        if end:
            return self._take(end)
        if len(self._rest) <= self._limit:
            return None
        first = self._rest.find(b"\n") + 1
        if first:  # a quote that never closes: its line alone is broken, the next may be whole
            return self._take(first)
        self._kept = self._rest[:MAX_RAW]
        return self._end_of_long_line()

    def _take(self, end: int) -> Piece:
        payload, self._rest = self._rest[:end], self._rest[end:]
        return Piece(payload=payload, n_bytes=end, n_lines=payload.count(b"\n"))

    def _end_of_long_line(self) -> Piece | None:
        end = self._rest.find(b"\n") + 1
        self._n_dropped += end or len(self._rest)
        self._rest = self._rest[end:] if end else b""
        return self._long_line(n_lines=1) if end else None

    def _long_line(self, *, n_lines: int) -> Piece:
        n, kept = self._n_dropped, self._kept
        self._kept, self._n_dropped = b"", 0
        return Piece(payload=kept, n_bytes=n, n_lines=n_lines, oversize=n)

    def _last(self) -> Piece | None:
        """Take what stands behind the last line break."""
        if self._kept:
            return self._long_line(n_lines=1)
        payload, self._rest = self._rest, b""
        if not payload:
            return None
        n_open = not payload.endswith(b"\n")
        return Piece(payload=payload, n_bytes=len(payload), n_lines=payload.count(b"\n") + n_open, is_open=n_open)

    def _border(self) -> int:
        """Return where the last whole record of at most about `MAX_LINES` ends; 0 when there is none."""
        end = self._rest.rfind(b"\n") + 1
        if not end:
            return 0
        if self._delimiter is not None and b'"' in self._rest:
            return self._table_border(end, self._delimiter)
        n = self._rest.count(b"\n", 0, end)
        if n > MAX_LINES:
            cut = end * MAX_LINES // n
            end = self._rest.rfind(b"\n", 0, cut) + 1 or self._rest.find(b"\n") + 1
        return end

    def _table_border(self, end: int, delimiter: str) -> int:
        """Let the CSV reader itself find the borders, as the decoder will; latin-1 gives each byte a letter."""
        lines = self._rest[: end - 1].split(b"\n")
        is_exhausted = False

        def feed() -> Iterator[str]:
            nonlocal is_exhausted
            for line in lines:
                yield line.decode("latin-1") + "\n"
            is_exhausted = True

        reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        n_whole = 0
        for _ in range(MAX_LINES):
            with suppress(csv.Error):  # the decoder meets it at the same line, and refuses that record
                next(reader, None)
            if is_exhausted:  # there are no more lines, or this record asked for more: it is not whole
                break
            n_whole = reader.line_num
        return sum(map(len, lines[:n_whole])) + n_whole
