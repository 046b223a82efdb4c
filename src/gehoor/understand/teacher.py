"""A slow teacher for few labels: what an encoder makes of the labels, told to a head by way of texts without labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.understand.examples import Examples

__all__ = ["Teacher"]

_STRENGTH = 10.0
_TRUST = 0.3  # what a text that the teacher labelled counts beside one that a person labelled
_LEAST_P = 0.5

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """Labels texts by their sentence vectors, from the labels that it is told.

    Attributes
    ----------
    label : int64, shape (n,)
        Of the texts that people labelled.
    vectors : float32, shape (n, d)
        The sentence vectors of these.
    asked : Examples
        m texts without labels.
    asked_vectors : float32, shape (m, d)

    References
    ----------
    .. [1] G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", arXiv:1503.02531, 2015.
    """

    label: I64
    vectors: F32
    asked: Examples
    asked_vectors: F32

    def lesson(self, told: I64) -> Examples:
        """Return the texts of which the teacher is sure, with its labels, when it is told some labels only.

        Parameters
        ----------
        told : int64
            Which of the n labels it may see: those that are held out stay held out.
        """
        from sklearn.linear_model import LogisticRegression

        middle = self.asked_vectors.mean(axis=0)  # e5's vectors lie all in one corner
        model: Any = LogisticRegression(C=_STRENGTH * len(middle), tol=1e-3, max_iter=400)
        model.fit(self.vectors[told] - middle, self.label[told])
        p = model.predict_proba(self.asked_vectors - middle)
        sure = np.flatnonzero(p.max(axis=1) >= _LEAST_P)
        label = model.classes_[p.argmax(axis=1)][sure].astype(np.int64)
        return self.asked.take(sure).with_labels(label, _TRUST * p.max(axis=1)[sure])
