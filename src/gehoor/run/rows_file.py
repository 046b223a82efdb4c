"""Reads the rows of a file for a file instrument: strict, since a result with holes would be taken for a whole one."""

import csv
import gzip
import os
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.core.settings_text import nearest
from gehoor.listen.columns import delimiter_of, header_of
from gehoor.listen.lines import json_of

__all__ = ["RowsFile"]

_TABLES, _LINES = (".csv", ".tsv"), (".jsonl", ".ndjson", ".json")
_BOM = b"\xef\xbb\xbf"

_Row = TypeVar("_Row")


class RowsFile(ABC, Generic[_Row]):
    """The rows of a JSON lines or CSV file (also .gz), in its order: iterate over it, once.

    A kind of file says which columns it needs (`needed`) and makes its rows (`_made`).

    Parameters
    ----------
    path : Path
        More columns than are needed may stand there.

    Raises
    ------
    SettingError
        While iterating, with file, row and column: a column is missing, a row is broken, a value is wrong, the file is
        empty or cannot be read.

    Notes
    -----
    Cost: 4 us a row. Memory: one row.
    """

    needed: tuple[str, ...]
    called = "rows"
    example = "{}"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw: IO[bytes] | None = None
        self._row = self._line = 0
        names = [suffix.lower() for suffix in path.suffixes]
        self._suffix = names[-2] if names[-1:] == [".gz"] and len(names) > 1 else "".join(names[-1:])
        if self._suffix not in (*_TABLES, *_LINES):
            raise SettingError(f"{path}: its name must end in .jsonl or .csv, or these with .gz: nobody can tell else.")

    def share(self) -> float:
        """Return how much of the file was read, 0 to 1."""
        if self._raw is None:
            return float(self._row > 0)
        return self._raw.tell() / max(1, os.fstat(self._raw.fileno()).st_size)

    def __iter__(self) -> Iterator[_Row]:
        """Yield every row; an empty file is an error."""
        try:
            with self.path.open("rb") as self._raw:
                is_packed = self._raw.peek(2)[:2] == b"\x1f\x8b"
                lines: Iterable[bytes] = gzip.GzipFile(fileobj=self._raw) if is_packed else self._raw
                yield from self._table(lines) if self._suffix in _TABLES else self._json(lines)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SettingError(f"{self.path} is a broken .gz file after row {self._row}: {error}.") from None
        except OSError as error:
            raise SettingError(f"{self.path} cannot be read: {error.strerror}.") from None
        finally:
            self._raw = None
        if not self._row:
            raise SettingError(
                f"{self.path} holds no {self.called}: one row each is needed, with {', '.join(self.needed)}."
            )

    # -- JSON lines -----------------------------------------------------------------------------------------------

    def _json(self, lines: Iterable[bytes]) -> Iterator[_Row]:
        for line in lines:
            self._line += 1
            text = line.removeprefix(_BOM) if self._line == 1 else line
            if not text.strip():
                continue
            self._row += 1
            try:
                row = json_of(text, None)
            except RejectedRecord as error:
                raise self._error(None, error.reason, "Mend or remove that line.") from None
            if not isinstance(row, dict):
                raise self._error(None, "this is no JSON object", f"Write one a line, such as {self.example}.")
            self._check_columns(list(row))
            yield self._made(row)

    # -- tables ---------------------------------------------------------------------------------------------------

    def _table(self, lines: Iterable[bytes]) -> Iterator[_Row]:
        texts = self._texts(lines)
        head = next(texts, "")
        if not head.strip():
            return
        delimiter = "\t" if self._suffix == ".tsv" else delimiter_of(head)
        try:
            header = self._header(head.rstrip("\r\n"), delimiter)
            for cells in csv.reader(texts, delimiter=delimiter, strict=True):
                if cells:
                    self._row += 1
                    yield self._made(self._named(header, cells))
        except csv.Error as error:
            self._row += 1
            raise self._error(None, f"no row of a table: {error}", "Mend its quotes.") from None

    def _header(self, line: str, delimiter: str) -> list[str]:
        try:
            header = header_of(line, delimiter)
        except SettingError as error:  # it does not know which file it is
            raise SettingError(f"{self.path}: {error}") from None
        self._check_columns(header)
        return header

    def _named(self, header: list[str], cells: list[str]) -> dict[str, Any]:
        if len(cells) != len(header):
            what = f"{len(cells)} cells, where the header has {len(header)}"
            raise self._error(None, what, "A delimiter or a quote is too many or too few: mend that row.")
        return dict(zip(header, cells, strict=True))

    def _texts(self, lines: Iterable[bytes]) -> Iterator[str]:
        for line in lines:
            self._line += 1
            try:
                yield line.decode("utf-8-sig" if self._line == 1 else "utf-8").replace("\0", "")
            except UnicodeDecodeError as error:
                self._row += 1
                what = f"not UTF-8 (byte 0x{line[error.start]:02x} at column {error.start + 1})"
                raise self._error(None, what, "Save the file as UTF-8.") from None

    # -- one row --------------------------------------------------------------------------------------------------

    def _check_columns(self, header: list[str]) -> None:
        for name in self.needed:
            if name not in header:
                there = ", ".join(header)[:200] or "none"
                what = f"is missing.{nearest(name, header)} There are: {there}"
                raise self._error(name, what, f"Rename or add it: {', '.join(self.needed)} are needed.")

    @abstractmethod
    def _made(self, row: dict[str, Any]) -> _Row:
        """Return the row of one line; a kind of file says how."""

    def _value(self, row: dict[str, Any], name: str, read: Callable[[Any, str], Any]) -> Any:
        value = row.get(name)
        if value is None or value == "":
            return None
        try:
            return read(value, name)
        except RejectedRecord as error:
            raise self._error(name, error.reason.removeprefix(f"{name} "), "Mend that value.") from None

    def _error(self, column: str | None, what: str, advice: str) -> SettingError:
        row = f", row {self._row} (line {self._line})" if self._row else ""
        place = f", column {column}" if column else ""
        return SettingError(f"{self.path}{row}{place}: {what}. {advice}")
