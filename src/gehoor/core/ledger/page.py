"""What one page's transaction writes, besides the rows: cursors with totals, rejects, spans, blocks, the index."""

import hashlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.ledger.batch import Ints, Numbers
from gehoor.core.ledger.dropped import put_aside
from gehoor.core.ledger.fate import DROPPED, SEEN, STORED, Fate
from gehoor.core.ledger.rows import to_tuples
from gehoor.core.page import ItemResult, Receipt, Reject, StagedPage

__all__ = [
    "insert_rows", "position_of", "receipts", "write_block", "write_changes", "write_index", "write_memory",
    "write_pages",
]  # fmt: skip

_SEARCH = (
    "INSERT INTO search(rowid, text, labels) SELECT seq, text, labels FROM activity "
    "WHERE seq BETWEEN ? AND ? AND state = 0 AND labels IS NOT NULL"
)
_CURSOR = (
    "INSERT INTO cursor (source, cursor, last_heard_at, newest_at, n_stored, n_seen, n_rejected, "
    "n_dropped) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET "
    "cursor = CASE WHEN length(excluded.cursor) THEN excluded.cursor ELSE cursor.cursor END, "
    "last_heard_at = excluded.last_heard_at, newest_at = max(newest_at, excluded.newest_at), "
    "n_stored = n_stored + excluded.n_stored, n_seen = n_seen + excluded.n_seen, "
    "n_rejected = n_rejected + excluded.n_rejected, n_dropped = n_dropped + excluded.n_dropped"
)
_STATUS: dict[int, Literal["stored", "seen", "dropped"]] = {STORED: "stored", SEEN: "seen", DROPPED: "dropped"}
_REJECT = "INSERT OR IGNORE INTO reject VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def insert_rows(tx: sa.Connection, rows: pa.RecordBatch, states: Sequence[int]) -> None:
    """Insert rows and make them findable by word; bound as tuples, since binding by name costs 9 us a row."""
    if rows.num_rows:
        sql, tuples = to_tuples(rows, rows.column("labels"), states)
        tx.exec_driver_sql(sql, tuples)
        tx.exec_driver_sql(_SEARCH, (tuples[0][0], tuples[-1][0]))


def write_block(tx: sa.Connection, first_seq: int, numbers: Numbers, duplicate_of: Ints) -> None:
    """Store in one row what the owner must remember of these rows."""
    flags = numbers.has_digest.astype(np.uint8) | (numbers.has_signature.astype(np.uint8) << 1)
    blobs = (
        numbers.key, numbers.object_key, numbers.digest, numbers.signature, flags, duplicate_of, numbers.actor_key,
        numbers.language, numbers.template, numbers.campaign,
    )  # fmt: skip
    values = (first_seq, len(numbers.key), *(np.ascontiguousarray(blob).tobytes() for blob in blobs))
    tx.exec_driver_sql(f"INSERT INTO block VALUES ({', '.join('?' * len(values))})", values)


def write_changes(tx: sa.Connection, changes: Sequence[tuple[Any, ...]]) -> None:
    """Store change records: (seq, target, kind, before, after)."""
    if changes:
        tx.exec_driver_sql("INSERT INTO change VALUES (?, ?, ?, ?, ?)", list(changes))


def write_index(tx: sa.Connection, rows: Sequence[tuple[int, int, int]], complete: int | None) -> None:
    """Store entries (part, hash, seq) of the delayed index, and up to which offset it is complete now."""
    if rows:
        tx.exec_driver_sql("INSERT OR IGNORE INTO lookup VALUES (?, ?, ?)", list(rows))
    if complete is not None:
        tx.exec_driver_sql("UPDATE mark SET value = ? WHERE name = 'indexed'", (complete,))


def write_memory(tx: sa.Connection, spans: Sequence[tuple[int, int, int]], mutated: Sequence[int]) -> None:
    """Store which moments the segment holds now, and which digests were edited, deleted or undone."""
    if spans:
        tx.exec_driver_sql("INSERT OR REPLACE INTO span VALUES (?, ?, ?)", list(spans))
    if mutated:
        tx.exec_driver_sql("INSERT OR IGNORE INTO mutated VALUES (?)", [(value,) for value in mutated])


def position_of(reject: Reject, page: StagedPage) -> int:
    """Return where a reject stood in its source; what was pushed has no place of its own, so its digest is one."""
    if page.cursor:
        return reject.position
    data = reject.raw + reject.item.to_bytes(4, "little")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)


def write_pages(tx: sa.Connection, pages: Sequence[StagedPage], fate: Fate) -> None:
    """Move the cursors with their totals, and keep rejects and what was dropped; what is kept counts once."""
    for page, shelved in zip(pages, fate.shelved or [None] * len(pages), strict=True):
        rejects = [] if page.is_again else page.rejects
        n_rejected = sum(tx.exec_driver_sql(_REJECT, _reject(reject, page)).rowcount for reject in rejects)
        rows = slice(page.first, page.first + page.n_rows)
        counts = np.bincount(fate.of_row[rows], minlength=4).tolist()
        n_dropped = 0
        if shelved is not None:
            n_dropped = shelved.n
            put_aside(tx, page.source, page.received, shelved)
        newest = int(fate.event_at[rows].max()) if page.n_rows else 0
        totals = (page.source, page.cursor, page.received, newest, counts[0], counts[1], n_rejected, n_dropped)
        tx.exec_driver_sql(_CURSOR, totals)


def _reject(reject: Reject, page: StagedPage) -> tuple[Any, ...]:
    # what the ledger refuses is kept in the plain form, which needs no options of the page to be read again
    is_ours = reject.stage == "ledger"
    decoder = ("plain", "", b"{}") if is_ours else (page.decoder, page.decoder_version, page.options)
    position = position_of(reject, page)
    return (page.source, position, reject.stage, reject.reason, reject.raw, reject.id, *decoder, page.received)


def receipts(pages: Sequence[StagedPage], fate: Fate, ids: Sequence[str], offset: int) -> list[Receipt]:
    """Return what each page's sender is told."""
    told = []
    for page in pages:
        of_row = fate.of_row[page.first : page.first + page.n_rows]
        counts = np.bincount(of_row, minlength=4).tolist()
        told.append(
            Receipt(
                n_stored=counts[STORED],
                n_seen=counts[SEEN],
                n_rejected=len(page.rejects),
                n_dropped=counts[DROPPED],
                offset=offset,
                items=_items(page, fate, ids) if page.wants_items else [],
            )
        )
    return told


def _items(page: StagedPage, fate: Fate, ids: Sequence[str]) -> list[ItemResult]:
    places = page.items if page.items is not None else list(range(page.n_rows))
    items = []
    for i, place in enumerate(places, page.first):
        if status := _STATUS.get(int(fate.of_row[i])):
            reason = fate.why[i] if status == "dropped" else None
            items.append(ItemResult(item=place, id=ids[i], status=status, reason=reason))
    items += [
        ItemResult(item=reject.item, id=reject.id, status="rejected", reason=reject.reason) for reject in page.rejects
    ]
    return sorted(items, key=lambda item: item.item)
