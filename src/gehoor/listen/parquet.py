"""Reads the rows of a Parquet file as rows of a table, in the form that the table decoder knows."""

import io
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.listen.pieces import Piece
from gehoor.listen.shapes import table_options

__all__ = ["ParquetRows"]

_ROWS = 2_048


class ParquetRows:
    """The rows of a Parquet file, page by page, as CSV; offsets are row numbers.

    The same form as CSV, so that there is one way to decode a table and a reject can be read by people: missing values
    are empty cells, moments ISO 8601, lists and structs JSON. Row groups are read one at a time.
    """

    def __init__(self, path: Path, columns: dict[str, str]) -> None:
        from pyarrow import parquet

        try:
            self._file = parquet.ParquetFile(path, pre_buffer=False)
        except (pa.ArrowInvalid, OSError) as error:
            raise SettingError(f"{path}: no whole Parquet file: {error}.") from None
        self._path = path
        options = table_options(list(self._file.schema_arrow.names), columns, ",")
        self.options: dict[str, Any] = {**options, "by_record": True}
        self._group = 0
        self._skip = 0
        self._batches: Any = iter(())

    def skip_to(self, row: int) -> bool:
        """Go to a row; False when there are fewer."""
        metadata = self._file.metadata
        while self._group < metadata.num_row_groups and row >= metadata.row_group(self._group).num_rows:
            row -= metadata.row_group(self._group).num_rows
            self._group += 1
        self._skip = row
        return self._group < metadata.num_row_groups or row == 0

    def next(self, *, is_final: bool) -> Piece | None:
        """Return the next rows, None behind the last; a Parquet file is always final."""
        assert is_final
        try:
            while (batch := next(self._batches, None)) is None:
                if self._group >= self._file.metadata.num_row_groups:
                    return None
                self._batches = self._file.iter_batches(_ROWS, row_groups=[self._group])
                self._group += 1
        except (pa.ArrowInvalid, OSError) as error:
            raise SettingError(f"{self._path} is damaged: {error}. What was read counts.") from None
        n = min(self._skip, batch.num_rows)
        self._skip -= n
        batch = batch.slice(n)
        return Piece(payload=_as_csv(batch), n_bytes=n + batch.num_rows, n_lines=n + batch.num_rows)


def _as_csv(batch: pa.RecordBatch) -> bytes:
    from pyarrow import csv

    columns = [_cells(column) for column in batch.columns]
    out = io.BytesIO()
    table = pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
    csv.write_csv(table, out, csv.WriteOptions(include_header=False))
    return out.getvalue()


def _cells(column: pa.Array) -> pa.Array:
    """Return a column as text that the table decoder reads."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        # with a `T`, and a zone where there is none: as text it must not depend on where it is read
        return pa.compute.strftime(column.cast(pa.timestamp("us", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_dictionary(kind):
        return _cells(column.dictionary_decode())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        values = [None if value is None else _json(value) for value in column.to_pylist()]
        return pa.array(values, pa.string())
    return column.cast(pa.string())


def _json(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return msgspec.json.encode(value, enc_hook=str).decode()
