"""A change of a ratio, split exactly: what changed inside the cells, and what changed between them.

A share of answered messages may rise while it falls in every channel, because more came in where it is high (Simpson).
Kitagawa, E. M. (1955). Components of a difference between two rates. JASA 50, 1168-1194.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import ContractError

__all__ = ["RateMix", "split_change"]

Numbers = npt.NDArray[Any]
"""Floats, or objects that divide exactly (`fractions.Fraction`)."""


@dataclass(frozen=True)
class RateMix:
    """What each cell adds to the change of a ratio; `rate.sum() + mix.sum()` is the change.

    Attributes
    ----------
    rate : array, shape (n_cells,)
        Because the ratio changed in the cell.
    mix : array, shape (n_cells,)
        Because the cell became a larger or smaller part of all.
    """

    rate: Numbers
    mix: Numbers


def split_change(then: tuple[Numbers, Numbers], now: tuple[Numbers, Numbers]) -> RateMix:
    """Split the change of sum(parts) / sum(wholes) by cell.

    A cell that was empty then, or is now, changed the mix only: its ratio is taken to be what it is when there is one.

    Parameters
    ----------
    then, now : tuple of two arrays, shape (n_cells,)
        Parts and wholes of each cell.

    Raises
    ------
    ContractError
        One of the two times has nothing at all.

    Examples
    --------
    >>> then, now = (np.array([8.0, 1.0]), np.array([10.0, 10.0])), (np.array([4.0, 3.0]), np.array([5.0, 30.0]))
    >>> found = split_change(then, now)
    >>> [round(float(value), 3) for value in (found.rate.sum(), found.mix.sum())]
    [0.0, -0.25]
    """
    (parts_then, wholes_then), (parts_now, wholes_now) = then, now
    all_then, all_now = wholes_then.sum(), wholes_now.sum()
    if not all_then or not all_now:
        raise ContractError("A change of a ratio needs something to divide by at both times.")
    rate_then = _ratio(parts_then, wholes_then)
    rate_now = _ratio(parts_now, wholes_now)
    rate_then = np.where(wholes_then == 0, rate_now, rate_then)
    rate_now = np.where(wholes_now == 0, rate_then, rate_now)
    share_then, share_now = wholes_then / all_then, wholes_now / all_now
    middle = (parts_then.sum() / all_then + parts_now.sum() / all_now) / 2
    rate = (share_then + share_now) / 2 * (rate_now - rate_then)
    mix = (share_now - share_then) * ((rate_then + rate_now) / 2 - middle)
    return RateMix(rate, mix)


def _ratio(parts: Numbers, wholes: Numbers) -> Numbers:
    """Return parts of wholes, 0 where there is no whole."""
    return np.asarray(parts / np.where(wholes == 0, wholes + 1, wholes) * (wholes != 0))
