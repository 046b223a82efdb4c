"""Filter: of a source that hears everybody, keep what concerns one of our brands."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch

__all__ = ["CONTEXT", "NO_BRAND", "Relevance"]

NO_BRAND, CONTEXT = "no_brand", "context"
"""Why something is dropped: it names no brand, or what it names means something else there."""

_DOINGS = pa.array(["Track", "Identify", "Page", "Screen", "Group", "Alias"])


class Relevance:
    """Proposes to drop what names no brand, where the source has `keep = "brands"`.

    Never: our own words, what somebody did rather than said, what was sent to us alone. An edit, a like, a reply or a
    deletion names no brand and is proposed too; the ledger keeps it when it concerns what is kept. Cost: nothing where
    everything is kept, else 0.1 us a row. Blind to: a thread of which we know only the middle.

    Examples
    --------
    >>> from gehoor.core.settings import Part
    >>> relevance = Relevance(Settings(sources={"all-of-it": Part(type="file", options=None, keep="brands")}))
    >>> names = {"source": ["all-of-it", "ours"], "type": ["Create"] * 2, "direction": ["in"] * 2}
    >>> known = {name: pa.array(values) for name, values in (names | {"visibility": ["public"] * 2}).items()}
    >>> known |= {"brands": pa.array([[], []], pa.list_(pa.string()))}
    >>> relevance.judge(TextBatch.of(pa.array(["Lekker weer", "Lekker weer"])), known).to_pylist()
    ['no_brand', None]
    """

    name = "relevance"

    def __init__(self, settings: Settings) -> None:
        parts = {**settings.sources, **settings.receivers}
        self._narrow = pa.array([name for name, part in parts.items() if part.keep == "brands"], pa.string())

    def judge(self, texts: TextBatch, known: dict[str, pa.Array]) -> pa.Array:
        """Return `no_brand` or `context` where a row would be dropped, null where it would be kept."""
        if not len(self._narrow):
            return pa.nulls(len(texts), pa.string())
        names_none = pc.equal(pc.list_value_length(known["brands"]), 0)
        is_ours_or_private = pc.or_(pc.not_equal(known["direction"], "in"), pc.equal(known["visibility"], "direct"))
        is_kept = pc.or_(is_ours_or_private, pc.is_in(known["type"], _DOINGS))
        drops = pc.and_not(pc.and_(names_none, pc.is_in(known["source"], self._narrow)), is_kept)
        mask = np.asarray(drops.fill_null(False).to_numpy(zero_copy_only=False))  # noqa: FBT003  # pyarrow's own way
        is_turned_down = known["turned_down"].to_numpy(zero_copy_only=False) if "turned_down" in known else mask & False
        return pa.array([NO_BRAND, CONTEXT], pa.string()).take(pa.array(is_turned_down.astype(np.int64), mask=~mask))
