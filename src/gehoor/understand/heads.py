"""All heads of a process: one feature pass and one sparse product for the vector and every judgement."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import ContractError, StoreError
from gehoor.core.text import TextBatch
from gehoor.understand.features import BUCKETS
from gehoor.understand.head import Head
from gehoor.understand.shapes import SHAPES, shapes_of
from gehoor.understand.table import Table
from gehoor.understand.word_product import word_product

__all__ = ["Heads", "Judged"]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What the heads say of n texts, by task.

    Attributes
    ----------
    vectors : int8, shape (n, D)
    label : dict of int64, shape (n,)
        Index into the `labels` of the task's head.
    p : dict of float32, shape (n,)
    logits : dict of float64, shape (n, c)
    """

    vectors: npt.NDArray[np.int8]
    label: dict[str, npt.NDArray[np.int64]]
    p: dict[str, F32]
    logits: dict[str, F64]


class Heads:
    """Several heads over one table, judged together.

    Parameters
    ----------
    table : Table
        The one that the heads were fitted on.
    heads : sequence of Head
        Each with a task of its own.
    cache : Path, optional
        A folder for the stacked weights: processes that name the same one share the memory.

    Notes
    -----
    Memory: 0.13 MB a class and a dimension, for all processes together with a cache. Sums are of whole numbers and
    exact in any order, unless a text has thousands of features; and then they are always made in the order of the text.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from gehoor.understand.head import Parts
    >>> from gehoor.understand.nibbles import Nibbles
    >>> table = Table(np.ones(BUCKETS, np.uint8), Nibbles.of(np.ones((BUCKETS, 2))), np.ones(2, np.float32))
    >>> heads = Heads(table, [Head.of("mood", ("good", "bad"), Parts(np.array([1.0, 0.0])))])
    >>> judged = heads.judge(TextBatch.of(pa.array(["hallo"])))
    >>> judged.label["mood"].tolist(), judged.p["mood"].round(2).tolist()
    ([0], [0.7300000190734863])
    """

    def __init__(self, table: Table, heads: Sequence[Head], cache: Path | None = None) -> None:
        self.table, self.heads = table, tuple(heads)
        self.n_dimensions = table.dimensions
        if len({head.task for head in heads}) < len(heads):
            raise ContractError(f"Each head needs a task of its own: {[head.task for head in heads]}.")
        widths = [len(head.classes) for head in heads]
        self._spans = dict(zip((head.task for head in heads), pairwise(np.cumsum([0, *widths]).tolist()), strict=True))
        self.n_cues = max((len(head.cues) for head in heads if head.cues is not None), default=0)
        self._vector, self._vector_scale = self._dense("vector", self.n_dimensions)
        self._cues, self._cue_scale = self._dense("cues", self.n_cues)
        shapes, shape_scale = self._dense("shapes", SHAPES)
        self._shaped = np.flatnonzero(np.repeat([head.shapes is not None for head in heads], widths))
        self._shapes, self._shape_scale = np.ascontiguousarray(shapes[:, self._shaped]), shape_scale[self._shaped]
        if any(head.hidden is not None and len(head.hidden.inner) != self.n_dimensions for head in heads):
            raise ContractError(f"A hidden layer does not read vectors of {self.n_dimensions} dimensions.")
        self._gram_scale = self._scales("grams")
        self._bias = np.concatenate([head.bias for head in heads]) if heads else np.zeros(0)
        self._seen = [head for head in heads if head.grams is not None and head.seen is not None]
        self._sparse = self._mapped(cache) if cache is not None else self._stacked()

    def judge(self, texts: TextBatch, cues: npt.NDArray[np.int16] | None = None) -> Judged:
        """Return the vector of each text, and what each head makes of it.

        Parameters
        ----------
        texts : TextBatch
            n texts; those without words get what the bias says.
        cues : int16, shape (n, n_cues), optional
            Needed where a head has weights for them.
        """
        if self.n_cues and (cues is None or cues.shape != (len(texts), self.n_cues)):
            raise ContractError(f"The heads need {self.n_cues} cues of each text.")
        sums, squares, idf = word_product(texts, self.table.idf, self._sparse)
        vectors = self.table.rounded(sums[:, : self.n_dimensions])
        end = self.n_dimensions + len(self._bias)
        grams = sums[:, self.n_dimensions : end] * self._gram_scale
        grams /= np.sqrt(np.maximum(squares, 1).astype(np.float64))[:, None]
        self._fade(grams, sums[:, end:], idf)
        logits = grams + (vectors.astype(np.float32) @ self._vector) * self._vector_scale
        if len(self._shaped):
            shapes = shapes_of(texts.raw)
            logits[:, self._shaped] += (shapes.rows @ self._shapes) * self._shape_scale / shapes.norms[:, None]
        if cues is not None and self.n_cues:
            logits += (cues.astype(np.float32) @ self._cues) * self._cue_scale
        for head in self.heads:
            if head.hidden is not None:
                logits[:, self.span(head.task)] += head.hidden.logits(vectors)
        logits += self._bias
        return self._judged(vectors, logits)

    def span(self, task: str) -> slice:
        """Return the columns of a task among the classes of all heads."""
        return slice(*self._spans[task])

    # -- judging --------------------------------------------------------------------------------------------------

    def _fade(self, grams: F64, seen: F32, idf: npt.NDArray[np.int64]) -> None:
        """Take back the hashed features of texts that training saw little of."""
        if not self._seen:
            return
        whole = np.maximum(idf, 1).astype(np.float64)
        for number, head in enumerate(self._seen):
            if head.familiar > 0:
                share = seen[:, number].astype(np.float64) / whole
                grams[:, self.span(head.task)] *= (2 * share / head.familiar - 1).clip(0.0, 1.0)[:, None]

    def _judged(self, vectors: npt.NDArray[np.int8], logits: F64) -> Judged:
        judged = Judged(vectors, {}, {}, {})
        for head in self.heads:
            mine = logits[:, self.span(head.task)]
            judged.label[head.task], judged.p[head.task] = head.judge(mine)
            judged.logits[head.task] = mine
        return judged

    # -- stacking -------------------------------------------------------------------------------------------------

    def _dense(self, name: str, n_rows: int) -> tuple[F32, F64]:
        """Return one float32 matrix of whole numbers for all heads, and the scale of each column."""
        columns = []
        for head in self.heads:
            part = getattr(head, name)
            if part is not None and len(part) != n_rows:
                raise ContractError(f"{head.task} has {len(part)} weights for each {name}, where {n_rows} are needed.")
            columns.append(np.zeros((n_rows, len(head.classes)), np.float32) if part is None else part)
        stacked = np.concatenate(columns, axis=1) if columns else np.zeros((n_rows, 0))
        return np.ascontiguousarray(stacked, np.float32), self._scales(name)

    def _scales(self, name: str) -> F64:
        scales = [getattr(head, f"{name.removesuffix('s')}_scale") for head in self.heads]
        ones = (np.ones(len(head.classes)) for head in self.heads)
        return np.concatenate([[], *(one if own is None else own for own, one in zip(scales, ones, strict=True))])

    def _columns(self) -> list[tuple[npt.NDArray[Any] | None, int]]:
        """Return what stands beside one another in the stacked weights, and how wide each is."""
        classes = [(head.grams, len(head.classes)) for head in self.heads]
        return [(self.table.unpacked(), self.n_dimensions), *classes, *((head.seen, 1) for head in self._seen)]

    def _stacked(self, into: I8 | None = None) -> I8:
        columns = self._columns()
        shape = (BUCKETS, sum(width for _, width in columns))
        stacked = np.zeros(shape, np.int8) if into is None else into
        at = 0
        for part, width in columns:
            if part is not None:
                stacked[:, at : at + width] = part.reshape(BUCKETS, width)
            at += width
        return stacked

    def _mapped(self, cache: Path) -> I8:
        """Return the stacked weights as a file in memory, that is made when it is not there."""
        digest = hashlib.blake2b(digest_size=16)
        for part, width in self._columns():
            digest.update(str(width).encode())
            digest.update(b"" if part is None else np.ascontiguousarray(part).data)
        path = cache / f"heads-{digest.hexdigest()}.npy"
        try:
            if not path.exists():
                self._write(path)
            mapped: I8 = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be made or read: {error}. Remove it, or make room.") from error
        return np.asarray(mapped)

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            shape = (BUCKETS, sum(width for _, width in self._columns()))
            mapped = np.lib.format.open_memmap(part, "w+", np.int8, shape)
            self._stacked(mapped)
            mapped.flush()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
