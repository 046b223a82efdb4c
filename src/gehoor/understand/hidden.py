"""A small hidden layer over the vector of a text, in integers like the rest of a head."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import ContractError

__all__ = ["UNITS", "Hidden"]

UNITS = 128
"""How many units it has: the sums of so many products of 127 and 255 are exact in float32."""

_MOST, _MOST_OUT = 255, 127  # a weight; a unit

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """D dimensions to h units, which are nought or more, to c logits.

    Units are `clip(round(vector @ inner * slope + start), 0, 127)`, logits `units @ outer * scale`: all sums are of
    whole numbers, so that a text has the same logits in any batch and on any machine.

    Attributes
    ----------
    inner : int16, shape (D, h)
    slope, start : float64, shape (h,)
    outer : int16, shape (h, c)
    scale : float64, shape (c,)
    """

    inner: npt.NDArray[np.int16]
    slope: F64
    start: F64
    outer: npt.NDArray[np.int16]
    scale: F64

    def __post_init__(self) -> None:
        h, c = self.slope.size, self.scale.size
        fits = self.inner.shape[1:] == self.slope.shape == self.start.shape == (h,) and self.outer.shape == (h, c)
        types = [str(part.dtype) for part in (self.inner, self.outer, self.slope, self.start, self.scale)]
        if not fits or types != ["int16", "int16", "float64", "float64", "float64"]:
            raise ContractError("The arrays of the hidden layer do not fit each other.")
        most = max(int(np.abs(part.astype(np.int32)).max(initial=0)) for part in (self.inner, self.outer))
        if (
            h > UNITS
            or most > _MOST
            or not all(np.isfinite(part).all() for part in (self.slope, self.start, self.scale))
        ):
            raise ContractError("The hidden layer is too wide, or holds what is no weight.")

    @classmethod
    def of(cls, layers: tuple[F64, F64], start: F64, vectors: npt.NDArray[np.int8]) -> Self:
        """Return fitted weights as whole numbers.

        Parameters
        ----------
        layers : float, shapes (D, h) and (h, c)
            Over whole vectors, and over units.
        start : float, shape (h,)
        vectors : int8, shape (n, D)
            Texts that show how large units become.
        """
        inner, step = _whole(layers[0])
        found = np.maximum(vectors.astype(np.float64) @ layers[0] + start, 0.0).max(axis=0, initial=0.0)
        unit = _MOST_OUT / np.where(found > 0, found, 1.0)
        outer, scale = _whole(layers[1] / unit[:, None])
        return cls(inner, step * unit, start * unit, outer, scale)

    def logits(self, vectors: npt.NDArray[np.int8]) -> F64:
        """Return the logits of n vectors, shape (n, c)."""
        sums: F32 = vectors.astype(np.float32) @ self.inner.astype(np.float32)
        units = np.rint(sums * self.slope + self.start).clip(0, _MOST_OUT).astype(np.float32)
        logits: F64 = (units @ self.outer.astype(np.float32)) * self.scale
        return logits

    def times(self, amount: float) -> "Hidden":
        """Return the same with so many times the logits."""
        return Hidden(self.inner, self.slope, self.start, self.outer, self.scale * amount)


def _whole(weights: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int16], F64]:
    """Return each column in whole numbers, and what one step of it is worth."""
    scale = np.abs(weights).max(axis=0, initial=0.0).astype(np.float64) / _MOST
    scale[scale == 0] = 1.0
    return np.rint(weights / scale).astype(np.int16), scale
