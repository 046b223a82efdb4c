"""What relevance dropped, as pages and scripts look through it: newest first, counted, or as texts for a query."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.ledger.dropped import rows_of_page
from gehoor.core.ledger.segment import Segment
from gehoor.core.record import digest

__all__ = ["DroppedPost", "count_dropped", "handle_of", "list_dropped", "place_of", "read_dropped"]

_MASK = (1 << 64) - 1
_SAYS = pa.array(["Create", "Update"])
_CHANGES = ("Update", "Delete", "Undo")
_COLUMNS = (
    "received", "published", "channel", "id", "type", "object", "actor", "actor_name", "text", "url", "language",
    "drop",
)  # fmt: skip


class DroppedPost(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard and not kept; hostile text, never markup.

    Attributes
    ----------
    handle : str
        What brings it back (`gehoor dropped --keep HANDLE`).
    reason : str
        Why it was dropped: `no_brand`.
    text, actor, actor_name : str, optional
        None also where it was edited or deleted since: what its channel took back is not shown.
    """

    handle: str
    source: str
    reason: str
    received: int
    published: int | None
    channel: str
    id: str
    type: str
    actor: str | None
    actor_name: str | None
    text: str | None
    url: str | None
    language: str | None


def handle_of(segment: Segment, page: int, key: int) -> str:
    """Return the name of a dropped row."""
    return f"{segment.first_seq}-{page}-{key & _MASK:016x}"


def place_of(handle: str) -> tuple[int, int, int]:
    """Return first offset of the segment, id of the page and key that a handle names.

    Raises
    ------
    ValueError
        It is no handle.
    """
    first, page, key = handle.split("-")
    value = int(key, 16)
    return int(first), int(page), value - (1 << 64) if value >> 63 else value


def count_dropped(files: Sequence[Segment]) -> dict[str, dict[str, int]]:
    """Return how many rows were dropped by source and reason, in all days that the ledger holds."""
    total: dict[str, Counter[str]] = {}
    for segment in files:
        for source, reasons in segment.query("SELECT source, reasons FROM dropped"):
            total.setdefault(source, Counter()).update(msgspec.json.decode(reasons, type=dict[str, int]))
    return {source: dict(counts) for source, counts in sorted(total.items())}


def list_dropped(files: Sequence[Segment], source: str | None, limit: int, before: str | None) -> list[DroppedPost]:
    """Return what was dropped, newest first, older than the handle `before`."""
    found: list[DroppedPost] = []
    end = place_of(before) if before else None
    withdrawn: set[int] = set()
    for segment, page, from_source in _pages_back(files, end, withdrawn):
        if source is not None and from_source != source:
            withdrawn.update(_changed(segment, page))
            continue
        inner = end[2] if end and (segment.first_seq, page) == end[:2] else None
        found += _page_of(segment, page, from_source, withdrawn, inner)
        if len(found) >= limit:
            return found[:limit]
    return found


def _pages_back(
    files: Sequence[Segment], end: tuple[int, int, int] | None, withdrawn: set[int]
) -> Iterator[tuple[Segment, int, str]]:
    """Yield segment, page and source, newest first, from `end` on; of newer pages take note of what they take back."""
    sql = "SELECT id, source FROM dropped WHERE data IS NOT NULL ORDER BY id DESC"
    for segment in reversed(files):
        for page, source in segment.query(sql):
            if end is not None and (segment.first_seq, page) > end[:2]:
                withdrawn.update(_changed(segment, page))
            else:
                yield segment, page, source


def _changed(segment: Segment, page: int) -> list[int]:
    found = segment.query("SELECT changed FROM dropped WHERE id = ? AND changed IS NOT NULL", (page,))
    changed: list[int] = np.frombuffer(found[0][0], np.int64).tolist() if found else []
    return changed


def _page_of(segment: Segment, page: int, source: str, withdrawn: set[int], inner: int | None) -> Iterator[DroppedPost]:
    """Yield the rows of one page, last first; `inner` is the key of the row before which to begin."""
    rows, keys = rows_of_page(segment, page)
    columns = {name: rows.column(name) for name in _COLUMNS}
    columns |= {name: columns[name].cast(pa.int64()) for name in ("received", "published")}
    plain, is_on = pa.RecordBatch.from_pydict(columns).to_pylist(), inner is None or inner not in keys
    for row, key in zip(reversed(plain), keys[::-1].tolist(), strict=True):
        object_key = digest(row["channel"], row["object"] or row["id"])
        if is_on:
            yield _post(row, handle_of(segment, page, key), source, is_gone=object_key in withdrawn)
        is_on = is_on or key == inner
        if row["type"] in _CHANGES:
            withdrawn.add(object_key)


def _post(row: dict[str, object], handle: str, source: str, *, is_gone: bool) -> DroppedPost:
    row = row | {"handle": handle, "source": source, "reason": row["drop"]}
    if is_gone:
        row |= {"text": None, "actor": None, "actor_name": None}
    return msgspec.convert({name: row[name] for name in DroppedPost.__struct_fields__}, DroppedPost)


def read_dropped(files: Sequence[Segment], since: int, limit: int) -> Iterator[pa.RecordBatch]:
    """Yield the texts that were dropped since a moment of arrival, newest page first, at most about `limit` rows.

    Columns as in `core.record.ACTIVITY`, with `drop`: the reason. What was edited or deleted since is left out.
    """
    withdrawn: set[int] = set()
    for segment, page, _ in _pages_back(files, None, withdrawn):
        if limit <= 0:
            return
        rows, keys = rows_of_page(segment, page)
        received = rows.column("received").cast(pa.int64()).to_numpy()
        if len(received) and received.max() < since:
            return
        said = pc.and_(pc.is_in(rows.column("type"), _SAYS), pc.is_valid(rows.column("text")))
        withdrawn.update(_changed(segment, page))
        mask = said.to_numpy(zero_copy_only=False) & (received >= since) & _stands(keys, withdrawn)
        if mask.any():
            yield rows.filter(pa.array(mask))
            limit -= int(mask.sum())


def _stands(keys: npt.NDArray[np.int64], withdrawn: set[int]) -> npt.NDArray[np.bool_]:
    """Tell which rows nothing took back since; a plain post's key is that of its object."""
    return ~np.isin(keys, np.fromiter(withdrawn, np.int64, len(withdrawn)))
