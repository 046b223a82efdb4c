"""Which of our brands a post names."""

import numpy as np
import pyarrow as pa

from gehoor.core.query import Or, Query, Term, parse
from gehoor.core.settings import Brand as Wanted
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.base import Reason
from gehoor.understand.queries import Queries

__all__ = ["Brand"]


class Brand:
    """Finds the brands of `gehoor.toml` by what people call them (`terms`), or by a `query`, or by either.

    Terms count as whole words, whatever their case; a handle or tag that equals a term counts. Cost: 1-2 µs a post at
    2,000 terms, 4-5 at 200 queries of 10,000. Blind to: what else a term may mean (shell and Shell), misspellings.

    Examples
    --------
    >>> brand = Brand(Settings(brands={
    ...     "acme": Wanted(terms=("Acme", "Acme Nova")),
    ...     "shell": Wanted(query="shell NEAR/5 benzine"),
    ... }))
    >>> texts = TextBatch.of(pa.array(["@acme: benzine van Shell", "a shell", None]))
    >>> brand.annotate(texts, {})["brands"].to_pylist()
    [['acme', 'shell'], [], []]
    """

    name = "brand"
    columns: tuple[str, ...] = ("brands",)

    def __init__(self, settings: Settings) -> None:
        self._queries = Queries({name: _query_of(brand) for name, brand in settings.brands.items()})

    def annotate(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return `brands`: the names of the brands in each text, sorted, each once; an empty list when none."""
        post, brand = self._queries.match(texts, known)
        offsets = np.searchsorted(post, np.arange(len(texts) + 1)).astype(np.int32)
        values = pa.array(self._queries.names, pa.string()).take(pa.array(brand))
        return {"brands": pa.ListArray.from_arrays(pa.array(offsets), values)}

    def explain(self, texts: TextBatch, known: dict[str, pa.Array]) -> list[list[Reason]]:
        """Return the terms for which each text is about its brands."""
        found = self._queries.explain(texts, known)
        return [[Reason("brands", tuple((term, 1.0) for term in terms))] if terms else [] for terms in found]


def _query_of(brand: Wanted) -> Query:
    """Return what makes a post one about a brand; terms are words as they are, signs and all."""
    alternatives: list[Query] = [Term(term) for term in brand.terms]
    if brand.query is not None:
        alternatives.append(parse(brand.query))
    return Or(tuple(alternatives))
