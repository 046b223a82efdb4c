"""Hears again what relevance dropped, after the query was corrected; or brings back what a person wants."""

from functools import partial
from typing import Literal

import msgspec
import numpy as np
import pyarrow as pa

from gehoor.core.dropped import place_of
from gehoor.core.errors import SettingError
from gehoor.core.ledger.dropped import pages_of, rows_of_page, take_out
from gehoor.core.ledger.segment import Segment
from gehoor.core.page import RawPage, Receipt
from gehoor.core.record import ACTIVITY, Activity, digest
from gehoor.run.about import mean
from gehoor.run.workplace import Workplace
from gehoor.sift.relevance import CONTEXT

__all__ = ["bring_back", "replay_dropped"]

_LISTS = ("media", "mentions", "tags")
_encode = msgspec.json.Encoder().encode

Page = tuple[int, str]


async def replay_dropped(owner: Workplace, source: str | None) -> dict[str, int]:
    """Offer everything that was dropped (of one source) once more, oldest first; return how many were taken in.

    What the settings keep now is taken in through the ordinary pipeline, and an edit or a deletion that came later
    reaches it; the rest stays where it is. Can be done again at any moment, also after a crash half-way.
    """
    counts = {"taken_in": 0, "kept": 0}
    for segment in list(owner.projector.ledger.segments.all):
        for page, name in await owner.on_writer(partial(_pages, segment, source)):
            rows, keys = await owner.on_writer(partial(rows_of_page, segment, page))
            n = await _offer(owner, (segment, page, name), (rows, keys), "again")
            counts["taken_in"] += n
            counts["kept"] += rows.num_rows - n
    return counts


async def bring_back(owner: Workplace, handles: list[str]) -> dict[str, int]:
    """Keep dropped posts that a person wants, whatever they are about, with what was edited or deleted of them since.

    Raises
    ------
    SettingError
        A handle is none.
    """
    taken_in = 0
    for first, page, key in sorted(map(_place, handles)):
        segment = owner.projector.ledger.segments.of(first)
        if segment is None or segment.first_seq != first:
            continue
        names = dict(await owner.on_writer(partial(_pages, segment, None)))
        rows, keys = await owner.on_writer(partial(rows_of_page, segment, page))
        wanted = np.flatnonzero(keys == key)
        if not len(wanted):
            continue  # brought back already, or let go of
        row = rows.take(pa.array(wanted))
        n = await _offer(owner, (segment, page, names[page]), (row, keys[wanted]), "skip")
        if n and row.column("drop")[0].as_py() == CONTEXT:
            channel, id_ = (row.column(name)[0].as_py() for name in ("channel", "id"))
            await owner.on_writer(partial(mean, owner, channel, id_))
        taken_in += n
        await _follow(owner, first, page, _object_key(row))
    return {"taken_in": taken_in, "gone": len(handles) - taken_in}


def _place(handle: str) -> tuple[int, int, int]:
    try:
        return place_of(handle)
    except ValueError:
        raise SettingError(f"{handle!r} is no dropped post. `gehoor dropped` lists them with their handles.") from None


def _object_key(row: pa.RecordBatch) -> int:
    channel, object_, id_ = (row.column(name)[0].as_py() for name in ("channel", "object", "id"))
    return digest(channel, object_ or id_)


def _pages(segment: Segment, source: str | None) -> list[Page]:
    return list(pages_of(segment, source))


async def _follow(owner: Workplace, first: int, page: int, object_key: int) -> None:
    """Offer the edits and deletions of an object that were dropped from a page on."""
    for segment in list(owner.projector.ledger.segments.all):
        changing = await owner.on_writer(partial(_changing, segment, object_key))
        for later, name in changing:
            if (segment.first_seq, later) < (first, page):
                continue
            rows, keys = await owner.on_writer(partial(rows_of_page, segment, later))
            mine = [n for n in range(rows.num_rows) if _object_key(rows.slice(n, 1)) == object_key]
            here = rows.take(pa.array(mine, pa.int64())), keys[mine]
            await _offer(owner, (segment, later, name), here, "again")


def _changing(segment: Segment, object_key: int) -> list[Page]:
    """Return the pages with an edit or a deletion of an object."""
    rows = segment.query("SELECT id, source, changed FROM dropped WHERE changed IS NOT NULL ORDER BY id")
    return [(page, source) for page, source, changed in rows if object_key in np.frombuffer(changed, np.int64)]


async def _offer(
    owner: Workplace,
    place: tuple[Segment, int, str],
    dropped: tuple[pa.RecordBatch, np.ndarray[tuple[int], np.dtype[np.int64]]],
    relevance: Literal["again", "skip"],
) -> int:
    """Hear rows of one page again, and take from it what was taken in; return how many."""
    (segment, page, source), (rows, keys) = place, dropped
    if not rows.num_rows:
        return 0
    raw = RawPage(
        source=source,
        decoder="kept",
        payload=b"\n".join(_encode(activity) for activity in _activities(rows)),
        received=owner.clock.now(),
        wants_items=True,
        relevance=relevance,
    )
    receipt = await owner.hear(raw)
    went = [int(keys[item]) for item in _taken(receipt)]
    await owner.on_writer(partial(take_out, segment, page, went))
    return len(went)


def _taken(receipt: Receipt) -> list[int]:
    """Return the items that need not stay: stored, there already, or kept aside as rejects with their reason."""
    return [item.item for item in receipt.items if item.status != "dropped"]


def _activities(rows: pa.RecordBatch) -> list[Activity]:
    columns = {name: rows.column(name) for name in ACTIVITY.names}
    for name in ("published", "received"):
        columns[name] = columns[name].cast(pa.int64())
    plain = pa.RecordBatch.from_pydict(columns).to_pylist()
    return [Activity(**(row | {name: tuple(row[name] or ()) for name in _LISTS})) for row in plain]
