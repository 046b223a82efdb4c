"""Labelled texts as numbers: what heads are fitted on, and how they are set apart to see how well that went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from gehoor.core.text import TextBatch
from gehoor.understand.features import features_of
from gehoor.understand.shapes import SHAPES, shapes_of
from gehoor.understand.table import Table

__all__ = ["Examples", "folds_of"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """n labelled texts.

    Attributes
    ----------
    rows : float64, sparse, shape (n, BUCKETS)
        Hashed features, each row divided by its norm: what a head sees.
    vectors : int8, shape (n, D)
    cues : int16, shape (n, n_cues)
        No columns where there are none.
    shapes : float64, sparse, shape (n, SHAPES)
        Each row divided by its norm; all 0 where they are not to be learnt from.
    label : int64, shape (n,)
        Index into the classes; -1 where nobody gave one.
    weight : float64, shape (n,)
        How much an example counts: 1 where a person labelled it.
    group : int64, shape (n,)
        The same number for the same words: such texts are never set apart.
    """

    rows: sparse.csr_array
    vectors: npt.NDArray[np.int8]
    cues: npt.NDArray[np.int16]
    shapes: sparse.csr_array
    label: I64
    weight: F64
    group: I64

    @classmethod
    def of(
        cls,
        batches: Iterable[tuple[TextBatch, npt.NDArray[np.int16] | None]],
        label: Sequence[int],
        table: Table,
        *,
        has_shapes: bool = False,
    ) -> Self:
        """Make numbers of texts.

        Parameters
        ----------
        batches
            The texts in pieces of some thousands, each with its cues where there are any.
        label
            One a text.
        has_shapes
            Learn from the shapes of texts, too: capitals, digits, signs, blanks.
        """
        rows, vectors, cues, shapes, digests = [], [], [], [], []
        for texts, own in batches:
            features = features_of(texts)
            found = table.rows(features)
            data = found.data / np.repeat(table.norms(features), np.diff(features.first))
            rows.append(sparse.csr_array((data, found.indices, found.indptr), shape=found.shape, copy=True))
            rows[-1].sum_duplicates()
            vectors.append(table.vectors(features))
            cues.append(np.zeros((len(texts), 0), np.int16) if own is None else own)
            shapes.append(_shapes(texts) if has_shapes else sparse.csr_array((len(texts), SHAPES)))
            digests.append(texts.digests()[0])
        group = np.unique(np.concatenate(digests), return_inverse=True)[1].astype(np.int64)
        numbers = np.asarray(label, np.int64)
        ones = np.ones(len(numbers))
        return cls(
            _stacked(rows), np.concatenate(vectors), np.concatenate(cues), _stacked(shapes), numbers, ones, group
        )

    def __len__(self) -> int:
        return len(self.label)

    def take(self, index: I64) -> "Examples":
        """Return some of them."""
        return Examples(
            self.rows[index], self.vectors[index], self.cues[index], self.shapes[index], self.label[index],
            self.weight[index], self.group[index],
        )  # fmt: skip

    def with_more(self, others: "Examples") -> "Examples":
        """Return them and others, which belong to none of their groups."""

        def both(name: str) -> npt.NDArray[Any]:
            return np.concatenate([getattr(self, name), getattr(others, name)])

        rows, shapes = _stacked([self.rows, others.rows]), _stacked([self.shapes, others.shapes])
        group = np.concatenate([self.group, others.group + self.group.max(initial=-1) + 1])
        return Examples(rows, both("vectors"), both("cues"), shapes, both("label"), both("weight"), group)

    def with_labels(self, label: I64, weight: F64) -> "Examples":
        """Return them with other labels and weights."""
        return replace(self, label=label, weight=weight)


def _shapes(texts: TextBatch) -> sparse.csr_array:
    shapes = shapes_of(texts.raw)
    data = shapes.rows.data / np.repeat(shapes.norms, np.diff(shapes.rows.indptr))
    rows = sparse.csr_array((data, shapes.rows.indices, shapes.rows.indptr), shape=shapes.rows.shape)
    rows.sum_duplicates()
    return rows


def _stacked(parts: Sequence[sparse.csr_array]) -> sparse.csr_array:
    return sparse.csr_array(sparse.vstack(parts, "csr"))


def folds_of(examples: Examples, n_folds: int, generator: np.random.Generator) -> I64:
    """Return which of so many folds each example is held out in, shape (n,).

    Every class is spread as evenly as can be, and texts with the same words stay together: else a model would be asked
    what it was told.
    """
    order = generator.permutation(len(examples))
    first = order[np.unique(examples.group[order], return_index=True)[1]]  # one of each group
    fold_of_group = np.zeros(int(examples.group.max(initial=-1)) + 1, np.int64)
    turn = int(generator.integers(n_folds))
    for value in np.unique(examples.label[first]):
        members = generator.permutation(first[examples.label[first] == value])
        fold_of_group[examples.group[members]] = (np.arange(len(members)) + turn) % n_folds
        turn += len(members)  # the next class goes on where this one ended: folds are of one size
    return fold_of_group[examples.group]
