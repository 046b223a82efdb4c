"""How much larger a cascade will become: learned from others that are over."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gehoor.warn.base import Floats
from gehoor.warn.cascade_shape import shapes_of

__all__ = ["CascadeGrowth", "Foreseen"]

_SEED = 20
_FOLDS = 5
_NEAR = 80
_EDGES = (0.1, 0.9)


class Foreseen(NamedTuple):
    """Sizes in the end, the root included, of n cascades."""

    size: Floats
    low: Floats
    """With `high`: where the size lies, eight times in ten."""
    high: Floats


class CascadeGrowth:
    """Foresees the size of cascades from their first minutes, by what others of like shape became.

    The mean of three of different kinds, each fitted on the logarithm of the growth: a forest, boosted trees and a
    smooth surface (support vectors). Trees see where one thing turns into another, the surface what lies between;
    together they are less wrong than the best of them. Nothing is stored: to fit is a matter of seconds.

    Parameters
    ----------
    observed : float
        How many minutes are known of each.
    """

    def __init__(self, observed: float) -> None:
        self.observed = observed

    def fit(self, cascades: Sequence[Floats]) -> "CascadeGrowth":
        """Learn from whole lives, ascending minutes each. Sets the attributes below.

        Attributes
        ----------
        expected_, missed_ : float64, shape (n,)
            Growth (log2) of each of them as foreseen by what was fitted without it, ascending, and by how much it
            was more.
        msle_, median_ape_ : float
            How wrong that was: mean squared error of log2 of the size, and median error as a share of the size.
        """
        known = [minutes[minutes <= self.observed] for minutes in cascades]
        n_known, n_all = np.array([len(x) for x in known]), np.array([len(x) for x in cascades])
        shapes, growth = shapes_of(known, self.observed), np.log2(n_all / n_known)
        foreseen = self._held_out(shapes, growth)
        self._parts = _fitted(shapes, growth)
        order = np.argsort(foreseen)
        self.expected_, self.missed_ = foreseen[order], (growth - foreseen)[order]
        self.msle_ = float((self.missed_**2).mean())
        self.median_ape_ = float(np.median(np.abs(2.0**-self.missed_ - 1)))
        return self

    def predict(self, cascades: Sequence[Floats]) -> Foreseen:
        """Foresee the sizes of cascades of which `observed` minutes are known."""
        known = [minutes[minutes <= self.observed] for minutes in cascades]
        n_known = np.array([len(x) for x in known], np.float64)
        growth = _grown(self._parts, shapes_of(known, self.observed))
        low, high = self._edges(growth)
        return Foreseen(*(n_known * 2 ** np.maximum(x, 0.0) for x in (growth, low, high)))

    def _held_out(self, shapes: Floats, growth: Floats) -> Floats:
        fold = np.random.default_rng(_SEED).permutation(len(growth)) % _FOLDS
        foreseen = np.empty(len(growth))
        for one in range(_FOLDS):
            foreseen[fold == one] = _grown(_fitted(shapes[fold != one], growth[fold != one]), shapes[fold == one])
        return foreseen

    def _edges(self, growth: Floats) -> tuple[Floats, Floats]:
        """Return between what the growth lies, by how wrong one was where about as much was foreseen."""
        near = min(_NEAR, len(self.expected_))
        middle = np.searchsorted(self.expected_, growth)
        first = np.clip(middle - near // 2, 0, len(self.expected_) - near)
        edges = np.array([np.quantile(self.missed_[start : start + near], _EDGES) for start in first])
        low, high = np.minimum(edges[:, 0], 0.0), np.maximum(edges[:, 1], 0.0)
        return growth + low, growth + high


def _fitted(shapes: Floats, growth: Floats) -> list[Any]:
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    parts: list[Any] = [
        RandomForestRegressor(150, min_samples_leaf=4, max_features=0.3, random_state=_SEED),
        GradientBoostingRegressor(
            n_estimators=200, learning_rate=0.04, max_depth=3, subsample=0.5, max_features=0.2, min_samples_leaf=8,
            random_state=_SEED,
        ),
        make_pipeline(StandardScaler(), SVR(C=3.0, epsilon=0.4, gamma=0.006)),
    ]  # fmt: skip
    return [part.fit(shapes, growth) for part in parts]


def _grown(parts: Sequence[Any], shapes: Floats) -> Floats:
    growth: Floats = np.mean([part.predict(shapes) for part in parts], axis=0)
    return np.maximum(growth, 0.0)
