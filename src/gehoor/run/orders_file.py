"""Reads the orders of a file for `gehoor value`: millions at once, and strict about what cannot be read."""

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.core.settings_text import nearest
from gehoor.know.base import Floats, Ints
from gehoor.listen.columns import delimiter_of, header_of
from gehoor.listen.times import parse_time

__all__ = ["Orders", "day_of", "last_day", "read_orders"]

_NEEDED = ("customer_id", "date", "amount")
_CURRENCY = "currency"
_DAY_US = 86_400 * SECOND_US
_LARGEST = 1e15
_MOST_DAYS = 3_650
_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")


class Orders(NamedTuple):
    """The rows of a file of orders, in its order."""

    customer_id: pa.StringArray
    day: Ints
    """Days since 1970, UTC."""
    amount: Floats
    currency: pa.StringArray | None


def read_orders(path: Path) -> Orders:
    """Read a CSV file with the columns customer_id, date, amount, and currency where there are several.

    Raises
    ------
    SettingError
        With file, row and column: a column is missing, the file is empty, a date or amount is none.

    Notes
    -----
    Cost: 0.5 us a row. Memory: 60 bytes a row.
    """
    if not path.name.lower().endswith(_SUFFIXES):
        raise SettingError(f"{path}: its name must end in .csv, .tsv, or these with .gz.")
    try:
        table = _table(path)
    except (OSError, EOFError) as error:
        raise SettingError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    except UnicodeDecodeError as error:
        raise SettingError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from None
    if not table.num_rows:
        raise SettingError(f"{path} holds no order: it needs a header customer_id,date,amount and an order a line.")
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    return Orders(
        pc.utf8_trim_whitespace(columns["customer_id"]),
        _days(path, columns["date"]),
        _amounts(path, columns["amount"]),
        pc.utf8_trim_whitespace(columns[_CURRENCY]) if _CURRENCY in columns else None,
    )


def day_of(text: str) -> int:
    """Return a date as days since 1970, UTC.

    Raises
    ------
    RejectedRecord
        It is none.

    Examples
    --------
    >>> day_of("1970-01-03"), day_of("1970-01-03T23:00:00Z")
    (2, 2)
    """
    return parse_time(text.strip(), "date") // _DAY_US


def last_day(until: str, horizon_days: int) -> int:
    """Return the last day that is known as days since 1970, where one can look so many days ahead of it.

    Raises
    ------
    SettingError
        `until` is no date, or nobody can see so far.
    """
    try:
        last = day_of(until)
    except RejectedRecord as error:
        raise SettingError(f"--until: {error.reason}") from None
    if not 1 <= horizon_days <= _MOST_DAYS:
        raise SettingError(
            f"--horizon-days: {horizon_days} is not between 1 and {_MOST_DAYS:,}: nobody can see so far."
        )
    return last


def _table(path: Path) -> pa.Table:
    """Return the columns that are needed, as text."""
    with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
        head = file.readline().decode("utf-8-sig").rstrip("\r\n")
    delimiter = "\t" if ".tsv" in path.name.lower() else delimiter_of(head)
    header = _header(path, head, delimiter)
    broken: list[csv.InvalidRow] = []

    def on_broken(row: csv.InvalidRow) -> str:
        broken.append(row)
        return "error"

    wanted = [*_NEEDED, *([_CURRENCY] if _CURRENCY in header else [])]
    try:
        return csv.read_csv(
            path,
            csv.ReadOptions(use_threads=False, column_names=header, skip_rows=1),
            csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=on_broken),
            csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if broken:
            row = broken[0]
            where = f"{path}, row {row.number - 1}" if row.number else str(path)
            raise SettingError(
                f"{where}: {row.actual_columns} cells, where the header has {row.expected_columns}. A delimiter or a "
                "quote is too many or too few: mend that row."
            ) from None
        what = str(error).partition("\n")[0].rstrip(".")
        raise SettingError(f"{path} is no CSV in UTF-8: {what}. Mend it, or save it as UTF-8.") from None


def _header(path: Path, line: str, delimiter: str) -> list[str]:
    try:
        header = header_of(line, delimiter)
    except SettingError as error:  # it does not know which file it is
        raise SettingError(f"{path}: {error}") from None
    for name in _NEEDED:
        if name not in header:
            there = ", ".join(header)[:200] or "nothing"
            raise SettingError(
                f"{path}: there is no column {name}; found: {there}.{nearest(name, header)} "
                f"Needed: {','.join(_NEEDED)}."
            )
    return header


def _days(path: Path, column: pa.StringArray) -> Ints:
    """Return days; each date is read once, however often it occurs."""
    packed = column.dictionary_encode()
    days = np.zeros(len(packed.dictionary), np.int64)
    for place, text in enumerate(packed.dictionary.to_pylist()):
        try:
            days[place] = day_of(text)
        except RejectedRecord as error:
            row = packed.indices.index(place).as_py() + 1
            reason = error.reason if text.strip() else "it is empty. Use ISO 8601 such as 2026-11-22."
            raise SettingError(f"{path}, row {row}, column date: {reason}") from None
    return np.asarray(days[packed.indices.to_numpy()])


def _amounts(path: Path, column: pa.StringArray) -> Floats:
    trimmed = pc.utf8_trim_whitespace(column)
    try:
        amounts = pc.cast(trimmed, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        amounts = np.array([_amount(text) for text in trimmed.to_pylist()])
    wrong = np.flatnonzero(~np.isfinite(amounts))
    if len(wrong):
        row = int(wrong[0])
        raise SettingError(
            f"{path}, row {row + 1}, column amount: {column[row].as_py()!r} is no amount. Write a number with a point, "
            "such as 12.50, and the currency in a column currency."
        )
    huge = np.flatnonzero(np.abs(amounts) > _LARGEST)
    if len(huge):
        row = int(huge[0])
        raise SettingError(
            f"{path}, row {row + 1}, column amount: {trimmed[row].as_py()[:40]!r} is more than {_LARGEST:,.0f}: no "
            "order is worth that. Mend or remove that row, or write all amounts in a larger unit."
        )
    return np.asarray(amounts)


def _amount(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
