"""What a commit plans and what comes out of it."""

from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.labels import relabel
from gehoor.core.ledger.batch import Ints, Mask, Numbers
from gehoor.core.ledger.habit import HABIT_P, language_of
from gehoor.core.page import Receipt
from gehoor.core.record import LEDGER

__all__ = ["PASSED", "Change", "Commit", "Delta", "KeyedStage", "Plan", "change_record", "ledger_rows"]


Change = tuple[int, str, dict[str, Any], dict[str, Any]]
"""What becomes of a row: (target, kind, columns before, columns after)."""


class KeyedStage(Protocol):
    """The one ordered step before the page transaction: near duplicates (`sift.duplicate`)."""

    def judge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Return for each row the offset of the earlier post that it nearly repeats, 0 if none."""
        ...

    def rejudge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Judge copies again whose original went."""
        ...

    def withdraw(self, seqs: Ints) -> None:
        """Forget rows: nothing may repeat them any more."""
        ...

    def restore(self, seqs: Ints, numbers: Numbers, duplicate_of: Ints) -> None:
        """Take up rows that were judged before a restart, in order."""
        ...

    def clear(self) -> None:
        """Forget everything; `restore` follows."""
        ...


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """Rows for the projections: `sign` +1 take in, -1 take back. Columns of `LEDGER`, and `words` where known."""

    rows: pa.RecordBatch
    sign: int


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction did: receipts for the senders, deltas for the projections."""

    receipts: list[Receipt]
    deltas: list[Delta]
    offset: int
    n_stored: int


class Plan(NamedTuple):
    """What a page's transaction will do, decided before anything is written."""

    seqs: Ints
    numbers: Numbers
    states: np.ndarray[Any, np.dtype[np.int8]]
    duplicate_of: Ints
    languages: np.ndarray[Any, np.dtype[np.int16]]
    changes: list[tuple[Any, ...]]
    touched: list[int]


PASSED: pa.Schema = pa.schema([*LEDGER, pa.field("labels", pa.string()), pa.field("words", pa.list_(pa.int32()))])
"""Rows on their way from the row stages into the ledger and the projections."""


def ledger_rows(batch: pa.RecordBatch, keep: Mask, plan: Plan) -> pa.RecordBatch:
    """Return the kept rows of a staged batch with their offsets and verdicts."""
    kept = batch if bool(keep.all()) else batch.filter(pa.array(keep))
    verdicts = pa.array(plan.duplicate_of, pa.int64(), mask=plan.duplicate_of == 0)
    given = {"seq": pa.array(plan.seqs, pa.int64()), "duplicate_of": verdicts} | _habitual(kept, plan.languages)
    columns = [given[name] if name in given else kept.column(name) for name in PASSED.names]
    return pa.RecordBatch.from_arrays(columns, schema=PASSED)


def _habitual(rows: pa.RecordBatch, languages: np.ndarray[Any, np.dtype[np.int16]]) -> dict[str, pa.Array]:
    """Return the columns that change where a row takes its author's usual language; none where no row does."""
    taken = np.flatnonzero(languages)
    if not len(taken):
        return {}
    mask, places = pa.array(languages != 0), pa.array(taken)
    names = [language_of(code) for code in languages[taken].tolist()]
    judged, labels = (rows.column(name).take(places).to_pylist() for name in ("language", "labels"))
    marks = [
        relabel(mine, {"language": before}, {"language": after})
        for mine, before, after in zip(labels, judged, names, strict=True)
    ]
    values = {
        "language": pa.array(names, pa.string()),
        "language_p": pa.array([HABIT_P] * len(taken), pa.float32()),
        "labels": pa.array(marks, pa.string()),
    }
    return {name: pc.replace_with_mask(rows.column(name), mask, new) for name, new in values.items()}


def change_record(
    seq: int, target: int, kind: str, before: dict[str, Any], after: dict[str, Any]
) -> tuple[int, int, str, bytes, bytes]:
    """Return a row of the table `change`."""
    return (seq, target, kind, msgspec.json.encode(before), msgspec.json.encode(after))
