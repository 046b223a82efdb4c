"""Accounts that act together: the same things at the same moments, oftener than chance would have it."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gehoor.warn.base import Floats

__all__ = ["ActingTogether", "acting_together"]

Ints = npt.NDArray[np.int64]

_WINDOW_S = 300
_ALIKE, _LEAST_SHARED, _LEAST_ACCOUNTS = 0.35, 3, 3
_MOST_SHARING = 200  # what hundreds do in the same minutes is news, and would cost their square


class ActingTogether(NamedTuple):
    """A group of accounts.

    Which they are, as they were given; how alike each is to the group; and what most of them did, oftenest first.
    """

    actors: list[int]
    alike: list[float]
    did: list[int]


def acting_together(actor: Ints, did: Ints, at_s: Ints) -> list[ActingTogether]:
    """Return groups of accounts that did the same within five minutes of each other at least three times, surest first.

    Each (thing, moment) is a word, each account a text: TF-IDF, cosine, and what hangs together at 0.35 and more is a
    group [1]. A moment is counted in two grids of five minutes, half a step apart, so that no border parts who acted
    together. People with one taste act alike too: it is called acting together, and nothing else.

    Parameters
    ----------
    actor, did : int64, shape (n,)
        Who, and what: a digest of a link, a tag, a near-duplicate text.
    at_s : int64, shape (n,)
        Seconds since 1970.

    References
    ----------
    [1] Pacheco, Hui, Torres-Lugo, Truong, Flammini and Menczer (2021). Uncovering coordinated networks on social
    media: methods and case studies. ICWSM.
    """
    if not len(actor):
        return []
    who, row = np.unique(actor, return_inverse=True)
    weights, moments = _weighed(row, did, at_s, len(who))
    alike, shared = weights @ weights.T, (weights > 0).astype(np.int32)
    alike.setdiag(0)
    n_shared = (shared @ shared.T).multiply(alike >= _ALIKE)
    tied = (n_shared >= 2 * _LEAST_SHARED).multiply(alike)  # both grids count each of them
    from scipy.sparse.csgraph import connected_components

    group = connected_components(tied, directed=False)[1]
    sizes = np.bincount(group)
    strength = np.asarray(tied.sum(1)).ravel() / np.maximum(sizes[group] - 1, 1)
    found = [
        _group(np.flatnonzero(group == one), strength, who, weights, moments)
        for one in np.flatnonzero(sizes >= _LEAST_ACCOUNTS)
    ]
    return sorted(found, key=lambda one: (-float(np.mean(one.alike)), one.actors))


def _weighed(row: Ints, did: Ints, at_s: Ints, n: int) -> tuple[Any, Ints]:
    """Return accounts by moments, TF-IDF of length 1, and what was done at each moment."""
    from scipy.sparse import csr_matrix, diags

    halves = np.concatenate([at_s // _WINDOW_S * 2, (at_s + _WINDOW_S // 2) // _WINDOW_S * 2 + 1])
    pairs = np.stack([np.tile(did, 2), halves])
    moments, column = np.unique(pairs, axis=1, return_inverse=True)
    rows = np.tile(row, 2)
    counts = csr_matrix((np.ones(len(rows)), (rows, column.ravel())), shape=(n, moments.shape[1]))
    counts.data[:] = 1 + np.log(counts.data)
    n_sharing = np.bincount(counts.indices, minlength=moments.shape[1])
    counts = counts @ diags(np.where(n_sharing <= _MOST_SHARING, np.log(n / np.maximum(n_sharing, 1)) + 0.1, 0.0))
    counts.eliminate_zeros()
    length = np.sqrt(np.asarray(counts.multiply(counts).sum(1)).ravel())
    return (diags(1 / np.maximum(length, 1e-12)) @ counts).tocsr(), moments[0]


def _group(rows: Ints, strength: Floats, who: Ints, weights: Any, moments: Ints) -> ActingTogether:
    order = rows[np.argsort(-strength[rows], kind="stable")]
    n_of = np.asarray((weights[rows] > 0).sum(0)).ravel()
    often = np.flatnonzero(n_of >= 2)
    done = np.unique(moments[often])
    total = np.array([n_of[often][moments[often] == one].sum() for one in done])
    return ActingTogether(
        actors=who[order].tolist(),
        alike=np.round(strength[order], 3).tolist(),
        did=done[np.argsort(-total, kind="stable")][:10].tolist(),
    )
