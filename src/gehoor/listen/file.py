"""Reads posts from a file, and goes on reading while it grows."""

import asyncio
import codecs
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.page import RawPage
from gehoor.listen.columns import READERS
from gehoor.listen.opened import Cursor, Opened, Reading, backwards
from gehoor.listen.shapes import Format
from gehoor.listen.streams import whole_file_encoding

__all__ = ["FileOptions", "FileSource"]

_POLL_S = 0.2


class FileOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.<name>]` with `type = "file"`.

    Attributes
    ----------
    path : Path
        The file; relative to the workspace.
    format : str
        `auto` looks at the file: `plain` JSON lines, `xapi`, `csv`, `twcs`; Parquet and gzip are always recognised.
    channel : str, optional
        Of rows that name none; `file` unless the format knows better.
    follow : bool
        Go on when the file grows, is rotated or cut short, as `tail -F` does.
    columns : dict of str to str
        Our field -> their column, for what is not recognised by name.
    language, direction, actor : str, optional
        Of rows that name none.
    encoding : str, optional
        Of lines that are not UTF-8, such as `cp1252`. UTF-16 with its mark is recognised.
    delimiter : str
        Of a table; `auto`: the one that occurs most in the header.
    """

    path: Path
    format: Format = "auto"
    channel: str | None = None
    follow: bool = False
    columns: dict[str, str] = {}
    language: str | None = None
    direction: Literal["in", "out", "internal"] | None = None
    actor: str | None = None
    encoding: str | None = None
    delimiter: str = "auto"

    def __post_init__(self) -> None:
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
                whole_file_encoding(self.encoding)
            except LookupError:
                raise ValueError(f"encoding {self.encoding!r} is not known; try cp1252 or utf-16") from None
        if self.delimiter != "auto" and (
            len(self.delimiter) != 1 or self.delimiter in '"\r\n' or ord(self.delimiter) > 126
        ):
            raise ValueError('delimiter must be "auto" or one character, such as ";"')
        for name in self.columns:
            if name not in READERS:
                raise ValueError(f"columns: {name!r} is not a field of ours; known: {', '.join(READERS)}")


class FileSource:
    """Read a file of posts from a cursor on: JSON lines, X API v2 exports, CSV, Parquet; each but the last also .gz.

    A page is about 1 MB or 4,096 lines, untouched. A line longer than that (8 MB for X API responses) is read past and
    becomes a reject with its first 64 KB, so that memory stays flat. A file that is not the cursor's any more is an
    error, unless it is followed: then it was rotated or cut short, and is read from its beginning, which
    the ids make harmless. Half a line at the end of a rotated file is taken as it is; of one that was cut short it is
    dropped.

    Notes
    -----
    Positions are line numbers from 1 (in X API exports: bytes), and go on counting after a rotation.
    """

    Options = FileOptions

    def __init__(self, name: str, options: FileOptions, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._path = options.path
        self._is_followed = options.follow
        self._reading = Reading(
            source=name,
            path=options.path,
            format=options.format,
            columns=options.columns,
            delimiter=options.delimiter,
            encoding=options.encoding,
            options=_page_options(options),
            is_followed=options.follow,
        )

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield raw pages from `cursor` on; end with the file, or never when it is followed.

        Raises
        ------
        SettingError
            When the file is absent, unreadable, not what `format` says, broken off, or not the one of the cursor.
        TransientError
            When the disk gives an error.
        """
        place = _place(cursor)
        while True:
            opened = await asyncio.to_thread(self._open, place)
            if opened is not None:
                try:
                    async for page in self._pages(opened):
                        yield page
                finally:
                    opened.close()
                place = opened.cursor
            if not self._is_followed:
                return
            await asyncio.sleep(_POLL_S)

    async def _pages(self, opened: Opened) -> AsyncIterator[RawPage]:
        """Yield pages until the file ends, or, when it is followed, until another one has taken its place."""
        while True:
            page = await asyncio.to_thread(self._next, opened, is_final=not self._is_followed)
            if page is not None:
                yield page
                continue
            if not self._is_followed:
                return
            await asyncio.sleep(_POLL_S)
            is_gone, is_cut = await asyncio.to_thread(self._turned, opened)
            while is_gone and (page := await asyncio.to_thread(self._next, opened, is_final=True)) is not None:
                yield page
            if is_gone or is_cut:
                return

    def _open(self, place: Cursor | None) -> Opened | None:
        """Open the file at a place; None when it is waited for."""
        try:
            if not stat.S_ISREG(self._path.stat().st_mode) and not self._path.is_dir():  # opening a pipe would wait
                raise SettingError(f"{self._path} is no file but a pipe or device: write it to a file first.")
            file = self._path.open("rb")
        except FileNotFoundError:
            if self._is_followed:
                return None
            advice = "Check path, or set follow = true to wait for it."
            raise SettingError(f"{self._path}: there is no such file. {advice}") from None
        except OSError as error:
            raise SettingError(f"{self._path} cannot be read: {error.strerror}.") from None
        opened = Opened(self._reading, file)
        if place is not None and opened.is_of(place):
            opened.cursor = place
        elif place is not None:
            if not self._is_followed and place.path == str(self._path):
                opened.close()
                raise SettingError(backwards(place, self._path))
            opened.cursor = place.anew(self._path)
        return opened

    def _next(self, opened: Opened, *, is_final: bool) -> RawPage | None:
        try:
            return opened.next_page(self._clock.now(), is_final=is_final)
        except OSError as error:
            raise TransientError(f"{self._path} cannot be read now: {error.strerror}.") from error

    def _turned(self, opened: Opened) -> tuple[bool, bool]:
        """Tell whether the file lost its name (rotated), and whether it was cut short or written anew."""
        return opened.is_gone(), not opened.is_of(opened.cursor)


def _place(cursor: bytes | None) -> Cursor | None:
    try:
        return msgspec.json.decode(cursor, type=Cursor) if cursor else None
    except msgspec.DecodeError:
        raise SettingError("the cursor is not that of a file: give this source a name of its own.") from None


def _page_options(options: FileOptions) -> dict[str, Any]:
    """Return what the decoder must know besides what the file itself says."""
    wanted = {
        "channel": options.channel,
        "language": options.language,
        "direction": options.direction,
        "actor": options.actor,
        "encoding": options.encoding,
    }
    return {name: value for name, value in wanted.items() if value}
