"""What came of training, in figures: for the console, the manifest and the report."""

import msgspec
import numpy as np
import numpy.typing as npt

from gehoor.run.labelled_texts import LabelledTexts
from gehoor.understand.calibration import Reliability
from gehoor.understand.confusion import Confusion, interval_of
from gehoor.understand.fitting import Fitted
from gehoor.understand.head import Head
from gehoor.understand.learning_curve import LearningCurve
from gehoor.understand.suspects import suspects

__all__ = ["MORE_LABELS", "ClassFigures", "Doubt", "Trained", "assess"]

MORE_LABELS = 300
"""What the learning curve is drawn on to."""

_FEW = 20
_LOW = 0.6

F64 = npt.NDArray[np.float64]


class ClassFigures(msgspec.Struct, frozen=True):
    """How one class does: how many labels, how much of it is found, how often it is right when given."""

    name: str
    n: int
    recall: float
    precision: float
    mistaken_for: str | None
    advice: str


class Doubt(msgspec.Struct, frozen=True):
    """A row whose label may be wrong: what the model would say, and how probable it finds both."""

    row: int
    label: str
    model: str
    model_p: float
    label_p: float


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a model, all of them held out: by five-fold cross-validation, no text in two folds.

    Attributes
    ----------
    accuracy_95, macro_f1_95 : tuple of float
        95 % intervals, by bootstrap.
    calibration_error : float
        How far probabilities and truth are apart on average.
    reliability : list of (int, float, float)
        Of ten bins: how many answers, their mean probability, how often they were right.
    curve : list of (int, float)
        Labels, and the accuracy with them.
    gain : float
        By how much accuracy would rise with `MORE_LABELS` more labels.
    answered, answered_accuracy : float
        The share that is not `unknown`, and how much of it is right.
    confusion : list of list of int
        `confusion[true][given]`, in the order of `classes`.
    parts : dict of float
        What the head is the sum of.
    """

    task: str
    n: int
    classes: tuple[str, ...]
    languages: tuple[str, ...]
    accuracy: float
    accuracy_95: tuple[float, float]
    macro_f1: float
    macro_f1_95: tuple[float, float]
    calibration_error: float
    reliability: list[tuple[int, float, float]]
    curve: list[tuple[int, float]]
    gain: float
    least_p: float
    answered: float
    answered_accuracy: float
    by_class: list[ClassFigures]
    confusion: list[list[int]]
    doubts: list[Doubt]
    parts: dict[str, float]
    notes: tuple[str, ...] = ()


def assess(texts: LabelledTexts, head: Head, fitted: Fitted, curve: LearningCurve) -> Trained:
    """Return the figures of a head from what it said of each row while that was held out."""
    label, c = np.array(texts.label), len(texts.classes)
    given, p = head.judge(fitted.logits)
    is_answer = given < c
    if head.unknown_label in head.classes:
        is_answer &= given != head.classes.index(head.unknown_label)
    picked = np.where(given < c, given, fitted.logits.argmax(axis=1))
    confusion = Confusion.of(label, picked, c)
    reliability = Reliability.of(p.astype(np.float64), picked == label)
    bins = zip(reliability.n.tolist(), reliability.p.tolist(), reliability.accuracy.tolist(), strict=True)
    return Trained(
        task=head.task,
        n=len(label),
        classes=texts.classes,
        languages=head.languages,
        accuracy=round(confusion.accuracy, 4),
        accuracy_95=interval_of(label, picked, c, "accuracy"),
        macro_f1=round(confusion.macro_f1, 4),
        macro_f1_95=interval_of(label, picked, c, "macro_f1"),
        calibration_error=round(reliability.error, 4),
        reliability=[(n, round(mean, 4), round(right, 4)) for n, mean, right in bins],
        curve=[(n, round(accuracy, 4)) for n, accuracy in curve.points],
        gain=round(curve.gain(len(label), MORE_LABELS), 4),
        least_p=head.least_p,
        answered=round(float(is_answer.mean()), 4),
        answered_accuracy=round(float((given == label)[is_answer].mean()), 4) if is_answer.any() else 0.0,
        by_class=_by_class(texts.classes, confusion),
        confusion=confusion.counts.tolist(),
        doubts=_doubts(texts, fitted.logits),
        parts={name: round(weight, 3) for name, weight in fitted.recipe.mix.used.items()},
        notes=texts.notes,
    )


def _by_class(classes: tuple[str, ...], confusion: Confusion) -> list[ClassFigures]:
    counts = confusion.counts.sum(axis=1).tolist()
    figures = []
    for number, name in enumerate(classes):
        worst = confusion.mistaken_for(number)
        mistaken = classes[worst[0]] if worst is not None else None
        recall, precision = float(confusion.recall[number]), float(confusion.precision[number])
        advice = _advice(counts[number], recall, precision, mistaken)
        figures.append(ClassFigures(name, counts[number], round(recall, 3), round(precision, 3), mistaken, advice))
    return sorted(figures, key=lambda one: (one.recall + one.precision, one.name))


def _advice(n: int, recall: float, precision: float, mistaken: str | None) -> str:
    if n < _FEW:
        return f"{n} labels are few: label {_FEW - n} more at least."
    if recall < _LOW and mistaken is not None:
        return f"Often taken for {mistaken}: label more that tell both apart, or make them one."
    if precision < _LOW:
        return "Often given wrongly: label more of what looks like it."
    return ""


def _doubts(texts: LabelledTexts, logits: F64) -> list[Doubt]:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    found = suspects(shares, np.array(texts.label))
    rows, classes = texts.rows, texts.classes
    return [
        Doubt(rows[one.place].row, rows[one.place].label, classes[one.given], one.p_given, one.p_label) for one in found
    ]
