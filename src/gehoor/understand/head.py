"""One trained linear classifier, in integers: what it gives a text is the same in any batch, order and machine."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import ContractError
from gehoor.understand.features import BUCKETS
from gehoor.understand.hidden import Hidden
from gehoor.understand.shapes import SHAPES

__all__ = ["MOST_DENSE", "MOST_GRAM", "Head", "Parts"]

MOST_GRAM = 127
"""The largest weight of a hashed feature: int8."""

MOST_DENSE = 255
"""The largest weight of a dimension or a cue: with int8 vectors, products of 128 of them are exact in float32."""

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int8]
I16 = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The weights of a classifier of c classes as they were fitted: `Head.of` makes integers of them.

    Attributes
    ----------
    bias : float64, shape (c,)
    grams : float, shape (BUCKETS, c), optional
        Over the row of a text divided by its norm; all zero where training never saw a bucket.
    vector : float, shape (D, c), optional
        Over the vector of a text, as it leaves the table: whole numbers up to 127.
    cues : float, shape (n_cues, c), optional
        Over the cues of a text, as they are: whole numbers.
    shapes : float, shape (SHAPES, c), optional
        Over the shapes of a text divided by their norm.
    """

    bias: F64
    grams: npt.NDArray[Any] | None = None
    vector: npt.NDArray[Any] | None = None
    cues: npt.NDArray[Any] | None = None
    shapes: npt.NDArray[Any] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Head:
    """A task with c classes: the logits are grams / norm + vector + cues + shapes / their norm + bias.

    p = softmax(logits / temperature).

    Attributes
    ----------
    task : str
        What is judged: its column.
    classes : tuple of str, length c
    languages : tuple of str
        ISO 639-1 codes of what it was trained on, where that is known.
    bias : float64, shape (c,)
    grams : int8, shape (BUCKETS, c), optional
    gram_scale : float32, shape (c,), optional
        A weight is `grams * gram_scale`; likewise below.
    vector : int16, shape (D, c), optional
        Within `MOST_DENSE`, as `cues` is.
    cues : int16, shape (n_cues, c), optional
    shapes : int8, shape (SHAPES, c), optional
    hidden : Hidden, optional
        Its logits are added.
    seen : bool, shape (BUCKETS,), optional
        The buckets that training saw. When given, hashed features count in full where at least the share `familiar` of
        a text (by weight) was seen, not at all where it is half of that, and in between in between: in a language that
        the labels did not show, the vector judges alone.
    familiar : float
    favour : float64, shape (c,), optional
        Is added where the label is chosen, not to its probability: rare classes would else be given too seldom.
    temperature : float
    least_p : float
        What is less probable is `unknown_label`.
    unknown_label : str, optional
        One of `classes`, or a word of its own.
    is_scoped : bool
        `unknown_label` is a class that stands for everything else: p is then always that of the best other class, so
        that it is low where a text is out of scope.
    """

    task: str
    classes: tuple[str, ...]
    bias: F64
    languages: tuple[str, ...] = ()
    grams: I8 | None = None
    gram_scale: F32 | None = None
    vector: I16 | None = None
    vector_scale: F32 | None = None
    cues: I16 | None = None
    cue_scale: F32 | None = None
    shapes: I8 | None = None
    shape_scale: F32 | None = None
    hidden: Hidden | None = None
    seen: Mask | None = None
    familiar: float = 0.0
    favour: F64 | None = None
    temperature: float = 1.0
    least_p: float = 0.0
    unknown_label: str | None = None
    is_scoped: bool = False

    def __post_init__(self) -> None:
        self._check_classes()
        self._check_numbers()
        c = len(self.classes)
        _check(self.bias, "bias", np.float64, (c,))
        sizes = {"grams": BUCKETS, "shapes": SHAPES}
        for name, type_ in (("grams", np.int8), ("shapes", np.int8), ("vector", np.int16), ("cues", np.int16)):
            part, scale = getattr(self, name), getattr(self, f"{name.removesuffix('s')}_scale")
            if (part is None) != (scale is None):
                raise ContractError(f"{name} and its scale go together.")
            if part is not None:
                _check(part, name, type_, (sizes.get(name, len(part)), c))
                _check(scale, f"the scale of {name}", np.float32, (c,))
                if type_ is np.int16 and part.size and int(np.abs(part.astype(np.int32)).max()) > MOST_DENSE:
                    raise ContractError(f"{name} leaves -{MOST_DENSE} to {MOST_DENSE}.")
        if self.hidden is not None:
            _check(self.hidden.scale, "the hidden layer", np.float64, (c,))
        if self.favour is not None:
            _check(self.favour, "favour", np.float64, (c,))
        if self.seen is not None:
            _check(self.seen, "seen", np.bool_, (BUCKETS,))

    @classmethod
    def of(cls, task: str, classes: tuple[str, ...], parts: Parts, **facts: Any) -> Self:
        """Return fitted weights as a head, each column in as many steps as its integers have.

        Parameters
        ----------
        facts
            Further attributes, by name: `languages`, `temperature`, `least_p` ...
        """
        grams, gram_scale = _whole(parts.grams, MOST_GRAM, np.int8)
        vector, vector_scale = _whole(parts.vector, MOST_DENSE, np.int16)
        cues, cue_scale = _whole(parts.cues, MOST_DENSE, np.int16)
        shapes, shape_scale = _whole(parts.shapes, MOST_GRAM, np.int8)
        return cls(
            task=task, classes=classes, bias=parts.bias.astype(np.float64), grams=grams, gram_scale=gram_scale,
            vector=vector, vector_scale=vector_scale, cues=cues, cue_scale=cue_scale, shapes=shapes,
            shape_scale=shape_scale, **facts,
        )  # fmt: skip

    @property
    def labels(self) -> tuple[str, ...]:
        """The words that may be given: `classes`, then `unknown_label` where it is none of them."""
        if self.unknown_label is None or self.unknown_label in self.classes:
            return self.classes
        return (*self.classes, self.unknown_label)

    def with_facts(self, **facts: Any) -> "Head":
        """Return the same head with other attributes."""
        return replace(self, **facts)

    def judge(self, logits: F64) -> tuple[npt.NDArray[np.int64], F32]:
        """Return which of `labels` each text gets, and how probable it is.

        Parameters
        ----------
        logits : float64, shape (n, c)

        Returns
        -------
        label : int64, shape (n,)
        p : float32, shape (n,)
            0 to 1, to four digits. Of what is not sure: of the class that it would have been.
        """
        shares = np.exp((logits - logits.max(axis=1, keepdims=True)) / self.temperature)
        shares /= shares.sum(axis=1, keepdims=True)
        label = (logits if self.favour is None else logits + self.favour).argmax(axis=1)
        if self.unknown_label is None:
            return label, _rounded(shares[np.arange(len(label)), label])
        unknown = self.labels.index(self.unknown_label)
        if self.is_scoped:
            shares[:, unknown] = 0.0
            p = _rounded(shares.max(axis=1))
        else:
            p = _rounded(shares[np.arange(len(label)), label])
        return np.where(p < np.float32(self.least_p), unknown, label), p

    def _check_classes(self) -> None:
        if not self.task or len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise ContractError(f"A head needs a task and two classes at least, each once: {self.task} {self.classes}.")
        if self.is_scoped and self.unknown_label not in self.classes:
            raise ContractError(f"{self.unknown_label} is no class of {self.task}.")

    def _check_numbers(self) -> None:
        numbers = (self.familiar, self.temperature, self.least_p)
        if not (np.isfinite(numbers).all() and 0 <= self.familiar <= 1 and 0 <= self.least_p <= 1):
            raise ContractError("familiar and least_p are shares from 0 to 1.")
        if self.temperature <= 0:
            raise ContractError("The temperature is a number above 0.")


def _whole(weights: npt.NDArray[Any] | None, most: int, type_: Any) -> tuple[Any, F32 | None]:
    """Return each column as whole numbers up to `most`, and what one step of it is worth."""
    if weights is None:
        return None, None
    scale = (np.abs(weights).max(axis=0, initial=0.0) / most).astype(np.float32)
    scale[scale == 0] = 1.0
    return np.rint(weights / scale).clip(-most, most).astype(type_), scale


def _rounded(p: F64) -> F32:
    """Return probabilities to four digits: the last bit of an `exp` differs from machine to machine."""
    return np.round(p, 4).astype(np.float32)


def _check(array: npt.NDArray[Any], name: str, type_: Any, shape: tuple[int, ...]) -> None:
    if array.dtype != type_ or array.shape != shape:
        wanted = f"{np.dtype(type_)} {shape}"
        raise ContractError(f"{name} is {array.dtype} {array.shape}, where {wanted} is needed.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ContractError(f"{name} holds what is no number.")
