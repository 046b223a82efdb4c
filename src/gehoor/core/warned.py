"""How well alarms do here: how late on this workspace's own past, and which ones people missed."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.store import put
from gehoor.core.tables.ledger import missed, warned

__all__ = ["Delay", "Missed", "last_delay", "missed_of", "note_delay", "say_missed"]


class Delay(msgspec.Struct, frozen=True, kw_only=True):
    """Bursts put into a past that was quiet, and after how long each was warned of.

    Attributes
    ----------
    at : int
        When it was measured, microseconds UTC.
    factor : float
        How many times the usual each burst was.
    n, n_found : int
        Bursts put in, and how many of them were warned of within ten minutes.
    median_s, low_s, high_s : float, optional
        Half of all bursts were warned of within so many seconds, with its 95 % interval; None: too few to say.
    per_minute : float
        What was usual where they were put in, posts a minute: the median.
    days : float
        How much past they were put into.
    note : str
        Why there is nothing to say: `short` (too little past), `quiet` (too few posts); "" where there is.
    """

    at: int
    factor: float = 5.0
    n: int = 0
    n_found: int = 0
    median_s: float | None = None
    low_s: float | None = None
    high_s: float | None = None
    per_minute: float = 0.0
    days: float = 0.0
    note: str = ""


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that should have come at `at`, about `brand` ("": everything together), and did not."""

    at: int
    brand: str
    said_at: int


def note_delay(tx: sa.Connection, delay: Delay) -> None:
    """Keep what was measured."""
    put(tx, warned, at=delay.at, data=msgspec.json.encode(delay))


def last_delay() -> sa.Select[Any]:
    """Return the question what was measured last."""
    return sa.select(warned.c.data).order_by(warned.c.at.desc()).limit(1)


def say_missed(tx: sa.Connection, one: Missed, *, undo: bool = False) -> bool:
    """Note that an alarm was missed, or take that back."""
    if undo:
        gone = sa.delete(missed).where(missed.c.at == one.at, missed.c.brand == one.brand)
        return tx.execute(gone).rowcount == 1
    put(tx, missed, **msgspec.structs.asdict(one))
    return True


def missed_of(rows: Sequence[sa.Row[Any]]) -> list[Missed]:
    """Return what rows of the table say."""
    return [Missed(**row._mapping) for row in rows]
