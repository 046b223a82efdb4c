"""What the owner must remember, read back from the segments after a restart."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from gehoor.core.ledger.batch import Ints, Numbers
from gehoor.core.ledger.habit import WITHDRAWN
from gehoor.core.ledger.index import DelayedIndex, entries, entries_of_changes
from gehoor.core.ledger.memory import Recent
from gehoor.core.ledger.segment import Segment
from gehoor.core.ledger.segments import Segments

__all__ = ["blocks_back", "dropped_back", "index_tail", "signatures_of"]

_BLOCK = (
    "first_seq, n, keys, object_keys, digests, signatures, flags, duplicate_of, actor_keys, languages, "
    "templates, campaigns"
)
_TAIL = 20_000
_DROPPED = "SELECT keys FROM dropped WHERE data IS NOT NULL ORDER BY id DESC LIMIT 4096"


def _numbers(row: tuple[Any, ...]) -> tuple[Ints, Numbers, Ints]:
    first, n, keys, object_keys, digests, signatures, flags, duplicate_of, *more = row
    actor_keys, languages, templates, campaigns = more
    flag = np.frombuffer(flags, np.uint8)
    zeros = np.zeros(n, np.int64)
    numbers = Numbers(
        types=np.full(n, "Create", dtype=object),
        rev=zeros,
        published=zeros,
        key=np.frombuffer(keys, np.int64),
        object_key=np.frombuffer(object_keys, np.int64),
        actor_key=np.frombuffer(actor_keys, np.int64) if actor_keys else zeros,
        digest=np.frombuffer(digests, np.int64),
        has_digest=(flag & 1) == 1,
        signature=np.frombuffer(signatures, np.uint8).reshape(n, 64),
        has_signature=(flag & 2) == 2,
        language=np.frombuffer(languages, np.int16) if languages else zeros.astype(np.int16),
        is_doubtful=np.zeros(n, np.bool_),
        template=np.frombuffer(templates, np.int64) if templates else zeros,
        campaign=np.frombuffer(campaigns, np.int64) if campaigns else zeros,
    )
    return np.arange(first, first + n, dtype=np.int64), numbers, np.frombuffer(duplicate_of, np.int64)


def blocks_back(segments: Segments, window: int) -> Iterator[tuple[Ints, Numbers, Ints]]:
    """Yield (seqs, numbers, duplicate_of) of the last `window` rows, oldest first.

    A row that was deleted or superseded since has no digest, no signature and no language here: nothing may repeat it.
    """
    found: list[tuple[Segment, int, int]] = []
    for segment in reversed(segments.all):
        for first, n in segment.query("SELECT first_seq, n FROM block ORDER BY first_seq DESC"):
            if window <= 0:
                break
            found.append((segment, first, n))
            window -= n
    gone, verdicts = _changed_since(segments, found[-1][1] if found else 0)
    judged_again = np.array(sorted(verdicts), np.int64)
    for segment, first, _ in reversed(found):
        row = segment.query(f"SELECT {_BLOCK} FROM block WHERE first_seq = ?", (first,))[0]
        seqs, numbers, duplicate_of = _numbers(tuple(row))
        here = seqs[np.isin(seqs, judged_again)]
        if len(here):
            duplicate_of = duplicate_of.copy()
            duplicate_of[here - first] = [verdicts[seq] for seq in here.tolist()]
        stays = ~np.isin(seqs, gone)
        has_digest, has_signature = numbers.has_digest & stays, numbers.has_signature & stays
        language = np.where(stays | (numbers.language == 0), numbers.language, WITHDRAWN)
        numbers = numbers._replace(has_digest=has_digest, has_signature=has_signature, language=language)
        yield seqs, numbers, duplicate_of


def _changed_since(segments: Segments, first: int) -> tuple[Ints, dict[int, int]]:
    """Return the rows from `first` on that went, and the last verdict on those that were judged again.

    From the change records: a crash may have come before they reached the rows.
    """
    sql = "SELECT target, kind, after FROM change WHERE target >= ? ORDER BY seq"
    rows = [row for segment in segments.all for row in segment.query(sql, (first,))]
    gone = np.array([target for target, kind, _ in rows if kind == "state"], np.int64)
    changed = [(target, msgspec.json.decode(after)) for target, kind, after in rows if kind != "state"]
    return gone, {target: after["duplicate_of"] or 0 for target, after in changed if "duplicate_of" in after}


def signatures_of(segments: Segments, seqs: list[int]) -> Numbers:
    """Return the numbers of rows by offset, from the blocks of their pages."""
    rows = []
    sql = f"SELECT {_BLOCK} FROM block WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1"
    for segment, part in segments.grouped(seqs):
        for seq in part:
            first = segment.query(sql, (seq,))[0]
            rows.append(_numbers(tuple(first))[1].take(np.arange(first[0], first[0] + first[1]) == seq))
    return Numbers(*(np.concatenate(columns) for columns in zip(*rows, strict=True)))


def dropped_back(segments: Segments, window: int) -> Recent:
    """Return the keys of about the last `window` rows that were dropped."""
    dropped = Recent()
    for segment in reversed(segments.all):
        if window <= 0:
            break
        for (keys,) in segment.query(_DROPPED):
            dropped.add(np.frombuffer(keys, np.int64))
            window -= len(keys) // 8
    return dropped


def index_tail(segment: Segment, index: DelayedIndex) -> None:
    """Take up the entries that were in memory only."""
    after, last = segment.mark("indexed"), segment.mark("last_seq")
    changes = segment.query("SELECT seq, target, kind, before, after FROM change WHERE seq > ?", (after,))
    index.add(*entries_of_changes(changes), last)
    while after < last:
        rows = segment.read_any(after, min(last, after + _TAIL))
        after = min(last, after + _TAIL)
        if rows.num_rows:
            index.add(*entries(rows), after)
