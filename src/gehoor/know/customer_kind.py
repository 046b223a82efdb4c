"""Which kind of customer somebody is, in the words that marketers use: from quintiles of recency, frequency, money."""

import numpy as np

from gehoor.know.base import Floats, Ints
from gehoor.know.rfm import quintiles

__all__ = ["CUSTOMER_KINDS", "customer_kinds"]

CUSTOMER_KINDS = ("champion", "loyal", "new", "promising", "cannot_lose", "at_risk", "asleep", "lost")
"""Best first."""


def customer_kinds(silence_days: Ints, order_days: Ints, spend: Floats) -> tuple[list[str], Ints, Ints, Ints]:
    """Return the kind of each customer, and the fifth that each is in by recency, frequency and money (5 is best).

    Recent and often and much is `champion`; often once and silent since is `cannot_lose`; one order lately is `new`.

    Parameters
    ----------
    silence_days, order_days : int64, shape (n,)
        Since the last order; with an order.
    spend : float64, shape (n,)
        In all.

    Examples
    --------
    >>> kinds, *_ = customer_kinds(np.array([1, 2, 30, 60, 90]), np.array([9, 1, 4, 8, 1]),
    ...                            np.array([900.0, 20.0, 300.0, 800.0, 10.0]))
    >>> kinds
    ['champion', 'new', 'loyal', 'cannot_lose', 'lost']
    """
    recent = quintiles(-silence_days.astype(np.float64))
    often, much = quintiles(order_days.astype(np.float64)), quintiles(spend)
    weight = (often + much) / 2
    conditions = [
        (recent >= 4) & (weight >= 4),
        (recent >= 4) & (order_days == 1),
        (recent >= 3) & (weight >= 3),
        recent >= 3,
        weight >= 4,
        (weight >= 3),
        recent == 2,
    ]
    names = ["champion", "new", "loyal", "promising", "cannot_lose", "at_risk", "asleep"]
    return np.select(conditions, names, "lost").tolist(), recent, often, much
