"""What travels from a channel to the ledger: a raw page, what was decoded from it, and the receipt that comes back.

raw page --decoder--> `Decoded` --row stages--> `StagedPage` --ledger--> `Receipt`
"""

from typing import Any, Literal

import msgspec
import pyarrow as pa

from gehoor.core.record import Activity

__all__ = ["Decoded", "ItemResult", "RawPage", "Receipt", "Reject", "Staged", "StagedPage"]


class RawPage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a source read or a receiver got, untouched, and where to read on once it is committed.

    Attributes
    ----------
    source : str
        The source's name in `gehoor.toml`.
    decoder : str
        Registered name of the decoder that can read `payload`.
    payload : bytes
        As heard: lines of a file, one HTTP body ...
    received : int
        When it was heard, microseconds UTC.
    cursor : bytes
        JSON, the source's own: where to read on after this page. Empty: this page moves no cursor (a receiver).
    position : int
        Position of the first item in its source (line number ...), so that a reject can be found again.
    options : dict
        What the decoder must know besides (channel, column mapping, CSV header ...); JSON-like values only.
    wants_items : bool
        True: the receipt lists the fate of every item.
    is_again : bool
        True: a reject that is tried again; if it fails once more it is not kept twice.
    relevance : str
        `judge`: what concerns none of our brands may be dropped. `again`: it was dropped, and is tried again; what is
        dropped once more stays where it is. `skip`: a person wants it, whatever it is about.
    """

    source: str
    decoder: str
    payload: bytes
    received: int
    cursor: bytes = b""
    position: int = 0
    options: dict[str, Any] = {}
    wants_items: bool = False
    is_again: bool = False
    relevance: Literal["judge", "again", "skip"] = "judge"


class Reject(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item that could not be taken in: kept with its reason, and replayable after a mend.

    Attributes
    ----------
    position : int
        Position in its source; `source` + `position` identify it, so that a re-delivery is not kept twice.
    item : int
        Index of the item within its page.
    stage : str
        Where it stopped: `decode`, the name of an analyzer, `ledger` ...
    reason : str
        One sentence in plain words.
    raw : bytes
        The item as heard (at most 64 KB of it), such that the same decoder can read it again.
    id : str, optional
        The item's own id, where it could be read.
    """

    position: int
    item: int
    stage: str
    reason: str
    raw: bytes
    id: str | None = None


class Decoded(msgspec.Struct, kw_only=True, gc=False):
    """What a decoder made of one raw page.

    Attributes
    ----------
    activities : list of Activity
        In the order of the page.
    rejects : list of Reject
        What could not be read.
    items : list of int, optional
        For each activity the index of the item it came from. None: 0, 1, 2 ... (one activity an item, no rejects).
    raws : list of bytes, optional
        For each activity the raw item, for a reject later on. None: the payload's line with that item index.
    """

    activities: list[Activity]
    rejects: list[Reject] = []
    items: list[int] | None = None
    raws: list[bytes] | None = None


class StagedPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page after the row stages: a slice of a staged batch and what goes into the same transaction.

    Attributes
    ----------
    first, n_rows : int
        The page's rows are `batch[first : first + n_rows]`.
    items : list of int, optional
        As in `Decoded`: the item that each row came from.
    options : bytes
        The decoder's options as JSON, so that a reject can be read again.
    """

    source: str
    decoder: str
    received: int
    cursor: bytes
    position: int
    first: int
    n_rows: int
    rejects: list[Reject]
    items: list[int] | None
    wants_items: bool
    options: bytes = b"{}"
    decoder_version: str = ""
    is_again: bool = False
    relevance: Literal["judge", "again", "skip"] = "judge"


class ItemResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The fate of one item: `stored`, `seen` (was there already), `dropped` or `rejected` with the reason."""

    item: int
    id: str | None
    status: Literal["stored", "seen", "dropped", "rejected"]
    reason: str | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger says once the page is committed and on disk."""

    n_stored: int
    n_seen: int
    n_rejected: int
    offset: int
    n_dropped: int = 0
    items: list[ItemResult] = []


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """Several staged pages that share one Arrow batch (`ACTIVITY` + `ANNOTATION` columns)."""

    batch: pa.RecordBatch
    pages: list[StagedPage]
    stage_ns: dict[str, int] = {}
