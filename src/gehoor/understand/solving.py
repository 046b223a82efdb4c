"""Fits the linear classifiers of which a head is the sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from gehoor.understand.examples import Examples

__all__ = ["CANDIDATES", "Linear", "fit_part", "logits_of", "usable_parts"]

CANDIDATES: dict[str, tuple[float, ...]] = {
    "grams": (0.1, 0.3, 1.0),
    "vector": (1.0, 10.0, 100.0),
    "cues": (0.003, 0.03),
    "joint": (0.1, 0.3),
}
"""The parts of which a head may be the sum, and the strengths (C) that are tried for each.

`grams`, `vector` and `cues` look at one kind of feature each; `joint` at all of them, which makes other mistakes.
"""

_BLOCKS = {"grams": ("grams",), "vector": ("vector",), "cues": ("cues",), "joint": ("grams", "vector", "cues")}
_BESIDE_GRAMS = {"vector": 0.03, "cues": 0.05}  # so large is a column of spread 1 beside hashed features
_ROUNDS = 400
_NEVER = -2.0  # the logit of a class that a part of the examples does not have: below the margin of the others

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linear classifier of c classes.

    Attributes
    ----------
    weights : dict of float64, shape (k, c)
        By kind of feature: `grams` (of the buckets in `seen` only), `vector`, `cues`; what is not there weighs nothing.
    bias : float64, shape (c,)
    seen : int64, shape (k,)
        The buckets that training saw, in order.
    """

    weights: dict[str, F64]
    bias: F64
    seen: I64


def usable_parts(examples: Examples) -> tuple[str, ...]:
    """Return the parts for which there are features."""
    has = {"grams": True, "vector": examples.vectors.any(), "cues": examples.cues.any()}
    single = tuple(part for part in ("grams", "vector", "cues") if has[part])
    return (*single, "joint") if len(single) > 1 else single


def fit_part(examples: Examples, part: str, n_classes: int, strength: float) -> Linear:
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
    names = _BLOCKS[part]
    has_grams = "grams" in names
    seen = np.unique(examples.rows.indices).astype(np.int64) if has_grams else np.zeros(0, np.int64)
    units = {name: _unit(examples, name) * (_BESIDE_GRAMS[name] if has_grams else 1.0) for name in names[has_grams:]}
    matrix = _matrix(examples, names, seen, units)
    model = _margins(strength) if has_grams else _logistic(strength)
    present, label = np.unique(examples.label, return_inverse=True)
    model.fit(matrix, label, sample_weight=examples.weight)
    own, bias = model.coef_.T, model.intercept_
    if len(present) == 2:
        own, bias = np.concatenate([-own, own], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    weights, all_bias = np.zeros((len(own), n_classes)), np.full(n_classes, _NEVER)
    weights[:, present], all_bias[present] = own, bias
    return Linear(_apart(weights, names, seen, units), all_bias, seen)


def logits_of(linear: Linear, examples: Examples) -> F64:
    """Return the logits of examples, shape (n, c)."""
    logits: F64 = np.repeat(linear.bias[None], len(examples), axis=0)
    for name, weights in linear.weights.items():
        if name == "grams":
            logits += sparse.csr_matrix(examples.rows)[:, linear.seen] @ weights
        else:
            logits += _dense(examples, name) @ weights
    return logits


def _dense(examples: Examples, name: str) -> F64:
    return (examples.vectors if name == "vector" else examples.cues).astype(np.float64)


def _unit(examples: Examples, name: str) -> F64:
    """Return by what each column is multiplied to spread by 1: cues are counts or scores of hundreds."""
    spread = np.sqrt(np.square(_dense(examples, name)).mean(axis=0))
    return np.asarray(1.0 / np.where(spread > 0, spread, 1.0), np.float64)


def _matrix(examples: Examples, names: Sequence[str], seen: I64, units: dict[str, F64]) -> Any:
    blocks = [_dense(examples, name) * units[name] for name in units]
    if "grams" not in names:
        return blocks[0]
    # scikit-learn takes the older kind of sparse matrix
    rows = sparse.csr_matrix(examples.rows)[:, seen]
    return sparse.hstack([rows, *map(sparse.csr_matrix, blocks)], "csr") if blocks else rows


def _apart(weights: F64, names: Sequence[str], seen: I64, units: dict[str, F64]) -> dict[str, F64]:
    """Return the weights of each kind of feature as it is."""
    apart, at = {}, 0
    for name in names:
        unit = units.get(name, np.ones(len(seen)))
        apart[name] = weights[at : at + len(unit)] * unit[:, None]
        at += len(unit)
    return apart


def _margins(strength: float) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=strength, dual=True, tol=1e-3, max_iter=_ROUNDS, random_state=0)


def _logistic(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, tol=1e-3, max_iter=_ROUNDS)
