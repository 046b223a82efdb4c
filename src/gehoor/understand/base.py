"""The contract of this room: `Analyzer`."""

from typing import Protocol

import msgspec
import pyarrow as pa

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch

__all__ = ["Analyzer", "Reason"]


class Reason(msgspec.Struct, frozen=True):
    """Why a judgement was made: the words that decided, as they stand in the text, strongest first, with their weight.

    Weights are signed: positive speaks for the judgement that was given.
    """

    column: str
    terms: tuple[tuple[str, float], ...]


class Analyzer(Protocol):
    """Adds columns to a batch. Pure: no clock, no chance, no memory of earlier batches.

    Built once a process as `Analyzer(settings)`; `checks` holds what each of them must pass.
    """

    name: str
    columns: tuple[str, ...]

    def __init__(self, settings: Settings) -> None: ...

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return the columns of `columns`, one value a row, of the types in `core.record.ANNOTATION`.

        Parameters
        ----------
        texts : TextBatch
            n texts and their features.
        known : dict of str to pyarrow.Array
            Columns of analyzers that ran before (language first), and `language` as the channel claimed it.
        """
        ...

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Reason]]:
        """Return for each text the reasons behind its columns; for showing a few posts, not for the stream."""
        ...
