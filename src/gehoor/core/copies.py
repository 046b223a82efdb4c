"""How often posts were nearly repeated, for a page of them: by the delayed index, and by looking where it lags."""

from collections import Counter
from collections.abc import Sequence

from gehoor.core.ledger.index import copy_hash
from gehoor.core.ledger.segment import PART_BITS, Segment

__all__ = ["count_copies"]


def count_copies(segments: Sequence[Segment], seqs: Sequence[int]) -> dict[int, int]:
    """Return for each offset how many standing rows nearly repeat it; those with none are left out.

    Cost: 0.1 ms a segment and 1 us a copy; 0.5 us for each row that the index does not know yet (at most 30,000).
    """
    found: Counter[int] = Counter()
    for segment in segments:
        elder = [seq for seq in seqs if seq < segment.mark("last_seq")]
        if elder:
            found.update(_indexed(segment, elder))
            found.update(_fresh(segment, elder))
    return dict(found)


def _places(values: Sequence[int]) -> str:
    return ", ".join("?" * len(values))


def _indexed(segment: Segment, seqs: Sequence[int]) -> dict[int, int]:
    parts = (segment.first_seq >> PART_BITS, segment.mark("last_seq") >> PART_BITS)
    sql = (
        "SELECT activity.duplicate_of, count(*) FROM lookup CROSS JOIN activity ON activity.seq = lookup.seq "
        f"WHERE lookup.part >= ? AND lookup.part <= ? AND lookup.hash IN ({_places(seqs)}) AND lookup.seq <= ? "
        f"AND activity.state = 0 AND activity.duplicate_of IN ({_places(seqs)}) GROUP BY 1"
    )
    rows = segment.query(sql, (*parts, *map(copy_hash, seqs), segment.mark("indexed"), *seqs))
    return {int(of): int(n) for of, n in rows}


def _fresh(segment: Segment, seqs: Sequence[int]) -> dict[int, int]:
    sql = (
        "SELECT duplicate_of, count(*) FROM activity WHERE seq > ? AND state = 0 "
        f"AND duplicate_of IN ({_places(seqs)}) GROUP BY 1"
    )
    return {int(of): int(n) for of, n in segment.query(sql, (segment.mark("indexed"), *seqs))}
