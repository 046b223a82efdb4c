"""Which files an analysis reads, in which order, and where each may be cut so that many can read at once."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage
from gehoor.listen.opened import Cursor, Opened, Reading
from gehoor.listen.parquet import ParquetRows
from gehoor.listen.shapes import SNIFF, is_parquet, shape_of
from gehoor.listen.streams import is_as_on_disk, open_stream
from gehoor.run.engine import Form, Split

__all__ = ["InputFile", "SplitReader", "input_files", "splits_of"]

SPLIT = 16 << 20
"""About so many bytes are read by one process at a time: two seconds of work."""

_ROW = 640
_SUFFIXES = frozenset((".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet"))
_Kind = Literal["lines", "rows", "whole", "empty"]


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be read.

    Attributes
    ----------
    name : str
        Its path within the folder that is read; in this order files are read.
    kind : str
        `lines` and `rows` (Parquet) can be cut, `whole` (packed, not UTF-8, one JSON document) cannot.
    """

    path: Path
    name: str
    size: int
    moment: int
    kind: _Kind


def input_files(source: Path, form: Form) -> tuple[list[InputFile], list[str]]:
    """Return the files of a folder, or the one file, looked at; and the names of what is left aside.

    Of a folder, with all folders in it, those are read whose name ends in .jsonl, .ndjson, .json, .csv, .tsv or
    .parquet, each also .gz; names that begin with a dot or underscore are passed over.

    Raises
    ------
    SettingError
        It is not there or cannot be read, a file is none that we know, or there is nothing in it.
    """
    try:
        found, others = _listed(source)
        files = [_looked_at(path, name, form) for path, name in found]
    except OSError as error:
        raise SettingError(f"{error.filename or source} cannot be read: {error.strerror}.") from None
    if not any(file.kind != "empty" for file in files):
        what = f"only {others[0]} and the like" if others and not files else "no posts"
        raise SettingError(f"{source} holds {what}: JSON lines, CSV or Parquet is needed, each but the last also .gz.")
    return files, others


def _listed(source: Path) -> tuple[list[tuple[Path, str]], list[str]]:
    if not source.exists():
        hint = " Mount it, and give the path of a folder." if "://" in str(source) or ":/" in str(source) else ""
        raise SettingError(f"{source}: there is no such file or folder.{hint}")
    if not source.is_dir():
        if not stat.S_ISREG(source.stat().st_mode):
            raise SettingError(f"{source} is no file but a pipe or device: write it to a file first.")
        return [(source, source.name)], []
    found, others = [], []
    for path in source.rglob("*"):
        inner = path.relative_to(source)
        if not path.is_file() or any(part.startswith((".", "_")) for part in inner.parts):
            continue
        suffixes = [suffix.lower() for suffix in path.suffixes]
        kind = suffixes[-2:-1] if suffixes[-1:] == [".gz"] else suffixes[-1:]
        if _SUFFIXES.isdisjoint(kind):
            others.append(inner.as_posix())
        else:
            found.append((path, inner.as_posix()))
    return sorted(found, key=lambda pair: pair[1]), sorted(others)


