"""Finds in the ledger what actors said and did before a profile of them was kept."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from gehoor.core.history_read import read_rows
from gehoor.core.ledger.index import actor_hash
from gehoor.core.ledger.rows import ROW_COLUMNS, from_tuples
from gehoor.core.ledger.segment import PART_BITS, Segment
from gehoor.core.reader import Reader
from gehoor.core.record import LEDGER
from gehoor.know.components import chunks

__all__ = ["BEGINNING", "beginnings", "earlier_rows"]

_ROWS = f"SELECT {', '.join(ROW_COLUMNS)} FROM activity"
_MANY = 4_096

BEGINNING = ("seq", "actor_key", "channel", "actor", "type", "visibility", "direction", "spam", "policy")
"""The columns that tell whether a profile begins with a row."""

_SCAN = 50_000


def earlier_rows(reader: Reader, actors: Iterable[int], until: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of actors that stand, with an offset of `until` at most, oldest first.

    Looks in the delayed index, and through the rows that it does not have yet.
    """
    wanted = sorted(set(actors))
    segments = reader.segments()
    ends = [later.first_seq - 1 for later in segments[1:]] + [until]
    for segment, end in zip(segments, ends, strict=False):  # before the first page there is none
        seqs = sorted(_seqs(segment, wanted, min(end, until)))
        for start in range(0, len(seqs), _MANY):
            yield from _read(segment, seqs[start : start + _MANY], set(wanted))


def beginnings(reader: Reader, root: Path) -> Iterator[pa.RecordBatch]:
    """Yield those columns of all rows that stand, of the history and of the ledger; nothing else is read."""
    segments = reader.segments()
    yield from read_rows(root, before=segments[0].first_seq if segments else None, columns=BEGINNING)
    schema = pa.schema([LEDGER.field(name) for name in BEGINNING])
    sql = f"SELECT {', '.join(BEGINNING)} FROM activity WHERE seq > ? AND state = 0 ORDER BY seq LIMIT {_SCAN}"
    for segment in segments:
        after = segment.first_seq - 1
        while rows := segment.query(sql, (after,)):
            after = rows[-1][0]
            columns = zip(*rows, strict=True)
            arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _seqs(segment: Segment, actors: list[int], end: int) -> Iterator[int]:
    indexed = segment.mark("indexed")
    parts = ", ".join(map(str, range(segment.first_seq >> PART_BITS, (end >> PART_BITS) + 1)))
    for part in chunks(actor_hash(key) for key in actors):
        for row in segment.query(f"SELECT seq FROM lookup WHERE part IN ({parts}) AND hash IN ({part})"):
            if segment.first_seq <= row[0] <= min(indexed, end):
                yield int(row[0])
    for part in chunks(actors):
        rest = f"SELECT seq FROM activity WHERE seq > ? AND seq <= ? AND actor_key IN ({part})"
        yield from (int(row[0]) for row in segment.query(rest, (indexed, end)))


def _read(segment: Segment, seqs: list[int], actors: set[int]) -> Iterator[pa.RecordBatch]:
    place = ROW_COLUMNS.index("actor_key")
    for part in chunks(seqs):
        rows = segment.query(f"{_ROWS} WHERE seq IN ({part}) AND state = 0 ORDER BY seq")
        mine = [row for row in rows if row[place] in actors]
        if mine:
            yield from_tuples(mine)
