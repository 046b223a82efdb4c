"""What a slow reader said of a post: the judgement of a machine, which a person's correction beats.

It is no example: nothing learns from it. It goes with its post.
"""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.store import put
from gehoor.core.tables.ledger import reread as table
from gehoor.core.tables.ledger import source

__all__ = ["STATE", "ReaderState", "Reread", "drop_rereads", "models_of", "n_read_since", "state_of", "write_reread"]

STATE = "[slow]"
"""Under this name the table `source` holds how the slow reader does; no source may be called so."""

_MANY = 500


class Reread(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement of one post that was read again.

    Attributes
    ----------
    value, p : str, float
        What the slow reader says; `""` stands for null. Where it is no surer than what stood there, that stays.
    before, before_p : str, float, optional
        What stood there.
    model : str
        Kind and name of the reader: `endpoint/small-model`.
    is_used : bool
        Whether it took the place of what stood there.
    """

    seq: int
    task: str
    value: str
    p: float
    before: str | None
    before_p: float | None
    model: str
    is_used: bool
    at: int


class ReaderState(msgspec.Struct, frozen=True, kw_only=True):
    """How the slow reader does: its kind; `reading`, `spent` (its budget of today) or `waiting`; what is the matter."""

    kind: str
    status: str
    message: str | None


def write_reread(tx: sa.Connection, reread: Reread) -> None:
    """Note a judgement, or put another in its place."""
    put(tx, table, **msgspec.structs.asdict(reread))


def models_of(tx: sa.Connection, seq: int) -> dict[str, str]:
    """Return by task which reader's word stands on a post."""
    rows = tx.execute(sa.select(table.c.task, table.c.model).where(table.c.seq == seq, table.c.is_used)).all()
    return {row.task: row.model for row in rows}


def drop_rereads(tx: sa.Connection, seqs: Iterable[int]) -> None:
    """Remove what was said of posts that no longer stand."""
    wanted = list(seqs)
    for start in range(0, len(wanted), _MANY):
        tx.execute(sa.delete(table).where(table.c.seq.in_(wanted[start : start + _MANY])))


def state_of(reader: Reader) -> ReaderState | None:
    """Return how the slow reader does; None where there is none."""
    for row in reader.stored(sa.select(source).where(source.c.name == STATE)):
        return ReaderState(kind=row.type, status=row.status, message=row.message)
    return None


def n_read_since(reader: Reader, at: int) -> int:
    """Return how many posts were read again since a moment."""
    rows = reader.stored(sa.select(sa.func.count(table.c.seq.distinct())).where(table.c.at >= at))
    return int(rows[0][0]) if rows else 0
