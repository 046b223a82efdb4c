"""Small whole numbers in half a byte each, a step a row: a table of int8 in half its size."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["MOST", "Nibbles"]

MOST = 7
"""A nibble is -7 to 7, so that every row is symmetric around nought."""

_BOTTOM = 8  # what a nibble is stored with, so that it is 1 to 15
_WIDEST_STEP = 127 // MOST


@dataclass(frozen=True, slots=True, eq=False)
class Nibbles:
    """A matrix of int8 whose rows are multiples, -7 to 7, of a step of their own.

    Attributes
    ----------
    pairs : uint8, shape (n, d / 2)
        Column 2j in the low half of a byte, column 2j + 1 in the high half; each plus 8.
    step : uint8, shape (n,)
        1 to 18.
    """

    pairs: npt.NDArray[np.uint8]
    step: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, values: npt.NDArray[np.floating]) -> Self:
        """Round a matrix, shape (n, d), d even, to the nearest: its values are best between -127 and 127.

        Of a row's two or three likely steps the one is taken that is least wrong, squares summed.
        """
        top = np.abs(values).max(axis=1)
        best = np.zeros(values.shape, np.int8)
        step = np.ones(len(values), np.uint8)
        least = np.full(len(values), np.inf)
        for share in (1.0, 0.85, 0.7):  # a row's peak may be cut off where the rest gains by a finer step
            tried = np.clip(np.rint(top * share / MOST), 1, _WIDEST_STEP)
            rounded = np.clip(np.rint(values / tried[:, None]), -MOST, MOST)
            error = np.square(values - rounded * tried[:, None]).sum(axis=1)
            is_better = error < least
            best[is_better], step[is_better], least[is_better] = rounded[is_better], tried[is_better], error[is_better]
        stored = (best + _BOTTOM).astype(np.uint8)
        return cls(stored[:, ::2] | (stored[:, 1::2] << np.uint8(4)), step)

    def values(self) -> npt.NDArray[np.int8]:
        """Return the matrix, shape (n, d)."""
        wide = np.empty((len(self.pairs), 2 * self.pairs.shape[1]), np.int8)
        wide[:, ::2] = self.pairs & 15
        wide[:, 1::2] = self.pairs >> 4
        wide -= _BOTTOM
        wide *= self.step.astype(np.int8)[:, None]
        return wide
