"""Writes the result of a file instrument: whole under its name, or not at all."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gehoor.core.errors import SettingError, StoreError

__all__ = ["ResultFile", "result_file"]

_GROUP = 65_536


class ResultFile(Protocol):
    """Takes batches of one schema, in order."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        ...

    def close(self) -> None:
        """Write what still waits."""
        ...


class _Parquet:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        if sum(part.num_rows for part in self._waiting) >= _GROUP:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting))
        self._waiting = []

    def close(self) -> None:
        self._write()
        self._writer.close()


class _Csv:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(schema.names)

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [[_cell(value) for value in column.to_pylist()] for column in batch.columns]
        self._rows.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        self._file.close()


class _JsonLines:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = path.open("wb")
        self._names = schema.names

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [[_plain(value) for value in column.to_pylist()] for column in batch.columns]
        rows = [dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True)]
        self._file.write(msgspec.json.Encoder().encode_lines(rows))

    def close(self) -> None:
        self._file.close()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _cell(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else _plain(value)


_KINDS: dict[str, type[_Parquet | _Csv | _JsonLines]] = {".parquet": _Parquet, ".csv": _Csv, ".jsonl": _JsonLines}


@contextmanager
def result_file(target: Path, schema: pa.Schema, source: Path) -> Iterator[ResultFile]:
    """Give a file to write rows to; it gets its name when all went well, else nothing of it stays.

    Parameters
    ----------
    target : Path
        Its suffix says the form: `.parquet`, `.csv` (lists with blanks between, nulls empty), `.jsonl`.
    source : Path
        What is read meanwhile: it may not be the same file.

    Raises
    ------
    SettingError
        The suffix is none of these, or the folder is not there.
    StoreError
        The disk is full, or gives an error.
    """
    if target.suffix not in _KINDS:
        raise SettingError(f"{target}: its name must end in one of {', '.join(_KINDS)}.")
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise SettingError(f"{target}: give a file in a folder that exists.")
    if target.exists() and source.exists() and target.samefile(source):
        raise SettingError(f"{target} is the file that is read: give the result another name.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        rows = _KINDS[target.suffix](part, schema)
        try:
            yield rows
        finally:
            rows.close()
        _keep(part, target)
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror or error}. Make room, or choose another folder."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _keep(part: Path, target: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
