"""Finds bursts in a file of counts: `gehoor detect`. Strictly causal: no score depends on a later row."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.listen.times import parse_time
from gehoor.run.result_file import result_file
from gehoor.warn.refractory import Refractory

__all__ = ["detect"]

_NEEDED = ("timestamp", "value")
_DEFAULT_STEP_S = 300.0
_CLOCK_S = 3_600.0
"""How far a clock may be set back, as on a night in autumn: what was counted then is read in the order of the file."""
_SCHEMA = pa.schema(
    [("timestamp", pa.string()), ("value", pa.string()), ("anomaly_score", pa.float64()), ("alarm", pa.int8())]
)
_ROWS, _SECOND = 4_096, 2


class _Count(NamedTuple):
    timestamp: str
    value: str
    at_s: float
    number: float


def detect(source: Path, output: Path) -> tuple[int, int]:
    """Write the counts of a CSV file with a score and an alarm for each row; return how many rows and alarms.

    Parameters
    ----------
    source : Path
        With the columns timestamp and value, in order of time, at equal distances: what was counted or measured from
        that moment to the next. The distance is taken from the first two rows; a hole is no zero. A moment may come
        twice, and the clock may be set back an hour.
    output : Path
        The same with anomaly_score (0 to 1) and alarm (0 or 1): .csv, .parquet or .jsonl.

    Raises
    ------
    SettingError
        With file, row and column: a column is missing, the file is empty, a date or number is none, or time goes back
        by more than an hour.
    """
    n_rows = n_alarms = 0
    with result_file(output, _SCHEMA, source) as result:
        waiting: list[tuple[str, str, float, int]] = []
        for row, score, is_alarm in _scored(source):
            waiting.append((row.timestamp, row.value, round(score, 6), int(is_alarm)))
            n_rows, n_alarms = n_rows + 1, n_alarms + is_alarm
            if len(waiting) == _ROWS:
                result.write(_batch(waiting))
                waiting = []
        if waiting:
            result.write(_batch(waiting))
    return n_rows, n_alarms


def _scored(source: Path) -> Iterator[tuple[_Count, float, bool]]:
    """Yield each row with its score; the first waits for the second, which says how long a bucket is."""
    judge: Refractory | None = None
    first: _Count | None = None
    step_s = _DEFAULT_STEP_S
    for row in _counts(source):
        if first is None:
            first = row
            continue
        if judge is None:
            step_s = row.at_s - first.at_s
            judge = Refractory(step_s)
            yield (first, *judge.update(first.number, first.at_s + step_s))
        yield (row, *judge.update(row.number, row.at_s + step_s))
    if first is not None and judge is None:
        yield (first, *Refractory(step_s).update(first.number, first.at_s + step_s))


def _counts(source: Path) -> Iterator[_Count]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
            if missing:
                found = ", ".join(rows.fieldnames or ()) or "nothing"
                raise SettingError(
                    f"{source}: there is no column {missing[0]}; found: {found}. Needed: timestamp,value."
                )
            newest = -math.inf
            for number, row in enumerate(rows, start=1):
                one = _count(source, number, row)
                if one.at_s < newest - _CLOCK_S or (number == _SECOND and one.at_s <= newest):
                    raise SettingError(
                        f"{source}, row {number}, column timestamp: {one.timestamp} is not later than the row before. "
                        "Sort the file by time."
                    )
                newest = max(newest, one.at_s)
                yield one
            if newest == -math.inf:
                raise SettingError(f"{source} holds no row: it needs a header timestamp,value and a count a line.")
    except UnicodeDecodeError as error:
        raise SettingError(f"{source} is not UTF-8 (byte {error.start}): save it as UTF-8.") from None
    except csv.Error as error:
        raise SettingError(f"{source} is no CSV: {error}.") from None
    except OSError as error:
        raise SettingError(f"{source} cannot be read: {error.strerror}.") from None


def _count(source: Path, number: int, row: dict[str, str | None]) -> _Count:
    where = f"{source}, row {number}, column"
    timestamp, value = row["timestamp"] or "", row["value"] or ""
    try:
        at_s = parse_time(timestamp.strip(), "timestamp") / SECOND_US
    except RejectedRecord as error:
        raise SettingError(f"{where} timestamp: {error.reason}") from None
    try:
        count = float(value)
    except ValueError:
        raise SettingError(f"{where} value: {value!r} is no number: write one such as 12 or -0.5.") from None
    if not math.isfinite(count):
        raise SettingError(f"{where} value: {value} is no number that can be counted with: leave the row out.")
    return _Count(timestamp, value, at_s, count)


def _batch(rows: list[tuple[str, str, float, int]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA
    )
