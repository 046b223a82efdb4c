"""What `gehoor switching` says of the market: size, shared buyers, who goes where; a brand nobody usual buys is 0."""

from typing import NamedTuple

import numpy as np

from gehoor.know.base import Floats, Ints
from gehoor.know.duplication import double_jeopardy, duplication, flows
from gehoor.know.switching import Purchases

__all__ = ["MarketSaid", "market_said"]


class MarketSaid(NamedTuple):
    """What the brands' sizes explain, and what not, as plain lists, by figure."""

    brands: dict[str, list[float]]
    duplication_factor: float
    duplication: dict[str, list[list[float]]]
    flows: dict[str, list[list[float]]]


def market_said(given: Purchases, n_brands: int) -> MarketSaid:
    """Return what is said of a market of so many brands, of which some may have no purchase here.

    Examples
    --------
    >>> said = market_said(Purchases(np.array([0, 0, 3]), np.array([0, 2, 2])), 3)
    >>> said.brands["penetration"], said.duplication["share"][1]
    ([0.5, 0.0, 1.0], [0.0, 0.0, 0.0])
    """
    people, who = np.unique(given.customer, return_inverse=True)
    bought = np.zeros((len(people), n_brands), np.int64)
    np.add.at(bought, (who, given.brand), 1)
    there = np.flatnonzero(bought.any(axis=0))
    factor, shared = duplication(bought[:, there])
    brands = double_jeopardy(bought[:, there])
    return MarketSaid(
        {name: _among(column, there, n_brands).tolist() for name, column in brands.items()},
        factor,
        {name: _among(_among(table, there, n_brands).T, there, n_brands).T.tolist() for name, table in shared.items()},
        {name: table.tolist() for name, table in flows(who, given.brand, n_brands).items()},
    )


def _among(some: Floats, there: Ints, n_brands: int) -> Floats:
    """Return rows at their places among all brands; the others are 0."""
    everywhere = np.zeros((n_brands, *some.shape[1:]))
    everywhere[there] = some
    return everywhere
