"""The static table: hashed features to a short vector, so that texts of one meaning lie close together in any language.

Fitted once onto the sentence vectors of an encoder (multilingual-e5-small), which nobody needs who uses the table.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from gehoor.core.errors import SettingError
from gehoor.understand.array_folder import read_array_folder, write_array_folder
from gehoor.understand.features import BUCKETS, Features
from gehoor.understand.nibbles import Nibbles
from gehoor.understand.space import Space

__all__ = ["FORMAT", "LENGTH", "SHIPPED", "Table", "similar"]

SHIPPED = Path(__file__).parent / "data" / "table"
FORMAT = 1
LENGTH = 127.0
"""How long a vector of int8 is, before it is rounded."""

_FINE = 32_767.0  # a vector is rounded to so many parts before its length is taken: sums of squares are exact then
_AT_ONCE = 65_536

I8 = npt.NDArray[np.int8]


class Table:
    """Weights of every bucket, by which the features of a text become its vector.

    All that is summed are integers, in the order of the text: the same text has the same vector in any batch, order,
    process and machine.

    Parameters
    ----------
    idf : uint8, shape (BUCKETS,)
        What a feature counts for: the rarer, the more. Of heads too.
    nibbles : Nibbles, shape (BUCKETS, d)
        The weights, as they are stored.
    scale : float32, shape (d,)
        What one unit of a column is worth.
    space : Space, optional
        Where the encoder's vectors lie that it was fitted on; who fits it further needs it.
    about : mapping, optional
        What the manifest says: texts, licences, figures.

    Attributes
    ----------
    weights : int8, shape (BUCKETS, d)
        The weights, unpacked when they are first asked for.

    Notes
    -----
    Memory: 128 KB x d. Cost of `vectors`: 40 us a post, most of it to look weights up; a stream uses `Heads`, which
    does one product for everything.

    References
    ----------
    .. [1] L. Wang et al., "Multilingual E5 text embeddings", arXiv:2402.05672, 2024: the encoder.
    """

    def __init__(
        self,
        idf: npt.NDArray[np.uint8],
        nibbles: Nibbles,
        scale: npt.NDArray[np.float32],
        space: Space | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self.idf, self.scale, self.space, self.about = idf, scale, space, dict(about or {})
        self._nibbles = nibbles

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read the shipped table, or one that `gehoor train --table` made.

        Raises
        ------
        SettingError
            The folder is not a table of this version, or not as it was written.
        """
        folder = folder or SHIPPED
        about, arrays = read_array_folder(folder, "table", FORMAT)
        _check(folder, arrays)
        space = Space(arrays["mean"], arrays["axes"]) if "axes" in arrays else None
        return cls(arrays["idf"], Nibbles(arrays["pairs"], arrays["step"]), arrays["scale"], space, about)

    def save(self, folder: Path, about: Mapping[str, Any]) -> None:
        """Write the table into a folder, with what its manifest says.

        Raises
        ------
        SettingError
            The folder cannot be written.
        """
        arrays: dict[str, npt.NDArray[Any]] = {"idf": self.idf, "scale": self.scale}
        arrays |= {"pairs": self._nibbles.pairs, "step": self._nibbles.step}
        if self.space is not None:
            arrays |= {"mean": self.space.mean, "axes": self.space.axes}
        known = {"kind": "table", "format": FORMAT, "buckets": BUCKETS, "dimensions": self.dimensions}
        write_array_folder(folder, {**known, **about}, arrays)

    @property
    def dimensions(self) -> int:
        """Return how long a vector is."""
        return len(self.scale)

    @cached_property
    def weights(self) -> I8:
        return self.unpacked()

    def unpacked(self) -> I8:
        """Return the weights for once: who stacks them into others need not keep them twice."""
        return self._nibbles.values()

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of all numbers: what was fitted on one table does not fit another."""
        digest = hashlib.sha256()
        for part in (self.idf, self.unpacked(), self.scale):
            digest.update(np.ascontiguousarray(part).data)
        return digest.hexdigest()

    def rows(self, features: Features) -> sparse.csr_array:
        """Return the row of each text, float32, shape (n, BUCKETS): the idf of its features; repeats stand twice."""
        parts = (self.idf[features.bucket].astype(np.float32), features.bucket, features.first.astype(np.int32))
        return sparse.csr_array(parts, shape=(len(features), BUCKETS))

    def norms(self, features: Features) -> npt.NDArray[np.float64]:
        """Return the length of each row, shape (n,), each occurrence counted; 1 for a text without features."""
        sums = np.zeros(len(features.bucket) + 1, np.int64)
        np.cumsum(np.square(self.idf[features.bucket].astype(np.int64)), out=sums[1:])
        squares = np.diff(sums[features.first])
        return np.sqrt(np.where(squares > 0, squares, 1).astype(np.float64))

    def vectors(self, features: Features) -> I8:
        """Return the vector of each text, shape (n, d): of length 127 or so; of nought where nothing is known."""
        used, place = np.unique(features.bucket, return_inverse=True)
        rows = self.rows(features)
        parts = (rows.data, place.astype(np.int32), rows.indptr)
        narrow = sparse.csr_array(parts, shape=(len(features), max(1, len(used))))
        dense = self.weights[used].astype(np.float32) if len(used) else np.zeros((1, self.dimensions), np.float32)
        return self.rounded(narrow @ dense)

    def rounded(self, product: npt.NDArray[np.float32]) -> I8:
        """Return the vectors, shape (n, d), of what `rows` times `weights` gave, float32, shape (n, d).

        Whatever the machine: every step is exact, or one rounding of one number.
        """
        scaled = product.astype(np.float64) * self.scale.astype(np.float64)
        top = np.abs(scaled).max(axis=1, keepdims=True, initial=0.0)
        is_known = top[:, 0] > 0
        fine = np.rint(scaled * (_FINE / np.where(top > 0, top, 1.0)))
        length = np.sqrt(np.square(fine).sum(axis=1, keepdims=True))
        length[~is_known] = 1.0
        vectors: I8 = np.rint(fine * (LENGTH / length)).astype(np.int8)
        return vectors


def _check(folder: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Raise a SettingError when the arrays of a table do not fit each other."""
    n = arrays["scale"].size if "scale" in arrays else 0
    expected = {
        "idf": ("uint8", (BUCKETS,)),
        "pairs": ("uint8", (BUCKETS, n // 2)),
        "step": ("uint8", (BUCKETS,)),
        "scale": ("float32", (n,)),
    }
    if "axes" in arrays:
        m, d = (*arrays["axes"].shape, 0, 0)[:2]
        expected |= {"mean": ("float32", (d,)), "axes": ("float32", (max(m, n), d))}
    found = {name: (str(array.dtype), array.shape) for name, array in arrays.items()}
    if found != expected or not n or n % 2:
        raise SettingError(f"{folder}: its arrays do not fit each other or this gehoor. Make it anew.")


def similar(vectors: I8, query: I8, k: int = 10) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return which vectors point most the same way as a query, by the cosine.

    Parameters
    ----------
    vectors : int8, shape (n, d)
        As a `Table` makes them; those of nought are like nothing.
    query : int8, shape (d,)
        Likewise.
    k : int
        How many at most.

    Returns
    -------
    index : int64, shape (m,)
        The most similar first; of equals the earlier. m is k, or n where that is less.
    cosine : float32, shape (m,)
        -1 to 1.

    Notes
    -----
    Cost: 30 ms a million vectors of 128. Memory: 33 MB, however many.

    Examples
    --------
    >>> index, cosine = similar(np.array([[0, 127], [90, 90], [127, 0]], np.int8), np.array([127, 0], np.int8), 2)
    >>> index.tolist(), [f"{value:.2f}" for value in cosine]
    ([2, 1], ['1.00', '0.71'])
    """
    wanted = query.astype(np.float32)
    cosines = np.zeros(len(vectors), np.float32)
    for start in range(0, len(vectors), _AT_ONCE):
        part = vectors[start : start + _AT_ONCE].astype(np.float32)
        squares = np.einsum("ij,ij->i", part, part) * float(wanted @ wanted)  # of integers: exact in any order
        length = np.sqrt(np.where(squares > 0, squares, 1.0))
        cosines[start : start + _AT_ONCE] = (part @ wanted) / length
    first = np.argsort(-cosines, kind="stable")[:k]
    return first, cosines[first]
