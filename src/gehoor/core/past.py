"""Lets edits, deletions and re-deliveries reach what only the history still holds, a closed day at a time.

The ledger looks up what it holds itself; older days live in Parquet, where looking up one row costs a scan. So once a
day is closed, its edits, deletions, undos and late arrivals are matched with the history in one pass over four columns.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.clock import DAY_US
from gehoor.core.example import drop_examples
from gehoor.core.history_read import Voids, read_rows
from gehoor.core.ledger.delta import Delta
from gehoor.core.ledger.resolve import GONE, STANDS, Stand, judge
from gehoor.core.ledger.segments import Segments
from gehoor.core.projector import Projector
from gehoor.core.reread import drop_rereads
from gehoor.core.store import mark_of, set_mark

__all__ = ["Closed", "Found", "Reached", "closed_days", "find_in_past", "take_back"]

_MARK = "past"

Ints = npt.NDArray[np.int64]


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """Which days were closed since the last time; what they hold changes no more.

    Attributes
    ----------
    after, until : int
        First offsets: of the last day that was looked at before, and of the last one that is now.
    before, first_day : int
        First offset of the ledger: older rows live in the history; its first day, days since 1970.
    """

    after: int
    until: int
    before: int
    first_day: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of the history that are concerned; offsets of the ledger that repeat what the history knew already."""

    rows: list[pa.RecordBatch]
    repeats: list[int]


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """What was done.

    Attributes
    ----------
    n_taken_back : int
        Rows of the history that no longer count: edited, deleted, undone.
    n_repeats : int
        Rows of the ledger that the history knew already: they no longer count.
    """

    n_taken_back: int = 0
    n_repeats: int = 0


def closed_days(projector: Projector) -> Closed | None:
    """Return which days were closed since the last time; None when there is none. Between commits; cost: a flush."""
    segments = projector.ledger.segments.all
    after = mark_of(projector.engine, _MARK)
    closed = [segment.first_seq for segment in segments[:-1] if segment.first_seq > after]
    if not closed:
        return None
    projector.flush(everything=True)  # what is void must be known before it is looked for
    first = segments[0]
    return Closed(after=after, until=closed[-1], before=first.first_seq, first_day=first.day)


def find_in_past(root: Path, closed: Closed) -> Found:
    """Look in the history for what the closed days concern; in any process, while the ledger goes on.

    Edits, deletions and undos concern what they name; a row that was published before the ledger's first day may be
    one that the history knows. Cost: a pass over four columns of the history, and one over the closed days.
    """
    digests, late = _changes(root, closed)
    seqs: list[Ints] = []
    known: list[Ints] = []
    if closed.before <= 1 or not len(digests) + len(late):
        return Found(rows=[], repeats=[])
    for batch in read_rows(root, before=closed.before, columns=("seq", "key", "object_key")):
        keys, objects = batch.column("key").to_numpy(), batch.column("object_key").to_numpy()
        known.append(keys[np.isin(keys, late[:, 0])])
        hit = np.isin(objects, digests) | np.isin(keys, digests)
        seqs.append(batch.column("seq").to_numpy()[hit])
    wanted = np.concatenate([_ints(()), *seqs])
    rows = (_where(batch, wanted) for batch in read_rows(root, before=closed.before)) if len(wanted) else ()
    repeats = late[np.isin(late[:, 0], np.concatenate([_ints(()), *known])), 1]
    return Found(rows=[batch for batch in rows if batch.num_rows], repeats=repeats.tolist())


def _changes(root: Path, closed: Closed) -> tuple[Ints, Ints]:
    """Return digests of what was edited, deleted or undone, sorted; and key and offset of what came late."""
    segments = Segments(root / "segments", writable=False)
    late = "SELECT key, seq FROM activity WHERE published > 0 AND published < ? AND state = 0"
    try:
        days = [segment for segment in segments.all if closed.after < segment.first_seq <= closed.until]
        digests = _ints(row[0] for day in days for row in day.query("SELECT hash FROM mutated"))
        told = _ints(value for day in days for row in day.query(late, (closed.first_day * DAY_US,)) for value in row)
    finally:
        segments.close()
    return np.unique(digests), told.reshape(-1, 2)


def take_back(root: Path, projector: Projector, closed: Closed, found: Found) -> Reached:
    """Take back what no longer counts, and note that these days are done. Between commits.

    After a crash the days are looked at again, which changes nothing twice: what was taken back is void. The files
    themselves are rid of it by the next `history_rewrite.rewrite`.

    Raises
    ------
    StoreError
        The disk is full: it is done again the next time.
    """
    projector.flush(everything=True)
    voids = Voids(root)
    # somebody may have been forgotten since
    old = [batch.filter(pa.array(voids.standing(batch.column("seq").to_numpy(), 0))) for batch in found.rows]
    gone, states = _judged(projector, old)
    taken_back = [rows for batch in old if (rows := _where(batch, _ints(gone))).num_rows]
    fates = states | dict.fromkeys(found.repeats, GONE)
    before = dict(projector.ledger.segments.select("seq, state", fates))
    moves = [(seq, "state", {"state": was}, {"state": fates[seq]}) for seq, was in before.items() if was < fates[seq]]
    if moves or gone:
        commit = projector.ledger.change(moves, gone=sorted(gone))
        deltas = [*commit.deltas, *(Delta(rows=rows, sign=-1) for rows in taken_back)]
        projector.take(msgspec.structs.replace(commit, deltas=deltas))
        projector.flush(everything=True)
        with projector.engine.begin() as tx:
            drop_examples(tx, gone)
            drop_rereads(tx, gone)
    set_mark(projector.engine, _MARK, closed.until)
    return Reached(n_taken_back=sum(rows.num_rows for rows in taken_back), n_repeats=len(found.repeats))


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _judged(projector: Projector, old: list[pa.RecordBatch]) -> tuple[set[int], dict[int, int]]:
    """Judge old rows together with what the ledger holds of the same; return which went, and states of ledger rows."""
    stands = [stand for batch in old for stand in _stands(batch)]
    digests = {digest for stand in stands for digest in (stand.key, stand.object_key)}
    ledger = {row.seq: row for row in projector.ledger.find(sorted(digests))}
    by_digest: dict[int, list[Stand]] = {}
    for stand in [*stands, *ledger.values()]:
        for digest in {stand.key, stand.object_key} & digests:
            by_digest.setdefault(digest, []).append(stand)
    states: dict[int, int] = {}
    for digest, rows in by_digest.items():
        for seq, state in judge(digest, rows).items():
            states[seq] = max(state, states.get(seq, STANDS))
    mine = {stand.seq for stand in stands}
    gone = {seq for seq, state in states.items() if seq in mine and state != STANDS}
    return gone, {seq: state for seq, state in states.items() if seq in ledger and ledger[seq].state < state}


def _stands(batch: pa.RecordBatch) -> list[Stand]:
    columns = (batch.column(name).to_pylist() for name in ("seq", "type", "rev", "key", "object_key"))
    return [Stand._make((*row, STANDS)) for row in zip(*columns, strict=True)]


def _where(batch: pa.RecordBatch, seqs: Ints) -> pa.RecordBatch:
    return batch.filter(pa.array(np.isin(batch.column("seq").to_numpy(), seqs)))
