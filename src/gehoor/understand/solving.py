"""Fits the linear classifiers of which a head is the sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from gehoor.understand.examples import Examples
from gehoor.understand.hidden import UNITS, Hidden
from gehoor.understand.shapes import SHAPES

__all__ = ["CANDIDATES", "Layered", "Linear", "fit_part", "logits_of", "usable_parts"]

CANDIDATES: dict[str, tuple[float, ...]] = {
    "grams": (0.1, 0.3, 1.0),
    "vector": (1.0, 10.0, 100.0),
    "cues": (0.003, 0.03),
    "shapes": (0.1, 0.3, 1.0),
    "joint": (0.1, 0.3, 1.0),
    "hidden": (100.0, 1_000.0),
}
"""The parts of which a head may be the sum, and the strengths (C) that are tried for each.

`joint` looks at all kinds of features but shapes, and makes other mistakes. (With shapes it is no better, and on short
messages it is worse.) `hidden` is a small hidden layer over the vector; every other looks at one kind of feature.
"""

_KINDS = ("grams", "shapes", "vector", "cues")
_SPARSE = ("grams", "shapes")
_BESIDE_SPARSE = {"vector": 0.03, "cues": 0.05}  # so large is a column of spread 1 beside hashed features
_ROUNDS = 400
_ENOUGH = 1_000  # examples; a hidden layer learns fewer by heart
_LENGTH = 127.0  # of a vector
_FAR_BELOW = -10.0  # the logit of such a class behind a hidden layer
_EPOCHS, _AT_ONCE, _PACE = 30, 256, 2e-3
_NEVER = -2.0  # the logit of a class that a part of the examples does not have: below the margin of the others

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linear classifier of c classes.

    Attributes
    ----------
    weights : dict of float64, shape (k, c)
        By kind of feature: `grams` (of the buckets in `seen` only), `shapes`, `vector`, `cues`; what is not there
        weighs nothing.
    bias : float64, shape (c,)
    seen : int64, shape (k,)
        The buckets that training saw, in order.
    """

    weights: dict[str, F64]
    bias: F64
    seen: I64


@dataclass(frozen=True, slots=True, eq=False)
class Layered:
    """A hidden layer over the vector, and the bias of c classes, shape (c,)."""

    hidden: Hidden
    bias: F64


def usable_parts(examples: Examples) -> tuple[str, ...]:
    """Return the parts for which there are features, and examples enough.

    A hidden layer only where shapes are learnt from: in models of one's own, whose cost nobody else pays.
    """
    kinds = _kinds(examples)
    joint = ("joint",) if len(_joint(kinds)) > 1 else ()
    is_deep = {"shapes", "vector"} <= set(kinds) and len(examples) >= _ENOUGH
    return (*kinds, *joint, *(("hidden",) if is_deep else ()))


