"""How a market with loyal and less loyal buyers looks when nothing is the matter: the NBD-Dirichlet."""

from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from scipy.special import hyp2f1

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats

__all__ = ["Market", "NbdDirichlet"]

_LEAST, _MOST = 1e-4, 30.0


class Market(NamedTuple):
    """What is known of a category in one period: four plain figures, no persons."""

    penetration: float
    """Which share of all people bought the category at all; above 0, below 1."""
    buying_rate: float
    """How often those who bought it did, on average; above 1."""
    shares: Floats
    """Shape (n_brands,): which part of all purchases each brand had; they need not add up to 1."""
    penetrations: Floats
    """Shape (n_brands,): which share of all people bought each brand."""


class NbdDirichlet:
    """Says of each brand what its size alone explains, so that only the rest is news.

    How often people buy is negative binomial (mean M, shape K), which brand they choose Dirichlet (S): a large S where
    all buyers choose alike, a small one where each has a brand of their own. Small brands then have fewer buyers, who
    also buy them a little less often: double jeopardy.

    Attributes
    ----------
    params_ : dict
        `M`, `K`, `S`: by the mean and the buyers of the category; and by the buyers of each brand, averaged by share
        without those whose S lies above the notch of the median (brands that are loved beyond their size).

    Notes
    -----
    Expectations over all n are closed forms in Gauss's hypergeometric function, no sums that end somewhere.
    Source: Goodhardt, Ehrenberg and Chatfield (1984), The Dirichlet: a comprehensive model of buying behaviour; the
    notch: McGill, Tukey and Larsen (1978).

    Examples
    --------
    >>> shares, bought = [0.25, 0.19, 0.1, 0.1, 0.09, 0.08, 0.03, 0.02], [0.2, 0.17, 0.09, 0.08, 0.08, 0.07, 0.03, 0.02]
    >>> toothpaste = Market(0.56, 2.6, np.array(shares), np.array(bought))
    >>> {name: round(value, 2) for name, value in NbdDirichlet().fit(toothpaste).params_.items()}
    {'M': 1.46, 'K': 0.78, 'S': 1.3}
    """

    def fit(self, given: Market) -> Self:
        """Find M, K and S.

        Raises
        ------
        ContractError
            The figures are those of no market: a share that is none, more buyers of a brand than of the category.
        """
        _check(given)
        mean = given.penetration * given.buying_rate
        shape = _shape(mean, 1 - given.penetration)
        self.params_ = {"M": mean, "K": shape, "S": float("nan")}
        each = np.array(
            [_strength(mean, shape, *one) for one in zip(given.shares, given.penetrations, strict=True) if one[0] < 1]
        )
        shares = given.shares[given.shares < 1]
        usual = each <= _notch(each) if len(each) else np.zeros(0, np.bool_)
        if usual.any():
            self.params_["S"] = float(np.average(each[usual], weights=shares[usual]))
        self.shares_ = given.shares
        return self

    def predict(self, given: Floats, periods: float = 1.0) -> dict[str, Floats]:
        """Say what to expect of brands of these sizes; a column a figure.

        Parameters
        ----------
        given : ndarray, shape (n,)
            Shares of purchases, above 0, at most 1.
        periods : float
            How long a time: 2 is twice as long as the period that was fitted.

        Returns
        -------
        dict of ndarray, each of shape (n,)
            `penetration` (of all people), `buying_rate` (purchases of the brand a buyer), `category_rate` (purchases
            of anything, a buyer of the brand), `share_of_requirements`, `sole_buyers` (which share of its buyers buys
            nothing else), `repeat` (which share of its buyers buys it in the next such period).

        Raises
        ------
        ContractError
            It was not fitted.
        """
        mean, shape, strength = self._params(periods)
        alpha = strength * given
        none = hyp2f1(shape, alpha, strength, -mean / shape)
        bought = 1 - none
        elsewhere = (1 - given) * mean * hyp2f1(shape + 1, alpha, strength + 1, -mean / shape)
        only = hyp2f1(shape, strength - alpha, strength, -mean / shape) - (1 + mean / shape) ** -shape
        never = hyp2f1(shape, alpha, strength, -2 * mean / shape)
        rate, category = mean * given / bought, (mean - elsewhere) / bought
        return {
            "penetration": bought,
            "buying_rate": rate,
            "category_rate": category,
            "share_of_requirements": rate / category,
            "sole_buyers": only / bought,
            "repeat": (1 - 2 * none + never) / bought,
        }

    def duplication(self, given: Floats) -> Floats:
        """Return which share of the buyers of brand i (row) also buys brand j (column); 1 on the diagonal.

        Parameters
        ----------
        given : ndarray, shape (n,)
            Shares of purchases; two of them at most 1 together.

        Raises
        ------
        ContractError
            It was not fitted.
        """
        mean, shape, strength = self._params(1.0)
        bought = 1 - hyp2f1(shape, strength * given, strength, -mean / shape)
        either = 1 - hyp2f1(shape, strength * (given[:, None] + given[None, :]), strength, -mean / shape)
        both = (bought[:, None] + bought[None, :] - either) / bought[:, None]
        np.fill_diagonal(both, 1.0)
        return np.asarray(both)

    def _params(self, periods: float) -> tuple[float, float, float]:
        if not hasattr(self, "params_"):
            raise ContractError("NbdDirichlet predicts before it is fitted.")
        return self.params_["M"] * periods, self.params_["K"], self.params_["S"]


def _check(given: Market) -> None:
    if not (0 < given.penetration < 1 and given.buying_rate > 1):
        raise ContractError(
            f"A penetration between 0 and 1 and a buying rate above 1 are needed, not {given.penetration:g} and "
            f"{given.buying_rate:g}."
        )
    is_share = (given.shares > 0) & (given.shares <= 1)
    if not (is_share.all() and given.shares.sum() <= 1 + 1e-6):
        raise ContractError("Shares of purchases lie above 0, and add up to 1 at most.")
    if not ((given.penetrations > 0) & (given.penetrations <= given.penetration)).all():
        raise ContractError("Each brand has buyers, and no more than the category.")


def _shape(mean: float, nobody: float) -> float:
    """Return K such that the share of people without a purchase is right."""

    def off(shape: float) -> float:
        return float(-shape * np.log1p(mean / shape) - np.log(nobody))

    if off(_MOST) > 0:
        return _MOST
    return _zero(off) if off(_LEAST) > 0 else _LEAST


def _strength(mean: float, shape: float, share: float, bought: float) -> float:
    """Return S such that a brand of this share has this many buyers."""

    def off(strength: float) -> float:
        return float(1 - hyp2f1(shape, strength * share, strength, -mean / shape) - bought)

    if off(_MOST) < 0:
        return _MOST
    return _zero(off) if off(_LEAST) < 0 else _LEAST


def _zero(off: Callable[[float], float]) -> float:
    from scipy.optimize import brentq  # 0.2 s, and every start of gehoor loads this module

    return float(brentq(off, _LEAST, _MOST))


def _notch(values: Floats) -> float:
    """Return the upper end of the notch: where the median of other values would still lie, 19 times in 20."""
    ordered = np.sort(values)
    half = (len(ordered) + 1) // 2
    spread = np.median(ordered[-half:]) - np.median(ordered[:half])
    return float(np.median(ordered) + 1.58 * spread / np.sqrt(len(ordered)))
