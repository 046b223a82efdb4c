"""What a commit plans and what comes out of it."""

from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from gehoor.core.ledger.batch import Ints, Mask, Numbers
from gehoor.core.ledger.keyed import Verdicts
from gehoor.core.page import Receipt
from gehoor.core.record import LEDGER

__all__ = ["PASSED", "Change", "Commit", "Delta", "Plan", "change_record", "ledger_rows"]


Change = tuple[int, str, dict[str, Any], dict[str, Any]]
"""What becomes of a row: (target, kind, columns before, columns after)."""


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
    verdicts: Verdicts
    changes: list[tuple[Any, ...]]
    touched: list[int]


PASSED: pa.Schema = pa.schema([*LEDGER, pa.field("labels", pa.string()), pa.field("words", pa.list_(pa.int32()))])
"""Rows on their way from the row stages into the ledger and the projections."""


def ledger_rows(batch: pa.RecordBatch, keep: Mask, plan: Plan) -> pa.RecordBatch:
    """Return the kept rows of a staged batch with their offsets and verdicts."""
    kept = batch if bool(keep.all()) else batch.filter(pa.array(keep))
    given = {"seq": pa.array(plan.seqs, pa.int64())}
    for name in ("duplicate_of", "campaign"):
        values = getattr(plan.verdicts, name)
        given[name] = pa.array(values, pa.int64(), mask=values == 0)
    columns = [given[name] if name in given else kept.column(name) for name in PASSED.names]
    return pa.RecordBatch.from_arrays(columns, schema=PASSED)


def change_record(
    seq: int, target: int, kind: str, before: dict[str, Any], after: dict[str, Any]
) -> tuple[int, int, str, bytes, bytes]:
    """Return a row of the table `change`."""
    return (seq, target, kind, msgspec.json.encode(before), msgspec.json.encode(after))
