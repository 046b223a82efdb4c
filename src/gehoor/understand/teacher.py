"""A slow teacher for few labels: what an encoder makes of the labels, told to a head by way of texts without labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.understand.examples import Examples
from gehoor.understand.unconverged import unconverged

__all__ = ["Teacher"]

_STRENGTH = 0.1
_TRUST = 0.3  # what a text that the teacher labelled counts beside one that a person labelled
_SUREST = 2.0 / 3.0  # of the texts; what the rest is, the teacher can hardly tell itself

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
        """Return the texts of which the teacher is surest, with its labels, when it is told some labels only.

        Parameters
        ----------
        told : int64
            Which of the n labels it may see: those that are held out stay held out.
        """
        from sklearn.linear_model import LogisticRegression

        middle = self.asked_vectors.mean(axis=0)  # e5's vectors lie all in one corner
        spread = float(np.sqrt(np.square(self.asked_vectors - middle).mean())) or 1.0
        model: Any = LogisticRegression(C=_STRENGTH, tol=1e-3, max_iter=400)
        with unconverged():
            model.fit((self.vectors[told] - middle) / spread, self.label[told])
        p = model.predict_proba((self.asked_vectors - middle) / spread)
        sure = np.sort(np.argsort(-p.max(axis=1), kind="stable")[: round(_SUREST * len(p))])
        label = model.classes_[p.argmax(axis=1)][sure].astype(np.int64)
        return self.asked.take(sure).with_labels(label, np.full(len(sure), _TRUST))
