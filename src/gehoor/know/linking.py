"""Which records are one person, by how alike they are: learned without any example."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats, Ints
from gehoor.know.comparing import EXACT, MISSING, N_LEVELS, OTHER, Column, candidates, levels

__all__ = ["SURE_P", "Linking", "Links"]

SURE_P = 0.99
"""Below, two records are never merged by themselves: they are offered to a person."""

_USUAL: Floats = np.array([0.80, 0.08, 0.04, 0.06, 0.02])
_USUAL_PAIRS = 20.0
_SAMPLE = 100_000
_ROUNDS = 40
_FAR = -20.0
_MOST_OTHER = (0.4, 0.2)  # of words, of numbers
_LARGEST = 400


class Links(NamedTuple):
    """Pairs that may be one person, and who is."""

    pairs: Ints
    """Shape (n_pairs, 2)."""
    p: Floats
    """Shape (n_pairs,): how probable it is that both are one person."""
    person: Ints
    """Shape (n_records,): numbers from 0, in the order of their first records."""


class Linking:
    """Fellegi and Sunter's weights by expectation and maximisation, with how rare a value is; then average linkage.

    How often two records of one person agree in a column (`m`) is learned from the pairs that agree in something rare;
    how often strangers do (`u`) from pairs drawn at random, less the persons among them. To agree in a rare value says
    more. Records that a chain of pairs connects are one person as far as they are alike on average.

    Parameters
    ----------
    least_p : float
        How probable a merge must be. With `SURE_P` for merges that nobody looks at.

    Attributes
    ----------
    m_, u_ : ndarray, shape (n_columns, 5)
        How probable each level of `comparing.levels` is, for one person and for two.
    prior_ : float
        How probable it is that two records drawn at random are one person.

    Notes
    -----
    Columns are taken to be independent: a mail address that is made of the name counts twice. Cost: 30 us a candidate
    pair. Memory: 100 bytes a candidate pair.
    Source: Fellegi and Sunter (1969), A theory for record linkage; Winkler (2000) on frequencies; Enamorado, Fifield
    and Imai (2019) on learning without examples.
    """

    def __init__(self, least_p: float = 0.5, seed: int = 0) -> None:
        self.least_p = least_p
        self.seed = seed

    def fit(self, given: Sequence[Column]) -> Self:
        """Learn from the records themselves; what was learned before is forgotten."""
        n = len(given[0].codes)
        self._pairs = candidates(given, n)
        self._levels = levels(given, self._pairs)
        everywhere = _shares(levels(given, _drawn(n, np.random.default_rng(self.seed))), None)
        n_all = n * (n - 1) / 2
        self.prior_ = min(0.5, 1 / max(2, n))
        self.m_ = np.tile(_USUAL, (len(given), 1))
        for _ in range(_ROUNDS):
            self.u_ = _without(everywhere, self.m_, self.prior_)
            p = _chance(self._weights(given, self._pairs, self._levels))
            self.m_ = _mostly_same(_shares(self._levels, p), given)
            before, self.prior_ = self.prior_, min(0.5, max(p.sum(), 0.5) / max(1.0, n_all))
            if abs(np.log(self.prior_ / before)) < 1e-4:
                break
        return self

    def predict(self, given: Sequence[Column]) -> Links:
        """Return who is who among the records that were fitted.

        Raises
        ------
        ContractError
            It was not fitted.
        """
        if not hasattr(self, "m_"):
            raise ContractError("Linking predicts before it is fitted.")
        n = len(given[0].codes)
        weights = self._weights(given, self._pairs, self._levels)
        near = self._pairs[weights >= self._least()]
        graph = coo_matrix((np.ones(len(near)), near.T), (n, n))
        label = connected_components(graph, directed=False)[1].astype(np.int64)
        return Links(self._pairs, _chance(weights), _in_order(self._apart(given, label)))

    def _least(self) -> float:
        return float(np.log(self.least_p / (1 - self.least_p)))

    def _weights(self, given: Sequence[Column], pairs: Ints, found: np.ndarray) -> Floats:
        """Return the log-odds that each pair is one person."""
        total = np.full(len(pairs), np.log(self.prior_ / (1 - self.prior_)))
        for at, column in enumerate(given):
            weight = np.append(np.log(self.m_[at] / self.u_[at]), 0.0)
            total += weight[found[:, at]]
            is_same = found[:, at] == EXACT
            total[is_same] -= _rarity(column)[column.codes[pairs[is_same, 0]]]
        return total

    def _apart(self, given: Sequence[Column], label: Ints) -> Ints:
        """Take apart what only a chain holds together: all pairs inside a component are compared."""
        order = np.argsort(label, kind="stable")
        ends = np.flatnonzero(np.diff(label[order], append=-1)) + 1
        groups = [group for group in np.split(order, ends[:-1]) if 2 < len(group) <= _LARGEST]
        if not groups:
            return label
        from scipy.cluster.hierarchy import fcluster, linkage  # 0.2 s, and every start of gehoor loads this module

        pairs = np.concatenate([group[np.column_stack(np.triu_indices(len(group), 1))] for group in groups])
        far = -np.maximum(self._weights(given, pairs, levels(given, pairs)), _FAR)
        found, at, fresh = label.copy(), 0, int(label.max()) + 1
        for group in groups:
            n_pairs = len(group) * (len(group) - 1) // 2
            distance = far[at : at + n_pairs]
            at += n_pairs
            tree = linkage(distance - distance.min(), "average")
            part = fcluster(tree, -self._least() - distance.min(), "distance")
            found[group] = np.where(part == 1, label[group], fresh + part)
            fresh += int(part.max()) + 1
        return found


def _drawn(n: int, rng: np.random.Generator) -> Ints:
    """Return pairs of different records: all, or as many as will do."""
    if n * (n - 1) // 2 <= _SAMPLE:
        return np.column_stack(np.triu_indices(n, 1)).astype(np.int64)
    pairs = rng.integers(0, n, (_SAMPLE, 2))
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]])


def _shares(found: np.ndarray, p: Floats | None) -> Floats:
    """Return how often each level occurs in each column; with p, among persons, and leaning on what is usual."""
    shares = []
    for column in found.T:
        known = column != MISSING
        counts = np.bincount(column[known], None if p is None else p[known], N_LEVELS).astype(np.float64)
        counts += 0.5 / N_LEVELS if p is None else _USUAL_PAIRS * _USUAL
        shares.append(counts / counts.sum())
    return np.array(shares)


def _mostly_same(m: Floats, columns: Sequence[Column]) -> Floats:
    """Hold down how often a person differs from themselves, so that no crowd of namesakes becomes a person."""
    most = np.array([_MOST_OTHER[column.kind == "digits"] for column in columns])
    over = np.maximum(m[:, OTHER] - most, 0.0)
    kept = np.arange(N_LEVELS) != OTHER
    m = m.copy()
    m[:, OTHER] -= over
    m[:, kept] += over[:, None] * _USUAL[kept] / _USUAL[kept].sum()
    return m


def _without(everywhere: Floats, m: Floats, prior: float) -> Floats:
    """Return how often strangers agree: pairs drawn at random, less the persons among them."""
    rest = np.maximum(everywhere - prior * m, everywhere * 0.05)
    return np.asarray(rest / rest.sum(axis=1, keepdims=True))


def _rarity(column: Column) -> Floats:
    """Return by how much less, or more, it says to agree in each value than in a usual one (log)."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values)).astype(np.float64)
    usual = (counts * counts).sum() / max(1.0, counts.sum())
    return np.asarray(np.log(np.maximum(counts, 1.0) / max(1.0, usual)))


def _chance(weights: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(weights, -500, 500))))


def _in_order(label: Ints) -> Ints:
    """Return the same groups, numbered by their first records."""
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[group])
