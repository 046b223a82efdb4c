"""Three beliefs about silence, averaged: gone after an order, gone at any moment, only pausing."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from gehoor.know.mbgnbd import MBGNBD
from gehoor.know.outlook import Outlook
from gehoor.know.paretonbd import ParetoNBD
from gehoor.know.returning import Returning
from gehoor.know.rfm import Histories

__all__ = ["MEMBERS", "Committee", "averaged"]

MEMBERS = (MBGNBD, ParetoNBD, Returning)
"""Who sits in it; the last says who is alive."""


class Committee:
    """The average of MBG/NBD, Pareto/NBD and `Returning`, with equal weights.

    In the weeks that are known, silences are seen to end; whether longer ones do is a matter of belief, and the further
    one looks ahead, the more it matters. Averages of forecasts are hard to beat, and equal weights by any others [1]_.
    `p_alive` is that of `Returning`, in which silence is not death.

    Parameters
    ----------
    weeks : float
        How far ahead to look.

    Attributes
    ----------
    params_, errors_ : dict of str to float
        Those of each member, behind its name.
    has_converged_, is_pooled_ : bool
        Whether all of them have; whether any of them is.

    References
    ----------
    .. [1] R. T. Clemen, Combining forecasts: a review and annotated bibliography, International Journal of Forecasting
           5 (1989).
    """

    def __init__(self, weeks: float = 52.0) -> None:
        self.weeks = weeks
        self.has_converged_, self.is_pooled_ = False, False
        self.params_: dict[str, float] = {}
        self.errors_: dict[str, float] = {}
        self._members = tuple(kind(weeks) for kind in MEMBERS)

    def fit(self, given: Histories) -> Self:
        """Learn from customers; their order does not matter while they are few."""
        for member in self._members:
            member.fit(given)
        self.has_converged_ = all(member.has_converged_ for member in self._members)
        self.is_pooled_ = any(member.is_pooled_ for member in self._members)
        self.params_, self.errors_ = (
            {
                f"{type(member).__name__}.{name}": value
                for member in self._members
                for name, value in getattr(member, which).items()
            }
            for which in ("params_", "errors_")
        )
        return self

    def predict(self, given: Histories) -> Outlook:
        """Say what to expect of each customer in the weeks ahead; where the members disagree, intervals are wider."""
        return averaged([member.predict(given) for member in self._members])


def averaged(looks: Sequence[Outlook]) -> Outlook:
    """Return the outlook of the committee from those of its `MEMBERS`, in their order."""
    means = np.array([look.mean for look in looks])
    return Outlook(
        looks[-1].p_alive,
        looks[-1].p_alive_variance,
        np.mean([look.p_again for look in looks], axis=0),
        means.mean(axis=0),
        np.mean([look.variance for look in looks], axis=0) + means.var(axis=0),
    )
