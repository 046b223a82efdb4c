"""Reads the contracts of a file for `gehoor value --contracts`."""

import math
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.know.base import Floats, Ints
from gehoor.run.orders_file import day_of
from gehoor.run.rows_file import RowsFile

__all__ = ["Contracts", "read_contracts"]

_NEEDED = ("customer_id", "began", "ended")


class Contracts(NamedTuple):
    """The contracts of a file that had begun by a day, in its order.

    Attributes
    ----------
    began, ended : int64, shape (n,)
        Days since 1970; where it runs, `ended` is the day after the last that is known.
    has_ended : bool, shape (n,)
        Whether it ended by that day.
    traits : float64, shape (n, k)
        The columns that hold numbers throughout, named by `names`.
    """

    ids: list[str]
    began: Ints
    ended: Ints
    has_ended: Any
    traits: Floats
    names: list[str]
    n_rows: int


class _Line(NamedTuple):
    id: str
    began: int
    ended: int | None
    rest: dict[str, str]


class _ContractsFile(RowsFile[_Line]):
    needed = _NEEDED
    called = "contract"
    example = '{"customer_id": "c1", "began": "2025-03-01", "ended": ""}'

    def _made(self, row: dict[str, Any]) -> _Line:
        began, ended = (self._day(name, _text(row[name])) for name in ("began", "ended"))
        if began is None:
            raise self._error("began", "it is empty", "Use ISO 8601 such as 2025-03-01.")
        if ended is not None and ended < began:
            raise self._error("ended", "it ended before it began", "Mend or remove that row.")
        rest = {name: _text(value) for name, value in row.items() if name not in _NEEDED}
        return _Line(_text(row["customer_id"]), began, ended, rest)

    def _day(self, name: str, text: str) -> int | None:
        try:
            return day_of(text) if text else None
        except RejectedRecord as error:
            raise self._error(name, error.reason, "Leave `ended` empty where it still runs.") from None


def read_contracts(path: Path, last: int, notes: list[str]) -> Contracts:
    """Read a CSV or JSON lines file with the columns customer_id, began, ended, and more that may say something.

    Raises
    ------
    SettingError
        With file, row and column: a column is missing, a date is none, the file is empty, nothing began by `last`.
    """
    lines = list(_ContractsFile(path))
    kept = [line for line in lines if line.id and line.began <= last]
    _note(sum(not line.id for line in lines), "without a customer_id", notes)
    _note(sum(line.began > last for line in lines if line.id), "beginning after --until, which is the future", notes)
    if not kept:
        raise SettingError(f"{path}: no contract had begun on the day of --until. Choose a later day.")
    has_ended = np.array([line.ended is not None and line.ended <= last for line in kept])
    names = [name for name in kept[0].rest if _is_number([line.rest.get(name, "") for line in kept])]
    if left := [name for name in kept[0].rest if name not in names]:
        notes.append(
            f"Not read, since not every cell is a number: {', '.join(left)[:200]}. Write yes and no as 1 and 0."
        )
    return Contracts(
        ids=[line.id for line in kept],
        began=np.array([line.began for line in kept], np.int64),
        ended=np.array(
            [line.ended if line.ended is not None and line.ended <= last else last + 1 for line in kept], np.int64
        ),
        has_ended=has_ended,
        traits=np.array([[float(line.rest[name]) for name in names] for line in kept]).reshape(len(kept), len(names)),
        names=names,
        n_rows=len(lines),
    )


def _text(value: Any) -> str:
    return "" if value is None else value.strip() if isinstance(value, str) else msgspec.json.encode(value).decode()


def _is_number(texts: list[str]) -> bool:
    try:
        return all(math.isfinite(float(text)) and abs(float(text)) < 1e15 for text in texts)
    except ValueError:
        return False


def _note(n: int, what: str, notes: list[str]) -> None:
    if n:
        notes.append(f"Rows left out: {n:,} {what}.")
