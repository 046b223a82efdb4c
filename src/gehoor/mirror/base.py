"""The contract of this room: `Measure`, and what it gives."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Bools", "Direction", "Floats", "Measure", "Reading"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Direction = Literal["up", "down", "neither"]
"""Which way is good for the organisation."""


@dataclass(frozen=True)
class Reading:
    """What a measure says of a day: the value lies between `low` and `high` (both in `unit`) in 90 of 100 cases.

    `value` is NaN, with an interval of NaN, when nothing could be measured: no reading is not a reading of nought.
    """

    value: float
    low: float
    high: float
    unit: str
    direction: Direction


Given_contra = TypeVar("Given_contra", contravariant=True)


class Measure(Protocol[Given_contra]):
    """Says one figure of a day, with how sure it is. Pure: the same day gives the same reading, to the last digit.

    `checks` holds what each of them must pass.
    """

    @property
    def name(self) -> str:
        """What it is called in the registry and on pages."""
        ...

    def measure(self, day: Given_contra) -> Reading:
        """Read a day. Too little to measure is no error: the reading is NaN then."""
        ...
