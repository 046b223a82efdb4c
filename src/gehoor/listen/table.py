"""Decodes the rows of a table: CSV with any delimiter; Parquet files arrive in the same form."""

import csv
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import Activity
from gehoor.listen.columns import INBOUND, READERS, map_columns
from gehoor.listen.fields import FIELDS, complete, json_text
from gehoor.listen.lines import given, refuse, refuse_oversize, utf8

__all__ = ["TableDecoder"]

csv.field_size_limit(8 << 20)  # a page is smaller; the module's own limit would refuse a long mail

_UNDECODED = re.compile("[\udc80-\udcff]")
_CELL_TEXT = FIELDS["text"]


class TableDecoder:
    """Read the rows of a table by a mapping of its columns; what is no field is kept in `properties`.

    Options of a page: `header` (names of the columns; the payload holds rows only), `columns` (our field -> their
    column; `listen.columns.map_columns`), `delimiter`, `encoding` (of rows that are not UTF-8), `channel`, `language`,
    `direction`, `actor` (defaults for every row), `by_record`, `oversize` and `limit` (set by the file source).

    An item is a record; its index is that of its first line in the payload, since a quoted cell may hold line breaks,
    or with `by_record` its number: so positions count what the file itself counts, lines of CSV or rows of Parquet.
    An empty cell is an absent value. A row with too many or too few cells is a reject; where an unclosed quote made one
    record of several lines, each line is tried by itself. HTML entities stay as they are: the normaliser reads them.

    Notes
    -----
    Cost: 5 µs a row of seven columns.

    Examples
    --------
    >>> page = RawPage(source="s", decoder="table", received=0, payload=b"7,Hoi", options={"header": ["id", "text"]})
    >>> TableDecoder().decode(page).activities[0].text
    'Hoi'
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return one activity or one reject for each record that is not empty."""
        return refuse_oversize(page) or _Rows(page, _plan(page)).decoded()


class _Plan(msgspec.Struct, frozen=True):
    """Which cell becomes which field, and which cells are the rest."""

    fields: list[tuple[int, str, str, Callable[[Any, str], Any] | None]]
    rest: list[tuple[int, str]]
    n_cells: int


def _plan(page: RawPage) -> _Plan:
    header: list[str] = page.options.get("header") or []
    try:
        columns = page.options.get("columns") or map_columns(header, {})
    except SettingError as error:  # the file source has checked this; a page from elsewhere has not
        raise RejectedRecord(str(error)) from None
    at = {name: i for i, name in enumerate(header)}
    fields = []
    for ours, theirs in columns.items():
        read = READERS[ours]
        name = "direction" if ours == INBOUND else ours
        fields.append((at[theirs], name, theirs, None if read is _CELL_TEXT else read))
    rest = [(i, name) for i, name in enumerate(header) if name not in columns.values()]
    return _Plan(fields, rest, len(header))


class _Rows:
    """One page on its way to `Decoded`."""

    def __init__(self, page: RawPage, plan: _Plan) -> None:
        self._page = page
        self._plan = plan
        self._encoding: str | None = page.options.get("encoding")
        self._delimiter: str = page.options.get("delimiter", ",")
        self._is_mixed = False
        self._defaults = given(page, "file")
        self._lines = page.payload.split(b"\n")
        if not self._lines[-1]:
            self._lines.pop()
        self._activities: list[Activity] = []
        self._spans: list[tuple[int, int]] = []
        self._items: list[int] = []
        self._by_record = bool(page.options.get("by_record"))
        self._record = 0
        self._rejects: list[Reject] = []

    def decoded(self) -> Decoded:
        for first, end, row in self._records(self._texts(), is_strict=True):
            if isinstance(row, str) or len(row) != self._plan.n_cells:
                self._line_by_line(first, end, row)
            else:
                self._take(first, end, row)
            self._record += 1
        # without raw items the item's own line is meant
        has_own_lines = not self._by_record and all(end - first == 1 for first, end in self._spans)
        raws = None if has_own_lines else [b"\n".join(self._lines[first:end]) for first, end in self._spans]
        return Decoded(activities=self._activities, rejects=self._rejects, items=self._items, raws=raws)

    def _texts(self) -> list[str]:
        """Return the lines as text; bytes that nobody can decode are marked, and refused with their row."""
        try:
            return self._page.payload.decode().split("\n")[: len(self._lines)]
        except UnicodeDecodeError:
            self._is_mixed = True
            return [self._text(line) for line in self._lines]

    def _text(self, line: bytes) -> str:
        try:
            return utf8(line, self._encoding).decode()
        except RejectedRecord:
            return line.decode(errors="surrogateescape")

    def _records(self, texts: list[str], *, is_strict: bool) -> Iterator[tuple[int, int, list[str] | str]]:
        """Yield (first line, line after the last, cells or why there are none)."""
        reader = csv.reader((text + "\n" for text in texts), delimiter=self._delimiter, strict=is_strict)
        first = 0
        while True:
            row: list[str] | str
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                row = f"no row of a table: {error}"
            if row:
                yield first, reader.line_num, row
            first = reader.line_num

    def _line_by_line(self, first: int, end: int, row: list[str] | str) -> None:
        """Take the lines of a broken record one by one: a stray quote may have swallowed good rows."""
        if end - first == 1 and not isinstance(row, str):
            self._refuse_shape(first, row)
            return
        for at in range(first, end):
            for _, _, cells in self._records([self._text(self._lines[at])], is_strict=False):
                if isinstance(cells, str):
                    self._refuse(at, at + 1, cells)
                elif len(cells) != self._plan.n_cells:
                    self._refuse_shape(at, cells)
                else:
                    self._take(at, at + 1, cells)

    def _take(self, first: int, end: int, row: list[str]) -> None:
        try:
            if self._is_mixed and _UNDECODED.search("".join(row)):
                utf8(b"\n".join(self._lines[first:end]), self._encoding)
            self._activities.append(self._activity(row))
            self._spans.append((first, end))
            self._items.append(self._record if self._by_record else first)
        except RejectedRecord as error:
            self._refuse(first, end, error.reason)

    def _activity(self, row: list[str]) -> Activity:
        fields = self._defaults.copy()
        for i, name, theirs, read in self._plan.fields:
            cell = row[i]
            if cell:
                value = cell if read is None else read(cell, theirs)
                if value is not None:
                    fields[name] = value
        rest = {name: row[i] for i, name in self._plan.rest if row[i]}
        if rest:
            own = fields.get("properties")
            fields["properties"] = json_text(rest if own is None else {**rest, "properties": own})
        return complete(fields)

    def _refuse_shape(self, at: int, row: list[str]) -> None:
        wanted = f"{len(row)} cells, where the header has {self._plan.n_cells}"
        self._refuse(at, at + 1, f"{wanted}: a {self._delimiter!r} or a quote too many or too few")

    def _refuse(self, first: int, end: int, reason: str) -> None:
        raw = b"\n".join(self._lines[first:end])
        item = self._record if self._by_record else first
        self._rejects.append(refuse(self._page, item, f"line {self._page.position + item}: {reason}", raw))
