"""Which of our brands a post names."""

from collections import defaultdict

import numpy as np
import pyarrow as pa

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.base import Reason
from gehoor.understand.phrases import Matches, Phrases, normalised

__all__ = ["Brand"]


class Brand:
    """Finds the brands of `gehoor.toml` by what people call them.

    Terms count as whole words, whatever their case; a handle or tag that equals a term counts. Cost: 1-2 µs a post at
    2,000 terms. Blind to: what else a term may mean (shell and Shell), misspellings.

    Examples
    --------
    >>> from gehoor.core.settings import Brand as Terms
    >>> brand = Brand(Settings(brands={"acme": Terms(terms=("Acme", "Acme Nova")), "zed": Terms(terms=("Z&D",))}))
    >>> brand.annotate(TextBatch.of(pa.array(["@acme and z&d!", None])), {})["brands"].to_pylist()
    [['acme', 'zed'], []]
    """

    name = "brand"
    columns: tuple[str, ...] = ("brands",)

    def __init__(self, settings: Settings) -> None:
        self._names = sorted(settings.brands)
        owners: dict[str, set[int]] = defaultdict(set)
        for number, name in enumerate(self._names):
            for term in normalised(settings.brands[name].terms):
                owners[term].add(number)
        self._phrases = Phrases(owners)
        # the brands of phrase i: _owners[_first[i] : _first[i + 1]]; nearly always one
        named = [sorted(owners[phrase]) for phrase in self._phrases.phrases]
        self._first = np.cumsum([0, *map(len, named)])
        self._owners = np.array([number for numbers in named for number in numbers], np.int64)

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return `brands`: the names of the brands in each text, sorted, each once; an empty list when none."""
        found = self._phrases.find(texts)
        counts = np.diff(self._first)[found.phrase]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        brand = self._owners[np.repeat(self._first[found.phrase], counts) + within]
        pairs = np.unique(np.repeat(found.post, counts) * max(1, len(self._names)) + brand)
        post, brand = np.divmod(pairs, max(1, len(self._names)))
        offsets = np.searchsorted(post, np.arange(len(texts) + 1)).astype(np.int32)
        values = pa.array(self._names, pa.string()).take(pa.array(brand))
        return {"brands": pa.ListArray.from_arrays(pa.array(offsets), values)}

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Reason]]:
        """Return the terms that were found in each text."""
        found = self._phrases.find(texts)
        return [_reason(texts, found.where(found.post == i)) for i in range(len(texts))]


def _reason(texts: TextBatch, found: Matches) -> list[Reason]:
    spans = zip(found.start, found.end, strict=True)
    terms = dict.fromkeys(texts.data[start:end].tobytes().decode() for start, end in spans)
    return [Reason("brands", tuple((term, 1.0) for term in terms))] if terms else []
