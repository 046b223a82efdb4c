"""Fits a head on labelled texts: everything that is chosen is chosen on examples that were held out."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.understand.examples import Examples, folds_of
from gehoor.understand.features import BUCKETS
from gehoor.understand.head import Head, Parts
from gehoor.understand.mixing import Mix, favour_of, fit_mix
from gehoor.understand.solving import CANDIDATES, Linear, fit_part, logits_of, usable_parts

__all__ = ["N_FOLDS", "Fitted", "Recipe", "fit_head", "fit_on_folds", "held_out_mixed"]

N_FOLDS = 5
_MANY = 4_000  # with so many examples one fold says well enough which strength is best
_FAMILIAR_PERCENT = 5.0

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """What was chosen: the strength of each part, how they are mixed, and what rare classes get on top."""

    strengths: dict[str, float]
    mix: Mix
    favour: F64


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A head, and what it would have said of each example without having seen it.

    Attributes
    ----------
    head : Head
    recipe : Recipe
    logits : float64, shape (n, c)
        Held out.
    fold : int64, shape (n,)
        In which fold each was held out.
    """

    head: Head
    recipe: Recipe
    logits: F64
    fold: I64


def fit_head(
    examples: Examples, task: str, classes: tuple[str, ...], on_progress: Progress | None = None, seed: int = 0
) -> Fitted:
    """Fit a head: parts by cross-validation, mixed by cross-validation, then each anew on all examples.

    Parameters
    ----------
    examples : Examples
        Each with a label; two classes at least.
    seed : int
        Of the folds: the same seed gives the same head.

    Notes
    -----
    Cost: 2 s for 2,000 short posts of three classes, 3 minutes for 15,000 of 150 classes, on one core.
    """
    return fit_on_folds(examples, task, classes, folds_of(examples, N_FOLDS, np.random.default_rng(seed)), on_progress)


def fit_on_folds(
    examples: Examples, task: str, classes: tuple[str, ...], fold: I64, on_progress: Progress | None = None
) -> Fitted:
    """Fit a head as `fit_head` does, with the examples set apart as `fold` says: 0 to `N_FOLDS` - 1, shape (n,)."""
    fitter = _Fitter(examples, len(classes), fold, on_progress)
    strengths, logits = {}, {}
    for part in fitter.parts:
        strengths[part], logits[part] = fitter.chosen(part)
    mix = fit_mix(logits, examples.label, examples.weight)
    recipe = Recipe(strengths, mix, favour_of(mix.of(logits), examples.label))
    return Fitted(fitter.head(task, classes, recipe), recipe, mix.of(logits), fold)


def held_out_mixed(examples: Examples, asked: Examples, recipe: Recipe) -> F64:
    """Return what a recipe, fitted on examples, says of others: logits, shape (n, c)."""
    logits = {}
    for part in recipe.mix.used:
        with _unconverged():
            linear = fit_part(examples, part, len(recipe.favour), recipe.strengths[part])
        logits[part] = logits_of(linear, asked)
    return recipe.mix.of(logits)


class _Fitter:
    """What a fit needs at every step, and how far it is."""

    def __init__(self, examples: Examples, n_classes: int, fold: I64, on_progress: Progress | None) -> None:
        self._examples, self._n_classes, self._fold = examples, n_classes, fold
        self._on_progress = on_progress
        self._n_first = 1 if len(examples) > _MANY else N_FOLDS
        self.parts = usable_parts(examples)
        n_tried = sum(len(CANDIDATES[part]) for part in self.parts)
        self._total = n_tried * self._n_first + len(self.parts) * (N_FOLDS - self._n_first + 1)
        self._done = 0

    def chosen(self, part: str) -> tuple[float, F64]:
        """Return the strength of a part that is best on the first folds, and its logits on all folds, held out."""
        first, rest = range(self._n_first), range(self._n_first, N_FOLDS)
        asked = np.flatnonzero(self._fold < self._n_first)
        label, weight = self._examples.label[asked], self._examples.weight[asked]
        tried = {strength: self._held_out(part, strength, first) for strength in CANDIDATES[part]}
        losses = {strength: fit_mix({part: logits[asked]}, label, weight).loss for strength, logits in tried.items()}
        best = min(losses, key=losses.__getitem__)
        return best, tried[best] + self._held_out(part, best, rest)

    def head(self, task: str, classes: tuple[str, ...], recipe: Recipe) -> Head:
        """Fit the parts of a recipe on all examples, and add them up."""
        examples, c = self._examples, self._n_classes
        sizes = {"grams": BUCKETS, "vector": examples.vectors.shape[1], "cues": examples.cues.shape[1]}
        sums = {name: np.zeros((size, c)) for name, size in sizes.items()}
        bias = recipe.mix.bias.copy()
        seen = np.zeros(BUCKETS, np.bool_)
        for part, amount in recipe.mix.used.items():
            linear = self._fit(examples, part, recipe.strengths[part])
            _add(sums, linear, amount)
            seen[linear.seen] = True
            bias += amount * linear.bias
        self._step(len(self.parts))
        facts: dict[str, Any] = {"favour": recipe.favour} if recipe.favour.any() else {}
        present = {name: values if values.any() else None for name, values in sums.items()}
        if present["grams"] is not None and present["vector"] is not None:
            facts |= {"seen": seen, "familiar": _familiar(examples, self._fold)}
        return Head.of(task, classes, Parts(bias, **present), **facts)

    def _held_out(self, part: str, strength: float, folds: Iterable[int]) -> F64:
        """Return what a part says of the examples of some folds, from those of all others; 0 elsewhere."""
        logits = np.zeros((len(self._examples), self._n_classes))
        for number in folds:
            asked, told = np.flatnonzero(self._fold == number), np.flatnonzero(self._fold != number)
            if len(asked):
                linear = self._fit(self._examples.take(told), part, strength)
                logits[asked] = logits_of(linear, self._examples.take(asked))
            self._step()
        return logits

    def _fit(self, examples: Examples, part: str, strength: float) -> Linear:
        with _unconverged():
            return fit_part(examples, part, self._n_classes, strength)

    def _step(self, n: int = 1) -> None:
        self._done += n
        if self._on_progress is not None:
            self._on_progress(self._done / self._total)


def _add(sums: dict[str, F64], linear: Linear, amount: float) -> None:
    for name, weights in linear.weights.items():
        if name == "grams":
            sums[name][linear.seen] += amount * weights
        else:
            sums[name] += amount * weights


def _familiar(examples: Examples, fold: I64) -> float:
    """Return how much of a text like these was usually seen in others: 19 of 20 lie above it."""
    whole = np.asarray(examples.rows.sum(axis=1)).ravel()
    share = np.ones(len(examples))
    for number in np.unique(fold):
        asked = np.flatnonzero(fold == number)
        seen = np.zeros(BUCKETS)
        seen[np.unique(examples.rows[np.flatnonzero(fold != number)].indices)] = 1.0
        share[asked] = (examples.rows[asked] @ seen) / np.where(whole[asked] > 0, whole[asked], 1.0)
    known = share[whole > 0]
    return round(float(np.percentile(known, _FAMILIAR_PERCENT)), 3) if len(known) else 0.0


@contextmanager
def _unconverged() -> Iterator[None]:
    """Let a fit end where it is near enough: what it is worth is seen on what was held out."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
