"""Brings rows up to date with the change records that concern them, and overwrites what must be forgotten.

Both can be done twice without harm: after a crash they are done again from the marks in `ledger.sqlite`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.labels import relabel
from gehoor.core.ledger.index import actor_hash
from gehoor.core.ledger.resolve import GONE, STANDS
from gehoor.core.ledger.segment import PART_BITS
from gehoor.core.ledger.segments import Segments
from gehoor.core.tables.segment import ACTIVITY_COLUMNS

__all__ = ["KEPT_OF_GONE", "blank_gone", "changes_between", "erase", "erase_rows", "settle"]

KEPT_OF_GONE = frozenset(
    [
        "seq",
        "id",
        "type",
        "object",
        "rev",
        "published",
        "received",
        "channel",
        "heard_by",
        "direction",
        "visibility",
        "key",
        "object_key",
        "event_at",
        "is_backfill",
        "state",
    ]
)
"""What stays of a deleted row: that it was there, when, and that it went."""

_BLANKED = [name for name in ACTIVITY_COLUMNS if name not in KEPT_OF_GONE]
_REMEMBERED = ("digests", "signatures", "flags", "actor_keys", "languages", "templates", "campaigns")
_UNSEARCH = "INSERT INTO search(search, rowid, text, labels) VALUES ('delete', ?, ?, ?)"


def blank_gone(rows: pa.RecordBatch, states: npt.NDArray[np.int8]) -> pa.RecordBatch:
    """Leave out of new rows what was deleted before it came: it must never touch the disk."""
    is_gone = pa.array(states == GONE)
    if not (states == GONE).any():
        return rows
    blank = {name: pc.if_else(is_gone, pa.scalar(None, rows.column(name).type), rows.column(name)) for name in _BLANKED}
    columns = [blank.get(name, rows.column(name)) for name in rows.schema.names]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def settle(segments: Segments, changes: Sequence[tuple[Any, ...]]) -> None:
    """Apply change records (seq, target, kind, before, after) to their rows, in order."""
    for segment, targets in segments.grouped(change[1] for change in changes):
        wanted = set(targets)
        with segment.engine.begin() as tx:
            for _, target, kind, before, after in (change for change in changes if change[1] in wanted):
                apply = _state if kind == "state" else _annotate
                apply(tx, target, msgspec.json.decode(before), msgspec.json.decode(after))


def _row(tx: Any, target: int) -> Any:
    return tx.exec_driver_sql("SELECT state, text, labels FROM activity WHERE seq = ?", (target,)).first()


def _state(tx: Any, target: int, _before: dict[str, Any], after: dict[str, Any]) -> None:
    row = _row(tx, target)
    if row is None or row.state >= after["state"]:
        return
    if row.state == STANDS and row.labels is not None:
        tx.exec_driver_sql(_UNSEARCH, (target, row.text, row.labels))
    tx.exec_driver_sql("UPDATE activity SET state = ? WHERE seq = ?", (after["state"], target))


def _annotate(tx: Any, target: int, before: dict[str, Any], after: dict[str, Any]) -> None:
    row = _row(tx, target)
    if row is None:
        return
    labels = relabel(row.labels, before, after)
    assignments = ", ".join(f"{name} = ?" for name in after)
    values = [msgspec.json.encode(v).decode() if isinstance(v, list) else v for v in after.values()]
    if row.state == STANDS and labels != row.labels:
        tx.exec_driver_sql(_UNSEARCH, (target, row.text, row.labels))
        tx.exec_driver_sql("INSERT INTO search(rowid, text, labels) VALUES (?, ?, ?)", (target, row.text, labels))
    tx.exec_driver_sql(f"UPDATE activity SET {assignments}, labels = ? WHERE seq = ?", (*values, labels, target))


def erase(segments: Segments, targets: Sequence[int]) -> None:
    """Overwrite what deleted rows said. Only when every projection has passed their change.

    Whose they were stays in the index alone: by it the law finds them, also after a restart.
    """
    blanks = ", ".join(f"{name} = NULL" for name in _BLANKED)
    for segment, seqs in segments.grouped(targets):
        wanted = ", ".join(map(str, seqs))
        sql = f"SELECT seq, actor_key FROM activity WHERE seq IN ({wanted}) AND actor_key IS NOT NULL"
        whose = [(seq >> PART_BITS, actor_hash(key), seq) for seq, key in segment.query(sql)]
        with segment.engine.begin() as tx:
            if whose:
                tx.exec_driver_sql("INSERT OR IGNORE INTO lookup VALUES (?, ?, ?)", whose)
            sql = f"UPDATE activity SET {blanks} WHERE seq = ? AND state = {GONE}"
            tx.exec_driver_sql(sql, [(seq,) for seq in seqs])


def erase_rows(segments: Segments, targets: Sequence[int], indexed: Sequence[tuple[int, int]]) -> None:
    """Remove rows for good, by law: with what is remembered of their words, and their (hash, offset) in the index."""
    for segment, seqs in segments.grouped(targets):
        with segment.engine.begin() as tx:
            tx.exec_driver_sql("DELETE FROM activity WHERE seq = ?", [(seq,) for seq in seqs])
            _blank_blocks(tx, seqs)
            here = set(seqs)
            places = [(seq >> PART_BITS, value, seq) for value, seq in indexed if seq in here]
            tx.exec_driver_sql("DELETE FROM lookup WHERE part = ? AND hash = ? AND seq = ?", places)
    for segment in segments.all if targets else ():
        with segment.engine.begin() as tx:
            tx.exec_driver_sql("DELETE FROM change WHERE target = ?", [(seq,) for seq in targets])


def _blank_blocks(tx: Any, seqs: Sequence[int]) -> None:
    """Leave nothing that a later post could be found to repeat, nor whose it was."""
    for seq in seqs:
        sql = f"SELECT first_seq, n, {', '.join(_REMEMBERED)} FROM block WHERE first_seq <= ? ORDER BY first_seq DESC"
        first, n, *blobs = tx.exec_driver_sql(f"{sql} LIMIT 1", (seq,)).one()
        blanks = [_blanked(blob, seq - first, n) if blob else blob for blob in blobs]
        update = f"UPDATE block SET {', '.join(f'{name} = ?' for name in _REMEMBERED)} WHERE first_seq = ?"
        tx.exec_driver_sql(update, (*blanks, first))


def _blanked(blob: bytes, place: int, n: int) -> bytes:
    width = len(blob) // n
    return blob[: place * width] + bytes(width) + blob[(place + 1) * width :]


def changes_between(segments: Segments, after: int, until: int) -> list[tuple[Any, ...]]:
    """Return the change records with after < seq <= until, in order."""
    sql = "SELECT seq, target, kind, before, after FROM change WHERE seq > ? AND seq <= ? ORDER BY seq"
    return [tuple(row) for segment in segments.all for row in segment.query(sql, (after, until))]
