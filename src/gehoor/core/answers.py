"""Which of our posts answer given posts, as far as the ledger reaches."""

from collections.abc import Iterable

from gehoor.core.ledger.index import parent_hash
from gehoor.core.reader import Reader

__all__ = ["answers_to"]

_CHUNK = 500
_COLUMNS = "event_at, parent_key, direction, state"


def answers_to(reader: Reader, objects: Iterable[int]) -> list[int]:
    """Return when we answered objects (their keys), microseconds UTC, oldest first.

    Notes
    -----
    Cost: 10 us an object and segment, from the delayed index; and a look through the newest rows, which it has not yet.
    """
    wanted, head = sorted(set(objects)), reader.head()
    found: set[tuple[int, int]] = set()
    for segment in reader.segments():
        rows = segment.select(_COLUMNS, segment.look_up([parent_hash(key) for key in wanted], head))
        newest = segment.mark("indexed")
        for start in range(0, len(wanted), _CHUNK):
            part = ", ".join(map(str, wanted[start : start + _CHUNK]))
            sql = f"SELECT {_COLUMNS} FROM activity WHERE seq > ? AND direction = 'out' AND parent_key IN ({part})"
            rows += segment.query(sql, (newest,))
        known = set(wanted)
        found |= {(row[0], row[1]) for row in rows if row[1] in known and row[2] == "out" and not row[3]}
    return sorted(at for at, _ in found)
