"""Which brand somebody buys next, foretold before it is seen: one pass, no settings."""

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats, Ints

__all__ = ["Purchases", "Switching"]

Mask = npt.NDArray[np.bool_]

_DECAYS: Floats = np.array([1.0, 0.9, 0.75, 0.5])[:, None, None]
_STRENGTHS: Floats = np.array([0.4, 0.8, 1.6, 3.2, 6.4])[None, :, None]
_BEGIN: Floats = np.array([0.95, 0.05, 0.15, 0.1])
_DOUBT = 0.05
_FEW = 0.5
_SMOOTH = 2.0
_SAFE = 0.005
_LOWEST = -30.0


class Purchases(NamedTuple):
    """Purchases in the order in which they were made."""

    customer: Ints
    """Shape (n,): numbers from 0."""
    brand: Ints
    """Shape (n,): numbers from 0."""


class _Customer:
    """What is remembered of one customer."""

    def __init__(self, n_brands: int) -> None:
        self.decayed = np.zeros((len(_DECAYS), 1, n_brands))
        self.counts = np.zeros(n_brands)
        self.last = -1


class Switching:
    """Foretells the next brand of each customer from what they and the others bought before.

    Twenty Dirichlet posteriors (how fast habits fade x how much of all others' choice counts in each) are averaged
    by how well each foretold what came so far; whose choice is not theirs alone (a first purchase, a new brand) counts
    for the choice of all, as in a hierarchical Dirichlet process. Four opinions are then mixed by weights that are
    learned as it goes: that average; how popular each brand is; what buyers of the same brands buy beside them; and
    what they bought last. The weights follow from second-order online learning of a conditional logit.

    Parameters
    ----------
    n_brands : int
        How many there are.

    Attributes
    ----------
    foretold_ : ndarray, shape (n, n_brands)
        The probabilities for each purchase that `fit` was given, made before it was seen.
    weights_ : dict
        How much each opinion counts by now.
    fade_ : float
        What a purchase still counts when the next one is made, on average: 1 is a habit for life.
    strength_ : float
        How many purchases of their own weigh as much as all others' choice: large where customers are alike.

    Notes
    -----
    What it begins with was fixed on eight kinds of simulated panels; no public panel was used. Cost: 70 us a purchase.
    Memory: 40 bytes a customer and brand. It knows no prices, and no purchases elsewhere.
    Source: Teh and others (2006), Hierarchical Dirichlet Processes; Genest and Zidek (1986), logarithmic pooling;
    McFadden (1974), conditional logit.

    Examples
    --------
    >>> bought = Purchases(np.array([0, 0, 1, 0, 1]), np.array([0, 0, 1, 0, 1]))
    >>> model = Switching(n_brands=2).fit(bought)
    >>> model.predict(np.array([0, 1])).argmax(axis=1)
    array([0, 1])
    """

    def __init__(self, n_brands: int) -> None:
        self.n_brands = n_brands

    def fit(self, given: Purchases, teaches: Mask | None = None) -> Self:
        """Foretell each purchase, look at it, learn; what was learned before is forgotten.

        Parameters
        ----------
        given : Purchases
            What was bought.
        teaches : ndarray of bool, shape (n,), optional
            False where a purchase says something of its own customer only, such as a reseller. Default: all teach.
        """
        self._begin()
        self.foretold_ = np.empty((len(given.brand), self.n_brands))
        taught = np.ones(len(given.brand), np.bool_) if teaches is None else teaches
        rows = zip(given.customer.tolist(), given.brand.tolist(), taught.tolist(), strict=True)
        for row, (customer, brand, is_taught) in enumerate(rows):
            self.foretold_[row] = self._foretell_and_learn(self._of(customer), brand, is_taught=is_taught)
        return self

    def predict(self, given: Ints) -> Floats:
        """Return the probabilities of the next brand, shape (n, n_brands), of each of n customers.

        Somebody who bought nothing yet gets what all buy.

        Raises
        ------
        ContractError
            It was not fitted.
        """
        if not hasattr(self, "_customers"):
            raise ContractError("Switching predicts before it is fitted.")
        nobody = _Customer(self.n_brands)
        told = np.empty((len(given), self.n_brands))
        for row, number in enumerate(given.tolist()):
            customer = self._customers.get(number, nobody)
            mixed = self._mixed(self._posteriors(customer))
            told[row] = self._probabilities(self._opinions(customer, mixed), mixed) if customer.last >= 0 else mixed
        return told

    @property
    def weights_(self) -> dict[str, float]:
        """How much each opinion counts by now."""
        return dict(zip(("habit", "popularity", "company", "last"), self._weights.tolist(), strict=True))

    @property
    def fade_(self) -> float:
        """What a purchase still counts when the next one is made, on average."""
        return float((self._trust() * _DECAYS).sum())

    @property
    def strength_(self) -> float:
        """How many purchases of one's own weigh as much as all others' choice, on average."""
        return float((self._trust() * _STRENGTHS).sum())

    # -- what is foretold ---------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        n_brands = self.n_brands
        self._customers: dict[int, _Customer] = {}
        self._base = np.full((_DECAYS.size, _STRENGTHS.size, n_brands), _FEW)
        self._log_trust = np.zeros((_DECAYS.size, _STRENGTHS.size, 1))
        self._chosen = np.full(n_brands, _FEW)
        self._pairs = np.zeros((n_brands, n_brands))
        self._weights = _BEGIN.copy()
        self._doubt = np.eye(len(_BEGIN)) * _DOUBT

    def _of(self, number: int) -> _Customer:
        return self._customers.setdefault(number, _Customer(self.n_brands))

    def _trust(self) -> Floats:
        trust: Floats = np.exp(self._log_trust - self._log_trust.max())
        return np.asarray(trust / trust.sum())

    def _prior(self) -> Floats:
        return np.asarray(_STRENGTHS * self._base / self._base.sum(axis=2, keepdims=True))

    def _posteriors(self, customer: _Customer) -> Floats:
        bought = customer.decayed
        return np.asarray((bought + self._prior()) / (bought.sum(axis=2, keepdims=True) + _STRENGTHS))

    def _mixed(self, posteriors: Floats) -> Floats:
        return np.asarray((self._trust() * posteriors).sum(axis=(0, 1)))

    def _opinions(self, customer: _Customer, mixed: Floats) -> Floats:
        """Return what speaks for each brand, shape (n_brands, 4)."""
        popular = self._chosen / self._chosen.sum()
        bought = np.flatnonzero(customer.counts)
        pairs = self._pairs[bought]
        beside = (pairs + _SMOOTH * popular) / (pairs.sum(axis=1, keepdims=True) + _SMOOTH)
        company = customer.counts[bought] / customer.counts.sum() @ beside
        last = np.arange(self.n_brands) == customer.last
        return np.column_stack([np.log(mixed), np.log(popular), np.log(company / popular), last])

    def _probabilities(self, opinions: Floats, mixed: Floats) -> Floats:
        score = opinions @ self._weights
        told: Floats = np.exp(score - score.max())
        return np.asarray((1 - _SAFE) * told / told.sum() + _SAFE * mixed)

    # -- what is learned ------------------------------------------------------------------------------------------

    def _foretell_and_learn(self, customer: _Customer, brand: int, *, is_taught: bool) -> Floats:
        posteriors = self._posteriors(customer)
        told = mixed = self._mixed(posteriors)
        if customer.last >= 0:
            opinions = self._opinions(customer, mixed)
            told = self._probabilities(opinions, mixed)
            if is_taught:
                self._weigh(opinions, told, brand)
                self._log_trust += np.log(posteriors[:, :, brand : brand + 1])
                self._log_trust = np.maximum(self._log_trust - self._log_trust.max(), _LOWEST)
        if is_taught:
            self._learn(customer, brand)
        self._remember(customer, brand)
        return told

    def _weigh(self, opinions: Floats, told: Floats, brand: int) -> None:
        """Move the weights by one step of Newton, as far as doubt is left (an extended Kalman filter)."""
        expected = told @ opinions
        around = opinions - expected
        told_apart = around.T @ (told[:, None] * around)
        self._doubt = np.asarray(
            np.linalg.solve(np.eye(len(_BEGIN)) + self._doubt @ told_apart, self._doubt), np.float64
        )
        self._weights = self._weights + self._doubt @ (opinions[brand] - expected)

    def _learn(self, customer: _Customer, brand: int) -> None:
        """Take in what a choice says of all others."""
        prior = self._prior()[:, :, brand]
        new = prior / (customer.decayed[:, :, brand] + prior)
        self._base[:, :, brand] += new
        self._chosen[brand] += new.mean()
        if customer.last >= 0:
            share = customer.counts / customer.counts.sum()
            self._pairs[brand] += share
            self._pairs[:, brand] += share

    def _remember(self, customer: _Customer, brand: int) -> None:
        customer.decayed *= _DECAYS
        customer.decayed[:, :, brand] += 1
        customer.counts[brand] += 1
        customer.last = brand
