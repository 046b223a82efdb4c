"""What was given for what: the confusion table of a classifier and the figures that come from it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["Confusion", "interval_of"]

_RESAMPLES = 500
_LOW, _HIGH = 2.5, 97.5

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """How often each class was given for each.

    Attributes
    ----------
    counts : int64, shape (c, c)
        `counts[true, given]`.

    Examples
    --------
    >>> confusion = Confusion.of(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    >>> confusion.accuracy, round(confusion.macro_f1, 3)
    (0.75, 0.733)
    """

    counts: I64

    @classmethod
    def of(cls, label: I64, given: I64, n_classes: int) -> Self:
        """Count pairs of labels, each shape (n,)."""
        pairs = np.bincount(label * n_classes + given, minlength=n_classes * n_classes)
        return cls(pairs.reshape(n_classes, n_classes))

    @property
    def accuracy(self) -> float:
        """Return the share of right answers."""
        return float(np.trace(self.counts) / max(1, self.counts.sum()))

    @property
    def recall(self) -> F64:
        """Return of each class how much was found, shape (c,); 0 where there is none of it."""
        return _ratio(np.diag(self.counts), self.counts.sum(axis=1))

    @property
    def precision(self) -> F64:
        """Return of each class how often it was right when given, shape (c,)."""
        return _ratio(np.diag(self.counts), self.counts.sum(axis=0))

    @property
    def f1(self) -> F64:
        """Return the harmonic mean of recall and precision, shape (c,)."""
        return _ratio(2 * np.diag(self.counts), self.counts.sum(axis=0) + self.counts.sum(axis=1))

    @property
    def macro_f1(self) -> float:
        """Return the mean F1 of the classes that there are."""
        is_there = self.counts.sum(axis=1) > 0
        return float(self.f1[is_there].mean()) if is_there.any() else 0.0

    def mistaken_for(self, true: int) -> tuple[int, int] | None:
        """Return the class that is most often given for another, and how often; None where there was no mistake."""
        row = self.counts[true].copy()
        row[true] = 0
        given = int(row.argmax())
        return (given, int(row[given])) if row[given] else None


def interval_of(label: I64, given: I64, n_classes: int, measure: str, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of a measure (an attribute of `Confusion`): bootstrap over the texts, 500 times."""
    generator = np.random.default_rng(seed)
    pairs = label * n_classes + given
    values = []
    for _ in range(_RESAMPLES):
        picked = pairs[generator.integers(0, len(pairs), len(pairs))]
        counts = np.bincount(picked, minlength=n_classes * n_classes).reshape(n_classes, n_classes)
        values.append(getattr(Confusion(counts), measure))
    low, high = np.percentile(values, [_LOW, _HIGH])
    return round(float(low), 4), round(float(high), 4)


def _ratio(part: I64, whole: I64) -> F64:
    return np.asarray(part / np.maximum(whole, 1), np.float64)