def fit_part(examples: Examples, part: str, n_classes: int, strength: float) -> Linear | Layered:
    """Fit one part of a head.

    Hashed features are fitted by support vector machines, each class against the rest (Fan et al. 2008, LIBLINEAR), a
    vector or cues alone by multinomial logistic regression.

    Parameters
    ----------
    part : str
        A key of `CANDIDATES`.
    strength : float
        Its C: the larger, the closer to the examples.
    """
    if part == "hidden":
        return _layered(examples, n_classes, strength)
    kinds = _joint(_kinds(examples)) if part == "joint" else (part,)
    is_sparse = kinds[0] in _SPARSE
    seen = np.unique(examples.rows.indices).astype(np.int64) if "grams" in kinds else np.zeros(0, np.int64)
    units = {kind: _unit(examples, kind, len(seen), is_sparse=is_sparse) for kind in kinds}
    model = _margins(strength) if is_sparse else _logistic(strength)
    present, label = np.unique(examples.label, return_inverse=True)
    model.fit(_matrix(examples, units, seen), label, sample_weight=examples.weight)
    own, bias = model.coef_.T, model.intercept_
    if len(present) == 2:
        own, bias = np.concatenate([-own, own], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    weights, all_bias = np.zeros((len(own), n_classes)), np.full(n_classes, _NEVER)
    weights[:, present], all_bias[present] = own, bias
    return Linear(_apart(weights, units), all_bias, seen)


def logits_of(linear: Linear | Layered, examples: Examples) -> F64:
    """Return the logits of examples, shape (n, c)."""
    if isinstance(linear, Layered):
        return linear.hidden.logits(examples.vectors) + linear.bias
    logits: F64 = np.repeat(linear.bias[None], len(examples), axis=0)
    for kind, weights in linear.weights.items():
        logits += _block(examples, kind, linear.seen) @ weights
    return logits


def _layered(examples: Examples, n_classes: int, strength: float) -> Layered:
    """Fit a hidden layer by as many steps for all: what it is worth is seen on what was held out."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        (UNITS,), alpha=1 / strength, batch_size=min(_AT_ONCE, len(examples)), learning_rate_init=_PACE,
        max_iter=_EPOCHS, n_iter_no_change=_EPOCHS, random_state=0,
    )  # fmt: skip
    present, label = np.unique(examples.label, return_inverse=True)
    model.fit(examples.vectors / _LENGTH, label, sample_weight=examples.weight)
    (inner, outer), (start, bias) = model.coefs_, model.intercepts_
    if len(present) == 2:
        outer, bias = np.concatenate([-outer, outer], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    all_outer, all_bias = np.zeros((len(outer), n_classes)), np.full(n_classes, _FAR_BELOW)
    all_outer[:, present], all_bias[present] = outer, bias
    return Layered(Hidden.of((inner / _LENGTH, all_outer), start, examples.vectors), all_bias)


def _kinds(examples: Examples) -> tuple[str, ...]:
    has = {
        "grams": True,
        "shapes": examples.shapes.nnz > 0,
        "vector": bool(examples.vectors.any()),
        "cues": bool(examples.cues.any()),
    }
    return tuple(kind for kind in _KINDS if has[kind])


def _joint(kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(kind for kind in kinds if kind != "shapes")


def _block(examples: Examples, kind: str, seen: I64) -> Any:
    """Return the features of one kind; sparse ones as the older kind of matrix, which scikit-learn takes."""
    if kind == "grams":
        return sparse.csr_matrix(examples.rows)[:, seen]
    if kind == "shapes":
        return sparse.csr_matrix(examples.shapes)
    return (examples.vectors if kind == "vector" else examples.cues).astype(np.float64)


def _unit(examples: Examples, kind: str, n_seen: int, *, is_sparse: bool) -> F64:
    """Return by what each column is multiplied: cues are counts or scores of hundreds, and shall spread alike."""
    if kind in _SPARSE:
        return np.ones(n_seen if kind == "grams" else SHAPES)
    spread = np.sqrt(np.square(_block(examples, kind, np.zeros(0, np.int64))).mean(axis=0))
    beside = _BESIDE_SPARSE[kind] if is_sparse else 1.0
    return np.asarray(beside / np.where(spread > 0, spread, 1.0), np.float64)


def _matrix(examples: Examples, units: dict[str, F64], seen: I64) -> Any:
    blocks = [
        _block(examples, kind, seen) if kind in _SPARSE else _block(examples, kind, seen) * unit
        for kind, unit in units.items()
    ]
    return blocks[0] if len(blocks) == 1 else sparse.hstack([sparse.csr_matrix(block) for block in blocks], "csr")


def _apart(weights: F64, units: dict[str, F64]) -> dict[str, F64]:
    """Return the weights of each kind of feature as it is."""
    ends = np.cumsum([len(unit) for unit in units.values()])
    pieces: Sequence[F64] = np.split(weights, ends[:-1])
    return {kind: piece * unit[:, None] for piece, (kind, unit) in zip(pieces, units.items(), strict=True)}


def _margins(strength: float) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=strength, dual=True, tol=1e-3, max_iter=_ROUNDS, random_state=0)


def _logistic(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, tol=1e-3, max_iter=_ROUNDS)
