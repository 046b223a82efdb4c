"""Fits a head on labelled texts: everything that is chosen is chosen on examples that were held out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.understand.examples import Examples, folds_of
from gehoor.understand.features import BUCKETS
from gehoor.understand.head import Head, Parts
from gehoor.understand.mixing import Mix, favour_of, fit_mix
from gehoor.understand.shapes import SHAPES
from gehoor.understand.solving import CANDIDATES, Layered, Linear, fit_part, logits_of, usable_parts
from gehoor.understand.teacher import Teacher
from gehoor.understand.unconverged import unconverged

__all__ = ["N_FOLDS", "Fitted", "Recipe", "fit_head", "fit_on_folds", "held_out_mixed"]

N_FOLDS = 5
_MANY = 20_000  # of so many examples times classes one fold says well enough which strength is best
_FAMILIAR_PERCENT = 5.0
_TAUGHT = "taught "

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
    examples: Examples,
    task: str,
    classes: tuple[str, ...],
    on_progress: Progress | None = None,
    teacher: Teacher | None = None,
) -> Fitted:
    """Fit a head: parts by cross-validation, mixed by cross-validation, then each anew on all examples.

    Parameters
    ----------
    examples : Examples
        Each with a label; two classes at least.
    teacher : Teacher, optional
        Each part is then fitted twice, also with the texts that the teacher labels; the mix says which of both count.

    Notes
    -----
    Cost: 2 s for 2,000 short posts of three classes, 3 minutes for 15,000 of 150 classes, on one core.
    """
    fold = folds_of(examples, N_FOLDS, np.random.default_rng(0))
    return _Fitter(examples, len(classes), fold, on_progress, teacher).fitted(task, classes)


def fit_on_folds(
    examples: Examples, task: str, classes: tuple[str, ...], fold: I64, on_progress: Progress | None = None
) -> Fitted:
    """Fit a head as `fit_head` does, with the examples set apart as `fold` says: 0 to `N_FOLDS` - 1, shape (n,)."""
    return _Fitter(examples, len(classes), fold, on_progress).fitted(task, classes)


def held_out_mixed(examples: Examples, told: I64, asked: I64, recipe: Recipe, teacher: Teacher | None = None) -> F64:
    """Return what a recipe, fitted on some of the examples, says of others: logits, shape (n, c)."""
    shown = _shown(examples, told, teacher)
    logits = {}
    for part in recipe.mix.used:
        linear = _fit(shown, part, len(recipe.favour), recipe.strengths[part])
        logits[part] = logits_of(linear, examples.take(asked))
    return recipe.mix.of(logits)


def _shown(examples: Examples, told: I64, teacher: Teacher | None) -> tuple[Examples, Examples]:
    """Return the examples that are told, and these with what the teacher makes of them."""
    plain = examples.take(told)
    return plain, plain.with_more(teacher.lesson(told)) if teacher is not None else plain


def _fit(shown: tuple[Examples, Examples], part: str, n_classes: int, strength: float) -> Linear | Layered:
    with unconverged():
        return fit_part(shown[part.startswith(_TAUGHT)], part.removeprefix(_TAUGHT), n_classes, strength)


class _Fitter:
    """What a fit needs at every step, and how far it is."""

    def __init__(
        self,
        examples: Examples,
        n_classes: int,
        fold: I64,
        on_progress: Progress | None,
        teacher: Teacher | None = None,
    ) -> None:
        self._examples, self._n_classes, self._fold = examples, n_classes, fold
        self._on_progress, self._teacher = on_progress, teacher
        self._n_first = 1 if len(examples) * n_classes > _MANY else N_FOLDS
        self._shown: dict[int, tuple[Examples, Examples]] = {}
        single = usable_parts(examples)
        self._parts = single if teacher is None else (*single, *(_TAUGHT + part for part in single if part != "hidden"))
        self._done = 0

    def fitted(self, task: str, classes: tuple[str, ...]) -> Fitted:
        """Choose, mix and fit."""
        strengths, logits = {}, {}
        for part in self._parts:
            strengths[part], logits[part] = self._chosen(part)
        mix = fit_mix(logits, self._examples.label, self._examples.weight)
        mixed = mix.of(logits)
        recipe = Recipe(strengths, mix, favour_of(mixed, self._examples.label))
        return Fitted(self._head(task, classes, recipe), recipe, mixed, self._fold)

    def _chosen(self, part: str) -> tuple[float, F64]:
        """Return the strength of a part that is best on the first folds, and its logits on all folds, held out."""
        first, rest = range(self._n_first), range(self._n_first, N_FOLDS)
        asked = np.flatnonzero(self._fold < self._n_first)
        label, weight = self._examples.label[asked], self._examples.weight[asked]
        tried = {strength: self._held_out(part, strength, first) for strength in _strengths(part)}
        losses = {strength: fit_mix({part: logits[asked]}, label, weight).loss for strength, logits in tried.items()}
        best = min(losses, key=losses.__getitem__)
        return best, tried[best] + self._held_out(part, best, rest)

    def _head(self, task: str, classes: tuple[str, ...], recipe: Recipe) -> Head:
        """Fit the parts of a recipe on all examples, and add them up."""
        examples, c = self._examples, self._n_classes
        sizes = {
            "grams": BUCKETS,
            "vector": examples.vectors.shape[1],
            "cues": examples.cues.shape[1],
            "shapes": SHAPES,
        }
        sums = {name: np.zeros((size, c)) for name, size in sizes.items()}
        bias = recipe.mix.bias.copy()
        seen = np.zeros(BUCKETS, np.bool_)
        facts: dict[str, Any] = {"favour": recipe.favour} if recipe.favour.any() else {}
        shown = _shown(examples, np.arange(len(examples)), self._teacher)
        for part, amount in recipe.mix.used.items():
            linear = _fit(shown, part, c, recipe.strengths[part])
            bias += amount * linear.bias
            if isinstance(linear, Layered):
                facts["hidden"] = linear.hidden.times(amount)
                continue
            _add(sums, linear, amount)
            seen[linear.seen] = True
        self._step(len(self._parts))
        present = {name: values if values.any() else None for name, values in sums.items()}
        if present["grams"] is not None and present["vector"] is not None:
            facts |= {"seen": seen, "familiar": _familiar(examples, self._fold)}
        return Head.of(task, classes, Parts(bias, **present), **facts)

    def _held_out(self, part: str, strength: float, folds: Iterable[int]) -> F64:
        """Return what a part says of the examples of some folds, from those of all others; 0 elsewhere."""
        logits = np.zeros((len(self._examples), self._n_classes))
        for number in folds:
            asked = np.flatnonzero(self._fold == number)
            if len(asked):
                linear = _fit(self._told(number), part, self._n_classes, strength)
                logits[asked] = logits_of(linear, self._examples.take(asked))
            self._step()
        return logits

    def _told(self, number: int) -> tuple[Examples, Examples]:
        """Return all examples but those of a fold."""
        if number not in self._shown:
            self._shown[number] = _shown(self._examples, np.flatnonzero(self._fold != number), self._teacher)
        return self._shown[number]

    def _step(self, n: int = 1) -> None:
        self._done += n
        if self._on_progress is not None:
            n_tried = sum(len(_strengths(part)) for part in self._parts)
            total = n_tried * self._n_first + len(self._parts) * (N_FOLDS - self._n_first + 1)
            self._on_progress(self._done / total)


def _strengths(part: str) -> tuple[float, ...]:
    return CANDIDATES[part.removeprefix(_TAUGHT)]


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
