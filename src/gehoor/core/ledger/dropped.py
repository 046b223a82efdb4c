"""What relevance dropped, kept aside for some days: packed a page at a time in the segment of its day.

A dropped row costs no key, no index and no search entry: 9 us and 150 bytes, where a kept one costs 38 us. It can be
counted, shown, replayed, and erased by law; nothing else.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.ledger.segment import Segment
from gehoor.core.ledger.segments import Segments
from gehoor.core.record import ACTIVITY
from gehoor.core.reference import reference_key

__all__ = [
    "SHELVED", "DroppedPage", "Places", "dropped_pages", "empty_before", "pack", "pages_of", "places_of_actor",
    "put_aside", "rows_of_page", "take_out", "write_again",
]  # fmt: skip

Ints = npt.NDArray[np.int64]
Places = list[tuple[Segment, int, list[int]]]
"""Where dropped rows stand: segment, id of the page, their keys."""

SHELVED: pa.Schema = pa.schema([*ACTIVITY, pa.field("drop", pa.string())])
"""What is kept of a dropped row: the activity, and why it was dropped."""

_CHANGES = pa.array(["Update", "Delete", "Undo"])
_UPDATE = "UPDATE dropped SET n = ?, reasons = ?, keys = ?, changed = ?, data = ? WHERE id = ?"
_INSERT = "INSERT INTO dropped (source, received, n, reasons, keys, changed, data) VALUES (?, ?, ?, ?, ?, ?, ?)"


class DroppedPage(NamedTuple):
    """What was dropped of one page: how many by reason, keys, digests of what the changes among them concern, rows."""

    n: int
    reasons: str
    keys: bytes
    changed: bytes
    data: bytes


def pack(rows: pa.RecordBatch, keys: Ints, object_keys: Ints) -> DroppedPage:
    """Pack rows of `SHELVED`; columns that nobody filled are left out. Cost: 4 us a row of a full page."""
    reasons = Counter(rows.column("drop").to_pylist())
    is_change = pc.is_in(rows.column("type"), _CHANGES).to_numpy(zero_copy_only=False)
    filled = [name for name in rows.schema.names if rows.column(name).null_count < rows.num_rows]
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        slim = rows.select(filled)
        with pa.ipc.new_stream(packed, slim.schema) as writer:
            writer.write_batch(slim)
    return DroppedPage(
        n=rows.num_rows,
        reasons=msgspec.json.encode(reasons).decode(),
        keys=keys.tobytes(),
        changed=object_keys[is_change].tobytes(),
        data=sink.getvalue().to_pybytes(),
    )


def unpack(data: bytes) -> pa.RecordBatch:
    """Return rows of `SHELVED` as they were packed."""
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as packed:
        slim = pa.ipc.open_stream(packed).read_next_batch()
    known = set(slim.schema.names)
    columns = [slim.column(f.name) if f.name in known else pa.nulls(slim.num_rows, f.type) for f in SHELVED]
    return pa.RecordBatch.from_arrays(columns, schema=SHELVED)


def put_aside(tx: sa.Connection, source: str, received: int, page: DroppedPage) -> None:
    """Write what was dropped of a page, in the page's own transaction."""
    tx.exec_driver_sql(_INSERT, (source, received, *page))


def pages_of(segment: Segment, source: str | None = None) -> Iterator[tuple[int, str]]:
    """Yield (id, source) of the pages of a segment whose rows are still there, in order."""
    where, values = (" AND source = ?", (source,)) if source else ("", ())
    sql = f"SELECT id, source FROM dropped WHERE data IS NOT NULL{where} ORDER BY id"
    yield from (tuple(row) for row in segment.query(sql, values))


def rows_of_page(segment: Segment, page: int) -> tuple[pa.RecordBatch, Ints]:
    """Return the dropped rows of a page with their keys; none where they are gone."""
    found = segment.query("SELECT data, keys FROM dropped WHERE id = ? AND data IS NOT NULL", (page,))
    if not found:
        return pa.RecordBatch.from_pylist([], schema=SHELVED), np.empty(0, np.int64)
    return unpack(found[0][0]), np.frombuffer(found[0][1], np.int64)


def _object_keys(rows: pa.RecordBatch) -> Ints:
    names = zip(*(rows.column(name).to_pylist() for name in ("channel", "object", "id")), strict=True)
    return np.array([reference_key(channel, object_ or id_) for channel, object_, id_ in names], np.int64)


def take_out(segment: Segment, page: int, keys: Collection[int]) -> None:
    """Remove rows from a page, and from its counts; their bytes are overwritten."""
    rows, known = rows_of_page(segment, page)
    stays = ~np.isin(known, np.fromiter(keys, np.int64, len(keys)))
    if stays.all():
        return
    with segment.engine.begin() as tx:
        if not stays.any():
            tx.exec_driver_sql("DELETE FROM dropped WHERE id = ?", (page,))
            return
        left = rows.filter(pa.array(stays))
        tx.exec_driver_sql(_UPDATE, (*pack(left, known[stays], _object_keys(left)), page))


def write_again(segment: Segment, page: int, rows: pa.RecordBatch, fresh: pa.RecordBatch) -> None:
    """Write other rows in the place of the rows of a page, in the same order; nothing where they are the same."""
    if fresh is rows:
        return
    keys = rows_of_page(segment, page)[1]
    with segment.engine.begin() as tx:
        tx.exec_driver_sql(_UPDATE, (*pack(fresh, keys, _object_keys(fresh)), page))


def dropped_pages(segments: Segments) -> Iterator[tuple[Segment, int, pa.RecordBatch, Ints]]:
    """Yield (segment, page, rows, keys) of all dropped rows that are still there."""
    for segment in segments.all:
        for page, _ in [*pages_of(segment)]:
            yield segment, page, *rows_of_page(segment, page)


def places_of_actor(segments: Segments, channel: str, actor: str) -> tuple[Places, set[str]]:
    """Return where the dropped rows of an actor stand, and the names they were said under."""
    places: Places = []
    names: set[str] = set()
    for segment, page, rows, keys in dropped_pages(segments):
        is_theirs = pc.and_(pc.equal(rows.column("channel"), channel), pc.equal(rows.column("actor"), actor))
        mine = is_theirs.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003  # pyarrow's own way
        if mine.any():
            places.append((segment, page, keys[mine].tolist()))
            names |= {name for name in rows.column("actor_name").filter(pa.array(mine)).to_pylist() if name}
    return places, names


def empty_before(segments: Segments, day: int) -> None:
    """Let go of the dropped rows of days before `day`; how many there were, by source and reason, stays."""
    for segment in segments.all[:-1]:
        if segment.day < day and next(pages_of(segment), None):
            _empty(segment)


def _empty(segment: Segment) -> None:
    """Replace the pages of a closed day by one count a source."""
    rows = segment.query("SELECT source, received, reasons FROM dropped")
    with segment.engine.begin() as tx:
        tx.exec_driver_sql("DELETE FROM dropped")
        for source in sorted({row[0] for row in rows}):
            mine = [row for row in rows if row[0] == source]
            summed = _summed(row[2] for row in mine)
            values = (source, max(row[1] for row in mine), summed.total(), msgspec.json.encode(summed).decode())
            tx.exec_driver_sql(_INSERT, (*values, None, None, None))


def _summed(texts: Iterator[str]) -> Counter[str]:
    total: Counter[str] = Counter()
    for text in texts:
        total.update(msgspec.json.decode(text, type=dict[str, int]))
    return total
