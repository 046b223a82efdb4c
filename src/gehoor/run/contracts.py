"""Says which contracts will end, from a file of contracts: `gehoor value --contracts`."""

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.know.base import Floats
from gehoor.know.hazard import Hazard, Periods
from gehoor.know.outlook import LEVEL
from gehoor.run.contracts_file import Contracts, read_contracts
from gehoor.run.orders_file import last_day
from gehoor.run.result_file import result_file

__all__ = ["CONTRACT_COLUMNS", "MONTH_DAYS", "ContractReport", "contract_value"]

MONTH_DAYS = 30
"""How long a period is."""

CONTRACT_COLUMNS: dict[str, str] = {
    "customer_id": "as it stands in the file",
    "p_ends": "how probable it is that the contract ends in the days ahead",
    "p_ends_low": "with `p_ends_high`: where that lies, nine times in ten, given how much there was to learn from",
    "p_ends_high": "see `p_ends_low`",
    "p_ends_usual": "the simple baseline: the same for all, by how many ended a month so far",
    "n_months": "how many months of 30 days it has run",
}
"""What comes out, a row a contract that runs, in the order of the file."""

_SCHEMA = pa.schema(
    [
        pa.field(name, {"customer_id": pa.string(), "n_months": pa.int64()}.get(name, pa.float64()))
        for name in CONTRACT_COLUMNS
    ]
)


class ContractReport(msgspec.Struct, frozen=True):
    """What was read and what was believed.

    Attributes
    ----------
    rows, running, ended : int
        Read; that run on the last day; that had ended by then.
    months : int
        How many months of 30 days lie ahead.
    expected_ends : float
        How many of those that run will end in the days ahead.
    traits : list of str
        The columns that were read beside the dates.
    held_out_running, held_out_ended : int
        The same months before the last day: how many ran, and how many of those did end.
    held_out_expected, held_out_usual : float or None
        How many the model, and the baseline, would have foretold then; None where too little was known.
    interval : float
        How sure the intervals are.
    notes : list of str
        What was left out, and every warning.
    """

    rows: int
    running: int
    ended: int
    months: int
    expected_ends: float
    traits: list[str]
    held_out_running: int
    held_out_ended: int
    held_out_expected: float | None
    held_out_usual: float | None
    interval: float
    notes: list[str]


class _Said(NamedTuple):
    model: Hazard
    runs: npt.NDArray[np.bool_]
    asked: Periods
    p: Floats
    usual: float


def contract_value(source: Path, output: Path, until: str, horizon_days: int) -> ContractReport:
    """Write how probable it is that each contract that runs will end.

    Parameters
    ----------
    source : Path
        CSV or JSON lines with the columns customer_id, began, ended (empty while it runs), and others with numbers.
    output : Path
        `.csv`, `.parquet` or `.jsonl`, with `CONTRACT_COLUMNS`.
    until : str
        The last day that is known.
    horizon_days : int
        How many days ahead to look; rounded to months of 30 days.

    Raises
    ------
    SettingError
        With file, row and column where the file is not as it should be; nothing is written then.

    Notes
    -----
    Memory: 50 bytes a month of a contract, and 8 more for each column.
    """
    last = last_day(until, horizon_days)
    months, notes = max(1, round(horizon_days / MONTH_DAYS)), list[str]()
    with result_file(output, _SCHEMA, source) as result:
        found = read_contracts(source, last, notes)
        said = _said(found, last, months)
        _note_trust(said, months, horizon_days, notes)
        low, high = said.model.interval(said.asked)
        ids = [id_ for id_, runs in zip(found.ids, said.runs.tolist(), strict=True) if runs]
        values = (ids, said.p, low, high, np.full(len(ids), said.usual), said.asked.age.astype(np.int64))
        columns = [pa.array(column, field.type) for column, field in zip(values, _SCHEMA, strict=True)]
        result.write(pa.RecordBatch.from_arrays(columns, schema=_SCHEMA))
    return _report(found, said, _held_out(found, last, months), months, notes)


def _said(found: Contracts, last: int, months: int) -> _Said:
    """Learn from all months until a day, and ask about those that run then."""
    began = found.began <= last
    gone = found.has_ended & (found.ended <= last)
    whole = (last + 1 - found.began) // MONTH_DAYS
    age = np.where(gone, (found.ended - found.began) // MONTH_DAYS, whole)
    # a month that is not over tells nothing yet, also where the contract ended in it: those that will are not known
    closes = gone & (age < whole)
    n_seen = np.where(began, age + closes, 0)
    of = np.repeat(np.arange(len(age)), n_seen)
    month = np.arange(len(of)) - np.repeat(np.cumsum(n_seen) - n_seen, n_seen)
    if not len(of):
        raise SettingError("No contract has run for a month of 30 days yet: there is nothing to learn from.")
    ended = closes[of] & (month == age[of])
    model = Hazard(months).fit(Periods(month.astype(np.float64), found.traits[of], ended.astype(np.float64)))
    runs = began & ~gone
    asked = Periods(age[runs].astype(np.float64), found.traits[runs], np.zeros(int(runs.sum())))
    return _Said(model, runs, asked, model.predict(asked), float(1 - (1 - ended.mean()) ** months))


def _held_out(found: Contracts, last: int, months: int) -> tuple[int, int, float | None, float | None]:
    """Return how many ran some months ago and ended since, and what would have been foretold of them."""
    then = last - months * MONTH_DAYS
    gone = found.has_ended & (found.ended <= then)
    runs = (found.began <= then) & ~gone
    n_ended = int((runs & found.has_ended).sum())
    if gone.sum() < Hazard.enough or not runs.any():
        return int(runs.sum()), n_ended, None, None
    said = _said(found, then, months)
    return int(runs.sum()), n_ended, float(said.p.sum()), said.usual * int(runs.sum())


def _note_trust(said: _Said, months: int, horizon_days: int, notes: list[str]) -> None:
    if months * MONTH_DAYS != horizon_days:
        notes.append(f"{horizon_days:,} days are counted as {months:,} months of {MONTH_DAYS} days.")
    if said.model.is_pooled_:
        notes.append("Too few contracts ended, or too few stayed: every contract is given the average.")
    elif not said.model.has_converged_:
        notes.append("The model found no sharp answer: take p_ends_usual.")
    if not said.runs.any():
        notes.append("No contract runs on that day: there is nobody to foretell.")


def _report(
    found: Contracts,
    said: _Said,
    held_out: tuple[int, int, float | None, float | None],
    months: int,
    notes: list[str],
) -> ContractReport:
    if held_out[2] is None:
        notes.append("Too few contracts had ended before the months that were held out: nothing could be compared.")
    return ContractReport(
        rows=found.n_rows,
        running=int(said.runs.sum()),
        ended=int(found.has_ended.sum()),
        months=months,
        expected_ends=float(said.p.sum()),
        traits=found.names,
        held_out_running=held_out[0],
        held_out_ended=held_out[1],
        held_out_expected=held_out[2],
        held_out_usual=held_out[3],
        interval=LEVEL,
        notes=notes,
    )
