"""Which posts say something like another one, in its words or in others."""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.text import TextBatch
from gehoor.understand.features import features_of
from gehoor.understand.table import Table

__all__ = ["LEAST", "likeness", "similar_posts"]

LEAST = 0.45
"""The least likeness at which posts are called similar; among posts of one organisation, most are below it."""

F64 = npt.NDArray[np.float64]


@cache
def _table() -> Table:
    return Table.load()


class _Query:
    """A text that others are compared with."""

    def __init__(self, text: str) -> None:
        table = _table()
        features = features_of(TextBatch.of(pa.array([text], pa.string())))
        self._row = table.rows(features).toarray()[0] / table.norms(features)[0]
        vector = table.vectors(features)[0].astype(np.float64)
        self._vector = vector / max(1.0, float(np.linalg.norm(vector)))

    def likeness(self, texts: pa.Array) -> F64:
        """Return how much each text is like it, 0 to 1: half by sense, half by the pieces of words that both have."""
        table = _table()
        features = features_of(TextBatch.of(texts))
        vectors = table.vectors(features).astype(np.float64)
        sense = vectors @ self._vector / np.maximum(np.linalg.norm(vectors, axis=1), 1.0)
        shared = (table.rows(features) @ self._row) / table.norms(features)
        return np.asarray((np.maximum(sense, 0.0) + np.sqrt(np.clip(shared, 0.0, 1.0))) / 2)


def likeness(text: str, others: Sequence[str]) -> F64:
    """Return how much each of some texts is like a text, shape (n,), 0 to 1.

    Examples
    --------
    >>> one, other = likeness("Waar is mijn koffer?", ["Mijn koffer is kwijt", "Mooi weer vandaag"])
    >>> bool(one > other)
    True
    """
    return _Query(text).likeness(pa.array(others, pa.string()))


def similar_posts(text: str, others: Iterable[pa.RecordBatch], k: int = 20) -> list[tuple[int, float]]:
    """Return (seq, likeness) of the posts most like a text, the most similar first; near copies of others are out.

    Parameters
    ----------
    text : str
        What is compared.
    others : iterable of RecordBatch
        Columns of `core.post_texts.TEXTS`.
    k : int
        How many at most.

    Notes
    -----
    Cost: 60 us a post that is looked at, and 0.2 s once for the table.

    Examples
    --------
    >>> from gehoor.core.post_texts import TEXTS
    >>> texts = ["Mijn koffer is nog steeds kwijt", "Leuke film gezien gisteren", "Wij wachten op een koffer"]
    >>> rows = [dict.fromkeys(TEXTS.names) | {"seq": seq, "text": text} for seq, text in enumerate(texts)]
    >>> batch = pa.RecordBatch.from_pylist(rows, schema=TEXTS)
    >>> [seq for seq, _ in similar_posts("Waar blijft mijn koffer?", [batch])]
    [0, 2]
    """
    query = _Query(text)
    seqs, likeness = [np.zeros(0, np.int64)], [np.zeros(0)]
    for batch in others:
        first = batch.filter(batch.column("duplicate_of").is_null())
        seqs.append(first.column("seq").to_numpy())
        likeness.append(query.likeness(first.column("text")))
    known, scores = np.concatenate(seqs), np.concatenate(likeness)
    best = np.argsort(-scores, kind="stable")[:k]
    return [(int(known[i]), round(float(scores[i]), 3)) for i in best if scores[i] >= LEAST]
