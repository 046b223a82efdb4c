"""The contract of this room: `Filter`."""

from typing import Protocol

import pyarrow as pa

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch

__all__ = ["Filter"]


class Filter(Protocol):
    """Says which rows would rather not be kept, and why. Pure: no clock, no chance, no memory of earlier batches.

    Built once a process as `Filter(settings)`. It proposes; the ledger, which knows what was kept before, decides
    (`core.ledger.relevance`). What it drops is counted by reason and stays replayable for some days.
    """

    name: str

    def __init__(self, settings: Settings) -> None: ...

    def judge(self, texts: TextBatch, known: dict[str, pa.Array]) -> pa.Array:
        """Return for each row the reason why it would be dropped, null where it would be kept: strings.

        Parameters
        ----------
        texts : TextBatch
            n texts and their features.
        known : dict of str to pyarrow.Array
            Columns of the record and of the analyzers, and `source`: where the row was heard, null where a person
            wants it kept whatever it says.
        """
        ...
