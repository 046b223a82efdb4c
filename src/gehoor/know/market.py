"""A market of brands as people's orders show it: what size explains, who shares buyers, who moved where."""

from collections import Counter
from typing import Any

import numpy as np

from gehoor.know.base import Floats, Ints
from gehoor.know.duplication import NEWS_Z, double_jeopardy, duplication
from gehoor.know.wallet import ShareOfWallet

__all__ = ["market_figures", "moves"]

_STEPS = 24


def market_figures(bought: Ints) -> dict[str, Any]:
    """Return the columns of `core.loyalty.Market` that compare brands.

    Parameters
    ----------
    bought : ndarray, shape (n_people, n_brands)
        How often each person bought each brand; each has a purchase.

    Examples
    --------
    >>> found = market_figures(np.array([[3, 0], [0, 2], [4, 1], [1, 0]] * 20))
    >>> found["penetration"], len(found["band"])
    ([0.75, 0.5], 24)
    """
    table, (_, shared) = double_jeopardy(bought), duplication(bought)
    return {
        "penetration": table["penetration"].tolist(),
        "buying_rate": table["buying_rate"].tolist(),
        "expected_rate": table["buying_rate_expected"].tolist(),
        "sole_buyers": table["sole_buyers"].tolist(),
        "expected_sole": table["sole_buyers_expected"].tolist(),
        "z": table["z"].tolist(),
        "band": _band(bought, table["share"]),
        "shared": shared["share"].tolist(),
        "shared_z": shared["z"].tolist(),
    }


def _band(bought: Ints, shares: Floats) -> list[tuple[float, float, float]]:
    """Return for sizes from the smallest to the largest brand what lies within `NEWS_Z` standard deviations."""
    wallet, totals = ShareOfWallet().fit(bought), bought.sum(axis=1)
    wallet.shares_ = np.geomspace(shares.min() * 0.8, min(0.98, shares.max() * 1.1), _STEPS)
    (mean, variance), sales = wallet.buyers(totals)[0].T, wallet.shares_ * totals.sum()
    reach = NEWS_Z * np.sqrt(np.maximum(variance, 0))
    low, high = sales / np.minimum(mean + reach, len(bought)), sales / np.maximum(mean - reach, 1)
    most = bought.max(axis=0).max()  # nobody buys more often than that
    rows = zip(mean / len(bought), np.maximum(low, 1), np.minimum(high, most), strict=True)
    return [(float(x), float(bottom), float(top)) for x, bottom, top in rows]


def moves(customer: Ints, brand: Ints, is_late: np.typing.NDArray[np.bool_], n_brands: int) -> Counter[tuple[int, int]]:
    """Count people by the brand that they bought most in the first half and in the second; -1 where they bought none.

    Parameters
    ----------
    customer, brand : ndarray, shape (n,)
        Orders in the order of time; numbers from 0.

    Examples
    --------
    >>> sorted(moves(np.array([0, 0, 1, 2]), np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1], bool), 2).items())
    [((-1, 1), 1), ((0, -1), 1), ((0, 1), 1)]
    """
    n = int(customer.max(initial=-1)) + 1
    halves = [_most(customer[mask], brand[mask], n, n_brands) for mask in (~is_late, is_late)]
    return Counter(zip(*(half.tolist() for half in halves), strict=True))


def _most(customer: Ints, brand: Ints, n: int, n_brands: int) -> Ints:
    """Return the brand each bought most, of equals the last; -1 for who bought nothing."""
    score = 2 * np.bincount(customer * n_brands + brand, minlength=n * n_brands).reshape(n, n_brands)
    last = np.full(n, -1, np.int64)
    last[customer] = brand
    bought = last >= 0
    score[np.flatnonzero(bought), last[bought]] += 1
    return np.where(bought, score.argmax(axis=1), -1)
