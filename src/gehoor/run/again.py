"""Tries rejects again, after a mend: what can be read now is taken in once, what cannot stays with its reason."""

import asyncio
from functools import partial
from typing import Any

import msgspec

from gehoor.core.ledger.segment import Segment
from gehoor.core.page import RawPage, Receipt
from gehoor.run.workplace import Workplace

__all__ = ["try_again"]

_AT_ONCE = 200


async def try_again(owner: Workplace, source: str | None) -> dict[str, int]:
    """Offer every reject (of one source) once more; return how many were taken in and how many stay."""
    counts = {"taken_in": 0, "kept": 0}
    for segment in list(owner.projector.ledger.segments.all):
        rows = await owner.on_writer(partial(_rows, segment, source))
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            receipts = await asyncio.gather(*(owner.hear(_page(owner, row)) for row in part))
            done = [row[:2] for row, receipt in zip(part, receipts, strict=True) if _is_in(receipt)]
            await owner.on_writer(partial(_remove, segment, done))
            counts["taken_in"] += len(done)
            counts["kept"] += len(part) - len(done)
    return counts


def _rows(segment: Segment, source: str | None) -> list[Any]:
    sql = "SELECT source, position, raw, decoder, options FROM reject"
    return segment.query(f"{sql} WHERE source = ?", (source,)) if source else segment.query(sql)


def _page(owner: Workplace, row: Any) -> RawPage:
    source, position, raw, decoder, options = row
    return RawPage(
        source=source,
        decoder=decoder,
        payload=bytes(raw),
        received=owner.clock.now(),
        position=position,
        options=msgspec.json.decode(options),
        wants_items=True,
        is_again=True,
    )


def _is_in(receipt: Receipt) -> bool:
    return receipt.n_stored + receipt.n_seen + receipt.n_dropped > 0 and not receipt.n_rejected


def _remove(segment: Segment, places: list[Any]) -> None:
    if places:
        with segment.engine.begin() as tx:
            tx.exec_driver_sql("DELETE FROM reject WHERE source = ? AND position = ?", [tuple(p) for p in places])
