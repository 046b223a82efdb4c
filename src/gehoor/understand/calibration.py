"""Whether probabilities are what they say, and from which one on an answer is right often enough."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["Reliability", "least_p_for"]

_BINS = 10

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """How often answers of about the same probability were right.

    Attributes
    ----------
    n : int64, shape (10,)
        How many answers had a probability of 0 to 0.1, 0.1 to 0.2 ...
    p : float64, shape (10,)
        Their mean probability; 0 where there are none.
    accuracy : float64, shape (10,)
        How often they were right.
    error : float
        Expected calibration error: how far both are apart on average (Guo et al. 2017).

    Examples
    --------
    >>> reliability = Reliability.of(np.array([0.9, 0.9, 0.55, 0.55]), np.array([True, True, True, False]))
    >>> round(reliability.error, 3), reliability.n[5:].tolist()
    (0.075, [2, 0, 0, 0, 2])
    """

    n: npt.NDArray[np.int64]
    p: F64
    accuracy: F64
    error: float

    @classmethod
    def of(cls, p: F64, is_right: Mask) -> Self:
        """Put answers into ten bins by their probability."""
        bins = np.minimum((p * _BINS).astype(np.int64), _BINS - 1)
        n = np.bincount(bins, minlength=_BINS)
        mean_p = np.bincount(bins, p, _BINS) / np.maximum(n, 1)
        accuracy = np.bincount(bins, is_right.astype(np.float64), _BINS) / np.maximum(n, 1)
        error = float((n * np.abs(mean_p - accuracy)).sum() / max(1, len(p)))
        return cls(n, mean_p, accuracy, error)


def least_p_for(p: F64, is_right: Mask, accuracy: float) -> float | None:
    """Return the least probability from which on answers are right as often as is asked; None where none are.

    Examples
    --------
    >>> least_p_for(np.array([0.9, 0.8, 0.6, 0.5]), np.array([True, True, False, True]), 0.9)
    0.8
    """
    order = np.argsort(-p, kind="stable")
    share = np.cumsum(is_right[order]) / np.arange(1, len(p) + 1)
    is_last = np.append(p[order][1:] < p[order][:-1], True)[: len(p)]  # of equal ones all are answered, or none
    fits = np.flatnonzero((share >= accuracy) & is_last)
    return round(float(p[order][fits[-1]]), 4) if len(fits) else None
