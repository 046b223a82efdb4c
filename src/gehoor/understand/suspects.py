"""Labels that may be wrong: where a model that never saw them is sure of something else."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Suspect", "suspects"]

_SURE = 0.5

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class Suspect(NamedTuple):
    """An example whose label may be wrong: its place, what the model would say, and how sure both are."""

    place: int
    given: int
    p_given: float
    p_label: float


def suspects(p: F64, label: I64, most: int = 20) -> list[Suspect]:
    """Return the examples that disagree most with what was said of them while they were held out.

    Parameters
    ----------
    p : float64, shape (n, c)
        Held-out probabilities.
    label : int64, shape (n,)

    References
    ----------
    .. [1] C. Northcutt, L. Jiang and I. Chuang, "Confident learning", JAIR 70, 2021: label errors show themselves
       where held-out probabilities are sure of another class.

    Examples
    --------
    >>> suspects(np.array([[0.9, 0.1], [0.2, 0.8], [0.45, 0.55]]), np.array([1, 1, 0]))
    [Suspect(place=0, given=0, p_given=0.9, p_label=0.1), Suspect(place=2, given=1, p_given=0.55, p_label=0.45)]
    """
    picked = np.arange(len(label))
    given = p.argmax(axis=1)
    own, other = p[picked, label], p[picked, given]
    is_suspect = (given != label) & (other >= _SURE)
    order = np.argsort(own - other, kind="stable")
    found = [int(place) for place in order if is_suspect[place]][:most]
    return [
        Suspect(place, int(given[place]), round(float(other[place]), 3), round(float(own[place]), 3)) for place in found
    ]