def _looked_at(path: Path, name: str, form: Form) -> InputFile:
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        kind = _kind(file, path, form)
    return InputFile(path=path, name=name, size=found.st_size, moment=found.st_mtime_ns // 1_000, kind=kind)


def _kind(file: BinaryIO, path: Path, form: Form) -> _Kind:
    try:
        if is_parquet(os.pread(file.fileno(), 4, 0)):
            ParquetRows(path, form.columns)
            return "rows"
        stream, head = open_stream(file, path, form.encoding), b""
        while len(head) < SNIFF and (block := stream.read(SNIFF - len(head))):
            head += block
        if not head.strip():
            return "empty"
        shape = shape_of(head, "auto", form.columns, "auto", form.encoding)
    except SettingError as error:
        message = str(error)
        raise SettingError(message if str(path) in message else f"{path}: {message}") from None
    return "whole" if shape.is_document or not is_as_on_disk(file, form.encoding) else "lines"


def splits_of(files: Iterable[InputFile], form: Form, n_bytes: int = SPLIT) -> Iterator[Split]:
    """Yield the splits of files in their order, while they are found; long files are read through for that.

    Parameters
    ----------
    n_bytes : int
        How long a split is at least; of Parquet, a row counts as 640.

    Notes
    -----
    The file source itself finds where records end, so that no cut changes what is read. Cost: 1 s a GB, of a table with
    quotes 4 s.
    """
    numbers = count()
    for file in files:
        split = Split(
            number=0, path=str(file.path), name=file.name, moment=file.moment, size=file.size, n_bytes=file.size
        )
        for start, line, end in _cuts(split, file, form, n_bytes):
            share = 1.0 if end is None or file.kind == "rows" else (end - start) / max(1, file.size)
            yield msgspec.structs.replace(
                split, number=next(numbers), start=start, line=line, end=end, n_bytes=round(file.size * share)
            )


def _cuts(split: Split, file: InputFile, form: Form, n_bytes: int) -> Iterator[tuple[int, int, int | None]]:
    if file.kind == "empty":
        return
    if file.kind == "rows":
        yield from _row_cuts(file.path, n_bytes // _ROW)
    elif file.kind == "whole" or file.size <= n_bytes:
        yield 0, 0, None
    else:
        start = line = 0
        with closing(SplitReader(split, form)) as reader:
            while reader.next_page() is not None:
                at = reader.cursor
                if at.offset - start >= n_bytes:
                    yield start, line, at.offset
                    start, line = at.offset, at.line
        if start < file.size:
            yield start, line, None


def _row_cuts(path: Path, n_rows: int) -> Iterator[tuple[int, int, int | None]]:
    """Cut a Parquet file where its row groups end."""
    from pyarrow import parquet

    metadata = parquet.read_metadata(path)
    start = row = 0
    for group in range(metadata.num_row_groups):
        row += metadata.row_group(group).num_rows
        if row - start >= n_rows:
            yield start, start, row
            start = row
    if start < row:
        yield start, start, row


class _Until:
    """A file that ends early, where a line ends."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file, self._end = file, end
        self.seek, self.fileno, self.close = file.seek, file.fileno, file.close

    def read(self, n: int) -> bytes:
        return self._file.read(max(0, min(n, self._end - self._file.tell())))


class SplitReader:
    """Gives the raw pages of a split, as the file source would.

    Raises
    ------
    SettingError
        The file is not there, or has changed since it was looked at; from `next_page`: it is damaged.
    """

    def __init__(self, split: Split, form: Form) -> None:
        path = Path(split.path)
        try:
            file: BinaryIO = path.open("rb")
        except OSError as error:
            raise SettingError(
                f"{path} cannot be read by a process of the analysis: {error.strerror}. On several machines, it must "
                "lie on storage that all of them reach under this path."
            ) from None
        if os.fstat(file.fileno()).st_size != split.size:
            file.close()
            raise SettingError(f"{path} was written to while it was analysed: wait until it is whole, and begin again.")
        self._end, self._moment = split.end, split.moment
        if split.end is not None and not is_parquet(os.pread(file.fileno(), 4, 0)):
            file = _Until(file, split.end)  # type: ignore[assignment]  # it does what Opened asks of a file
        reading = Reading(
            source=split.name,
            path=path,
            format="auto",
            columns=form.columns,
            delimiter="auto",
            encoding=form.encoding,
            options={"encoding": form.encoding} if form.encoding else {},
            is_followed=False,
        )
        self._opened = Opened(reading, file)
        self._opened.cursor = Cursor(path=split.path, offset=split.start, line=split.line, head="", n_head=0)

    @property
    def cursor(self) -> Cursor:
        """Where the next page begins."""
        return self._opened.cursor

    def next_page(self) -> RawPage | None:
        """Return the next page, None behind the last."""
        if self._end is not None and self.cursor.offset >= self._end:
            return None
        return self._opened.next_page(self._moment, is_final=True)

    def close(self) -> None:
        """Close the file."""
        self._opened.close()
