"""Which rows of a batch are new, which were here before, and which cannot be: one id that stands for two texts."""

from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.ledger.batch import Numbers
from gehoor.core.ledger.dropped import DroppedPage
from gehoor.core.ledger.memory import Recent
from gehoor.core.ledger.resolve import Stand
from gehoor.core.ledger.segments import Segments
from gehoor.core.page import Reject, Staged, StagedPage
from gehoor.core.record import ACTIVITY

__all__ = ["DROPPED", "REFUSED", "SEEN", "STORED", "Fate", "Known", "sort_out"]

STORED, SEEN, REFUSED, DROPPED = 0, 1, 2, 3


class Known(Protocol):
    """What must be known to judge a row: the ledger's memory, its segments, and who was forgotten since when."""

    recent: Recent
    dropped: Recent
    segments: Segments
    forgotten: dict[int, int]

    def find_hashed(self, hashes: list[int], columns: str) -> list[Any]:
        """Return columns of the rows indexed under any of these hashes."""
        ...

    def find(self, digests: list[int]) -> list[Stand]:
        """Return the rows whose id or object has one of these digests."""
        ...


class Fate(msgspec.Struct, frozen=True):
    """What becomes of each row of a batch.

    Attributes
    ----------
    of_row : int8
        `STORED`, `SEEN`, `REFUSED` or `DROPPED`.
    event_at : int64
        When each counts, in us.
    why : list of str or None
        Why relevance would drop each; empty when it dropped none.
    shelved : list of DroppedPage or None
        For each page what was dropped of it; empty when nothing was.
    keys_dropped : int64
        Keys of the dropped rows.
    """

    of_row: npt.NDArray[np.int8]
    event_at: npt.NDArray[np.int64]
    why: list[str | None] = []
    shelved: list[DroppedPage | None] = []
    keys_dropped: npt.NDArray[np.int64] = msgspec.field(default_factory=lambda: np.empty(0, np.int64))


def _fate_of(digest: int, *, has_digest: bool, known: int | None) -> int:
    # a row that was erased keeps no digest: its re-delivery is seen, not refused
    return REFUSED if has_digest and known is not None and known != digest else SEEN


def _within(numbers: Numbers, fate: npt.NDArray[np.int8]) -> None:
    """Judge rows that repeat the id of an earlier row of the same batch."""
    values, first, inverse = np.unique(numbers.key, return_index=True, return_inverse=True)
    if len(values) == len(numbers.key):
        return
    for i in np.flatnonzero(first[inverse] != np.arange(len(inverse))).tolist():
        original = int(first[inverse[i]])
        known = int(numbers.digest[original]) if numbers.has_digest[original] else None
        fate[i] = _fate_of(int(numbers.digest[i]), has_digest=bool(numbers.has_digest[i]), known=known)


def _before(ledger: Known, numbers: Numbers, fate: npt.NDArray[np.int8], *, thorough: bool) -> None:
    """Judge rows whose id is in the ledger."""
    among = np.ones(len(numbers.key), np.bool_) if thorough else ledger.recent.has(numbers.key)
    pairs = ledger.segments.known_pairs(numbers.published, numbers.key, among)
    known = {key: digest for (_, key), digest in pairs.items()}
    missing = [key for key in numbers.key[ledger.recent.has(numbers.key)].tolist() if key not in known]
    if missing:  # the same id under another moment
        rows = ledger.find_hashed(missing, "seq, key, text_digest")
        wanted = set(missing)
        known |= {key: digest for _, key, digest in rows if key in wanted}
    if not known:
        return
    for i in np.flatnonzero(np.isin(numbers.key, np.fromiter(known, np.int64))).tolist():
        digest = int(numbers.digest[i])
        fate[i] = _fate_of(digest, has_digest=bool(numbers.has_digest[i]), known=known[int(numbers.key[i])])


def _forgotten(ledger: Known, numbers: Numbers, fate: npt.NDArray[np.int8]) -> None:
    """Keep out what erased people said before they were erased: a re-read must not bring it back."""
    hits = np.isin(numbers.actor_key, np.fromiter(ledger.forgotten, np.int64, len(ledger.forgotten)))
    for i in np.flatnonzero(hits).tolist():
        if numbers.published[i] <= ledger.forgotten[int(numbers.actor_key[i])]:
            fate[i] = SEEN


def sort_out(ledger: Known, staged: Staged, numbers: Numbers, *, thorough: bool) -> tuple[Fate, list[StagedPage]]:
    """Judge every row, and add a reject for each that is refused."""
    fate = np.zeros(len(numbers.key), np.int8)
    _before(ledger, numbers, fate, thorough=thorough)
    _within(numbers, fate)
    if ledger.forgotten:
        _forgotten(ledger, numbers, fate)
    event_at = staged.batch.column("event_at").cast(pa.int64()).to_numpy()
    pages = [_with_refused(page, staged.batch, fate) for page in staged.pages] if REFUSED in fate else staged.pages
    return Fate(fate, event_at), pages


def _with_refused(page: StagedPage, batch: pa.RecordBatch, fate: npt.NDArray[np.int8]) -> StagedPage:
    rows = np.flatnonzero(fate[page.first : page.first + page.n_rows] == REFUSED).tolist()
    rejects = [_reject(page, batch, row) for row in rows]
    return msgspec.structs.replace(page, rejects=[*page.rejects, *rejects])


def _reject(page: StagedPage, batch: pa.RecordBatch, row: int) -> Reject:
    i = page.first + row
    values: dict[str, Any] = {name: batch.column(name)[i].as_py() for name in ACTIVITY.names}
    raw = msgspec.json.encode({name: value for name, value in values.items() if value is not None})
    item = page.items[row] if page.items is not None else row
    reason = f"the id {values['id']!r} stands for another text already; the first one is kept"
    return Reject(position=page.position + item, item=item, stage="ledger", reason=reason, raw=raw, id=values["id"])
