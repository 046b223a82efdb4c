"""What a purchase model says of each customer, and the intervals that go with it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import betaincinv, gammaincinv
from scipy.stats import nbinom

from gehoor.know.base import Floats, Ints

__all__ = ["LEVEL", "Outlook"]

LEVEL = 0.9
"""How sure the intervals are."""

_LOW, _HIGH = (1 - LEVEL) / 2, (1 + LEVEL) / 2
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of each customer in the weeks ahead; each shape (n,).

    Attributes
    ----------
    p_alive : float64
        How probable it is that they are still customers.
    p_alive_variance : float64
        How far that may be off.
    p_again : float64
        How probable it is that they order at all in the weeks ahead.
    mean, variance : float64
        Of the number of days with an order in the weeks ahead.
    """

    p_alive: Floats
    p_alive_variance: Floats
    p_again: Floats
    mean: Floats
    variance: Floats

    def of(self, places: Ints) -> Self:
        """Return the outlook of some rows, in that order."""
        return type(self)(*(getattr(self, name)[places] for name in self.__dataclass_fields__))

    def alive_interval(self) -> tuple[Floats, Floats]:
        """Return between which bounds `p_alive` lies, nine times in ten: those of a beta of that mean and variance."""
        mean = np.clip(self.p_alive, _TINY, 1 - _TINY)
        room = mean * (1 - mean)
        size = room / np.clip(self.p_alive_variance, room * 1e-6, room * 0.999) - 1
        low, high = (betaincinv(mean * size, (1 - mean) * size, share) for share in (_LOW, _HIGH))
        return np.minimum(low, self.p_alive), np.maximum(high, self.p_alive)

    def purchases_interval(self) -> tuple[Floats, Floats]:
        """Return between which numbers the purchases will lie, nine times in ten, both included.

        A negative binomial with the mean and variance.
        """
        mean = np.maximum(self.mean, _TINY)
        spread = np.maximum(self.variance - mean, 1e-6 * mean)
        share = mean / (mean + spread)
        low, high = (nbinom.ppf(level, mean * share / (1 - share), share) for level in (_LOW, _HIGH))
        return np.asarray(low), np.asarray(high)

    def spend(self, amount: Floats, amount_variance: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what they will spend, and between which bounds nine times in ten.

        Parameters
        ----------
        amount, amount_variance : float64, shape (n,)
            Of one order of each customer.
        """
        mean = self.mean * amount
        variance = self.variance * amount**2 + (self.mean + self.variance + self.mean**2) * amount_variance
        shape = mean**2 / np.maximum(variance, _TINY)
        scale = np.divide(mean, shape, out=np.zeros_like(mean), where=shape > 0)
        low, high = (gammaincinv(np.maximum(shape, _TINY), level) * scale for level in (_LOW, _HIGH))
        low = np.where(self.p_again < 1 - _LOW, 0, low)
        return mean, np.minimum(low, mean), np.maximum(high, mean)
