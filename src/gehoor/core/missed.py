"""What a projection missed between two offsets of the ledger, as a whole."""

from collections.abc import Iterator

import msgspec
import pyarrow as pa

from gehoor.core.ledger.resolve import STANDS
from gehoor.core.ledger.segments import Segments
from gehoor.core.ledger.settle import changes_between

__all__ = ["missed"]

_READ = 8_192


def missed(segments: Segments, after: int, head: int) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield what changed between two offsets as a whole: rows as they stand now, and old rows as they stood then.

    A row that came and went in between is nothing; one that came and was corrected counts as corrected. It must
    be taken in whole, up to `head`, before anything is committed.
    """
    first: dict[int, dict[str, object]] = {}
    for _, target, _, before, _ in changes_between(segments, after, head):
        if target <= after:
            first[target] = msgspec.json.decode(before) | first.get(target, {})
    now = dict(segments.select("seq, state", first))  # a state that did not change is what it was
    olds = [seq for seq, before in first.items() if before.get("state", now.get(seq)) == STANDS]
    for start in range(0, len(olds), _READ):
        rows = segments.rows(olds[start : start + _READ])
        yield _as_before(rows, first), -1
    still = [seq for seq in olds if now.get(seq) == STANDS]
    for start in range(0, len(still), _READ):
        yield segments.rows(still[start : start + _READ]), 1
    for segment in segments.all:
        at = max(after, segment.first_seq - 1)
        while (rows := segment.read(at, head, _READ)).num_rows:
            yield rows, 1
            at = rows.column("seq")[-1].as_py()


def _as_before(rows: pa.RecordBatch, first: dict[int, dict[str, object]]) -> pa.RecordBatch:
    """Put back the values that corrected columns had."""
    plain = rows.to_pylist()
    for row in plain:
        row |= {name: value for name, value in first[row["seq"]].items() if name != "state"}
    return pa.RecordBatch.from_pylist(plain, schema=rows.schema)
