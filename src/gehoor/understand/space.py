"""The space of the table: where an encoder's vectors lie, without the language they are in, in few dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["Space"]

F32 = npt.NDArray[np.float32]
_LEAST = 200  # texts of a language, for its mean to say something


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """How an encoder's vectors become the targets of a table.

    Attributes
    ----------
    mean : float32, shape (d,)
        Of the encoder's vectors: they all point much the same way.
    axes : float32, shape (m, d)
        The directions in which they differ most, the first the most; none of them tells one language from another.
    """

    mean: F32
    axes: F32

    @classmethod
    def of(cls, vectors: F32, languages: Sequence[str], n_axes: int) -> Self:
        """Find the space of vectors, shape (n, d), each of length 1, whose languages are known.

        What sets the means of the languages apart is taken out [1]_: else a text lies closer to any other text of its
        language than to its own translation.

        References
        ----------
        .. [1] Z. Yang et al., "A simple and effective method to eliminate the self language bias in multilingual
           representations", EMNLP 2021.
        """
        spoken = np.array(languages)
        mean = vectors.mean(axis=0)
        rest = vectors - mean
        means = [
            rest[spoken == name].mean(axis=0) for name in sorted(set(languages)) if (spoken == name).sum() >= _LEAST
        ]
        if len(means) > 1:
            apart = np.stack(means) - np.mean(means, axis=0)
            out = np.linalg.svd(apart, full_matrices=False)[2][: len(means) - 1]
            rest = rest - (rest @ out.T) @ out
        axes = np.linalg.svd(rest.T @ rest)[0].T[:n_axes]
        return cls(mean.astype(np.float32), np.ascontiguousarray(axes, np.float32))

    def targets(self, vectors: F32, dimensions: int) -> F32:
        """Return what the table should say, shape (n, dimensions), each of length 1."""
        found = (vectors - self.mean) @ self.axes[:dimensions].T
        length = np.linalg.norm(found, axis=1, keepdims=True)
        targets: F32 = np.divide(found, length, out=np.zeros_like(found), where=length > 0).astype(np.float32)
        return targets
