"""The contract of everything that is derived from the ledger: counts, words, history, later profiles and alerts."""

from typing import Protocol

import pyarrow as pa
from sqlalchemy import Connection

from gehoor.core.clock import Clock
from gehoor.core.settings import Settings

__all__ = ["Projection"]


class Projection(Protocol):
    """Reads on from its own offset; state and offset commit together.

    The owner calls `apply` with each committed batch, in ledger order, and `flush` about once a second, in one
    transaction with the new offset of every projection. After a crash it calls `load`, then `apply` with what changed
    since the offset. An order-free projection then equals a sorted replay of what remains.
    """

    name: str
    is_in_store: bool
    """True when all of its state stands in `ledger.sqlite`, so that one transaction holds it."""

    def __init__(self, settings: Settings, clock: Clock) -> None: ...

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Take in rows (sign +1), or take back what the same rows once contributed (sign -1). Memory only.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            Rows of `core.record.LEDGER`, in order of `seq`. Only rows that stand for their object today come with +1:
            an edit arrives as -1 of the old row and +1 of the new, a deletion as -1, a corrected judgement as -1 of
            the row as it was and +1 of the row as it is.
        sign : int
            +1 or -1.
        """
        ...

    def flush(self, tx: Connection, offset: int, *, everything: bool) -> int:
        """Write what changed since the last flush, and return up to which offset the state on disk is then complete.

        The caller commits both together. A projection that writes seldom may return the offset of its last write,
        unless `everything` is asked for (before a stop, an erasure, a backup): then it must write all it has.
        """
        ...

    def load(self, tx: Connection, offset: int) -> None:
        """Take up the state as it was committed with `offset`, after a start or a rebuild, or with changed settings.

        What was missed follows, and then a `flush` of everything: from there on it is live.
        """
        ...

    def clear(self, tx: Connection, first: int) -> None:
        """Empty tables and memory: a rebuild follows, from the history and then the ledger. Never touches the outbox.

        `first` is the first offset that the ledger still holds.
        """
        ...
