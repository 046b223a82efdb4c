"""The contract of this room: `Model`."""

from typing import Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Ints", "Model"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Given_contra = TypeVar("Given_contra", contravariant=True)
Told_co = TypeVar("Told_co", covariant=True)


class Model(Protocol[Given_contra, Told_co]):
    """Learns from what some customers did, and says of any customer what to expect.

    Settings are arguments of the constructor, each with a default that was chosen before any held-out part was looked
    at; what is learned stands in attributes that end in `_` (`params_`, and `errors_`, their standard errors). Pure:
    no file, no clock; chance comes from a seed. `checks` holds what each of them must pass.
    """

    def fit(self, given: Given_contra) -> Self:
        """Learn, and return itself; what was learned before is forgotten.

        Too little to learn from is no error: the model then leans on what is usual, and says so (`is_pooled_`). One
        that finds no best answer says so too (`has_converged_`).
        """
        ...

    def predict(self, given: Given_contra) -> Told_co:
        """Say what to expect of each row, in the order given; rows do not depend on each other.

        Raises
        ------
        ContractError
            It was not fitted.
        """
        ...
