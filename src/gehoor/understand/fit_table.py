"""Fits a table: which weights bring the hashed features of texts closest to an encoder's vectors of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from gehoor.understand.features import BUCKETS, Features
from gehoor.understand.nibbles import Nibbles
from gehoor.understand.ridge import ridge
from gehoor.understand.table import LENGTH, Table

__all__ = ["Fit", "agreement", "fit_weights", "idf_of", "packed"]

F32 = npt.NDArray[np.float32]
_IDF_UNIT = 16.0  # the rarest feature of a million texts is 237 then
_TOP = 126.0
_REACHES_TOP = 0.9995  # of the weights; what is larger is cut off


@dataclass(frozen=True, slots=True)
class Fit:
    """How a table is fitted.

    Attributes
    ----------
    penalty : float
        What large weights cost; chosen on texts held out.
    steps : int
        Of conjugate gradients.
    """

    penalty: float = 1.0
    steps: int = 12


def idf_of(features: Features) -> npt.NDArray[np.uint8]:
    """Return for each bucket how rare it is, shape (BUCKETS,): `16 (ln((1 + n) / (1 + texts with it)) + 1)`."""
    post = np.repeat(np.arange(len(features)), np.diff(features.first))
    once = np.unique(post * BUCKETS + features.bucket) % BUCKETS
    with_it = np.bincount(once, minlength=BUCKETS)
    idf = np.log((1 + len(features)) / (1 + with_it)) + 1
    return np.minimum(np.rint(_IDF_UNIT * idf), 255).astype(np.uint8)


def fit_weights(
    rows: sparse.csr_array,
    targets: F32,
    how: Fit,
    prior: F32 | None = None,
    on_step: Callable[[int], None] | None = None,
) -> F32:
    """Return the weights, shape (BUCKETS, d), by which rows come closest to their targets.

    Parameters
    ----------
    rows : sparse, float32, shape (n, BUCKETS)
        Each of length 1, or less where it counts less.
    targets : float32, shape (n, d)
        As long as their rows.
    how : Fit
    prior : float32, shape (BUCKETS, d), optional
        Weights to stay close to, instead of nought.
    on_step : callable, optional
        Told after each step how many are done.
    """
    used = np.unique(rows.indices)
    place = np.zeros(BUCKETS, np.int32)
    place[used] = np.arange(len(used))
    parts = (rows.data, place[rows.indices], rows.indptr)
    narrow = sparse.csr_array(parts, shape=(rows.shape[0], max(1, len(used))))
    weights = np.zeros((BUCKETS, targets.shape[1]), np.float32) if prior is None else prior.copy()
    rest = targets if prior is None else targets - rows @ prior
    weights[used] += ridge(narrow, rest, how.penalty, how.steps, on_step)[: len(used)]
    return weights


def packed(weights: F32) -> tuple[Nibbles, F32]:
    """Return weights in half a byte each, and what one unit of a column is worth."""
    known = np.abs(weights[np.abs(weights).max(axis=1) > 0])
    top = np.quantile(known, _REACHES_TOP, axis=0) if len(known) else np.ones(weights.shape[1])
    scale = (np.where(top > 0, top, 1.0) / _TOP).astype(np.float32)
    return Nibbles.of(np.clip(weights / scale, -_TOP, _TOP)), scale


def agreement(table: Table, features: Features, targets: F32) -> float:
    """Return the mean cosine between a table's vectors and their targets, shape (n, d): 1 is all that can be."""
    found = table.vectors(features).astype(np.float32) / np.float32(LENGTH)
    return float(np.mean((found * targets).sum(axis=1)))
