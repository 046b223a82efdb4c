"""The finer series of a brand: its posts by channel, motive and need, each known by brand, dimension and value."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.warn.base import Floats, Ints

__all__ = ["DIMENSIONS", "MOST", "Finer"]

DIMENSIONS = ("channel", "motive", "need")
"""Columns of a row whose values are series of their own: with all needs at most forty a brand."""

_TELLS_NOTHING = ("need", "general")

MOST = 5_000
"""Series there may be; what would come after them is not followed, and counted in `n_refused`."""


class Finer:
    """Gives each (brand, dimension, value) a row, in the order in which they were met.

    Examples
    --------
    >>> finer = Finer()
    >>> rows = pa.record_batch({"channel": ["mail", "shop"], "motive": [None, "price"], "need": ["general", "refund"]})
    >>> finer.rows_of(rows, np.array([0, 1]), np.array([0, 0])).tolist(), finer.keys
    ([[0, 1], [-1, 2], [-1, 3]], [(0, 0, 'mail'), (0, 0, 'shop'), (0, 1, 'price'), (0, 2, 'refund')])
    """

    def __init__(self) -> None:
        self.keys: list[tuple[int, int, str]] = []
        self.n_refused = 0
        self._row: dict[tuple[int, int, str], int] = {}

    @classmethod
    def of(cls, keys: list[tuple[int, int, str]]) -> "Finer":
        """Return one that knows keys already."""
        fresh = cls()
        for key in keys:
            fresh._of(key)
        return fresh

    def _of(self, key: tuple[int, int, str]) -> int:
        row = self._row.get(key)
        if row is None:
            if len(self.keys) >= MOST:
                self.n_refused += 1
                return -1
            row = self._row[key] = len(self.keys)
            self.keys.append(key)
        return row

    def rows_of(self, rows: pa.RecordBatch, row: Ints, brand: Ints) -> Ints:
        """Return the series of each (row, brand) pair, shape (len(DIMENSIONS), pairs); -1: none."""
        found = [self._of_dimension(place, rows.column(name), row, brand) for place, name in enumerate(DIMENSIONS)]
        return np.stack(found)

    def _of_dimension(self, place: int, column: pa.Array, row: Ints, brand: Ints) -> Ints:
        encoded = column.dictionary_encode()
        told = encoded.dictionary.to_pylist()
        values = [*(None if (DIMENSIONS[place], value) == _TELLS_NOTHING else value for value in told), None]
        code = pc.fill_null(encoded.indices, len(values) - 1).to_numpy(zero_copy_only=False)[row].astype(np.int64)
        pairs, inverse = np.unique(brand * len(values) + code, return_inverse=True)
        known = [
            -1
            if values[pair % len(values)] is None
            else self._of((pair // len(values), place, values[pair % len(values)]))
            for pair in pairs.tolist()
        ]
        return np.array(known, np.int64)[inverse]

    def place_of(self, brand: int, dimension: str, value: str) -> int:
        """Return the row of a series; -1: it was never met."""
        return self._row.get((brand, DIMENSIONS.index(dimension), value), -1)

    def alike(self, n: int) -> Ints:
        """Return for the series from the `n`th on which older series of the same brand it may resemble, or -1."""
        first: dict[int, int] = {}
        for place, (brand, _, _) in enumerate(self.keys[:n]):
            first.setdefault(brand, place)
        return np.array([first.get(brand, -1) for brand, _, _ in self.keys[n:]], np.int64)

    def counts(self, series: Ints) -> Floats:
        """Count pairs by series, shape (len(keys),)."""
        flat = series[series >= 0]
        return np.bincount(flat, minlength=len(self.keys)).astype(np.float64)
