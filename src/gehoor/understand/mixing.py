"""How much each part of a head counts: what makes labels that it never saw most probable."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

__all__ = ["Mix", "favour_of", "fit_mix"]

_FEW = 300
_HARDLY = 1e-3
_SHARES = tuple(tenth / 10 for tenth in range(11))
_PULL_WEIGHT, _PULL_BIAS = 0.02, 1.0  # a little ridge: with few examples a part is not trusted without end

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """The weight of each part, at least 0, and a bias of each class; with them, softmax gives probabilities.

    `loss` is what it was fitted for: the mean of -log p of the labels.
    """

    weights: dict[str, float]
    bias: F64
    loss: float

    @property
    def used(self) -> dict[str, float]:
        """Return the weights of the parts that count."""
        return {name: weight for name, weight in self.weights.items() if weight > 0}

    def of(self, logits: Mapping[str, F64]) -> F64:
        """Return the mixed logits of n texts, shape (n, c), from those of each part that counts."""
        mixed: F64 = sum((weight * logits[name] for name, weight in self.used.items()), self.bias)
        return mixed


def fit_mix(logits: Mapping[str, F64], label: I64, weight: F64) -> Mix:
    """Return the mix under which the labels are most probable.

    Parameters
    ----------
    logits : mapping of float64, shape (n, c)
        Of each part, from models that did not see these examples: temperature and bias come with it.
    label, weight : shape (n,)

    Notes
    -----
    Convex: there is one answer. Cost: 0.1 s for 10,000 examples of 77 classes.
    """
    names = list(logits)
    stack = np.stack([logits[name] for name in names])
    n_parts, n, c = stack.shape
    share = weight / weight.sum()
    picked = np.arange(n)

    def loss(x: F64) -> tuple[float, F64]:
        mixed = np.tensordot(x[:n_parts], stack, 1) + x[n_parts:]
        mixed -= mixed.max(axis=1, keepdims=True)
        p = np.exp(mixed)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        value = share @ (np.log(total[:, 0]) - mixed[picked, label])
        p[picked, label] -= 1.0
        p *= share[:, None]
        slope = np.concatenate([np.einsum("kij,ij->k", stack, p), p.sum(axis=0)])
        pull = np.concatenate([np.full(n_parts, _PULL_WEIGHT), np.full(c, _PULL_BIAS)]) / n
        return float(value + (pull * x * x).sum() / 2), slope + pull * x

    start = np.concatenate([np.ones(n_parts), np.zeros(c)])
    bounds = [(0.0, None)] * n_parts + [(None, None)] * c
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
    weights = np.where(found.x[:n_parts] > 0, found.x[:n_parts], 0.0)
    if not weights.any():
        weights[0] = _HARDLY  # where nothing can be told, one part stands for a head
    return Mix(dict(zip(names, weights.tolist(), strict=True)), found.x[n_parts:], float(found.fun))


def favour_of(logits: F64, label: I64) -> F64:
    """Return what each class gets on top where the label is chosen: rare ones more.

    A share of -log of how frequent it is (Menon et al. 2021, "logit adjustment"), that share under which accuracy and
    macro-F1 together are best on what was held out; nothing where few examples would decide.
    """
    n, c = logits.shape
    frequency = np.bincount(label, minlength=c) / n
    rarity = -np.log(np.maximum(frequency, 1 / n))
    rarity -= rarity.min()
    if n < _FEW:
        return np.zeros(c)

    def worth(share: float) -> float:
        given = (logits + share * rarity).argmax(axis=1)
        return float((given == label).mean()) + _macro_f1(label, given, c)

    best = max(_SHARES, key=lambda share: (round(worth(share), 4), -share))
    shifted: F64 = best * rarity
    return shifted


def _macro_f1(label: I64, given: I64, c: int) -> float:
    right = np.bincount(label[label == given], minlength=c)
    either = np.bincount(label, minlength=c) + np.bincount(given, minlength=c)
    return float((2 * right[either > 0] / either[either > 0]).mean())
