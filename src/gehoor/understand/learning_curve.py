"""What more labels would bring: the error at fewer labels, drawn on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from gehoor.understand.examples import Examples
from gehoor.understand.fitting import Fitted, held_out_mixed
from gehoor.understand.teacher import Teacher

__all__ = ["N_POINTS", "LearningCurve", "learning_curve"]

N_POINTS = 4
_PARTS = (0.125, 0.25, 0.5)
_MANY = 4_000
_LEAST = 20

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Error as a power of the number of labels: error = scale * n ** -slope.

    Attributes
    ----------
    points : tuple of (int, float)
        Labels, and the share of answers that were right with them.

    References
    ----------
    .. [1] J. Hestness et al., "Deep learning scaling is predictable, empirically", arXiv:1712.00409, 2017.

    Examples
    --------
    >>> curve = LearningCurve.of([(100, 0.6), (200, 0.72), (400, 0.804)])
    >>> round(curve.gain(400, 400), 3)
    0.059
    """

    points: tuple[tuple[int, float], ...]
    scale: float
    slope: float

    @classmethod
    def of(cls, points: list[tuple[int, float]]) -> Self:
        """Draw a curve through points; flat where labels brought nothing."""
        n = np.log([n for n, _ in points])
        error = np.log([max(1.0 - accuracy, 1e-4) for _, accuracy in points])
        slope = -float(np.polyfit(n, error, 1)[0]) if len(points) > 1 else 0.0
        slope = min(max(slope, 0.0), 1.0)
        return cls(tuple(points), float(np.exp(error[-1] + slope * n[-1])), slope)

    def gain(self, n: int, more: int) -> float:
        """Return by how much accuracy would rise with so many more labels."""
        return float(self.scale * (n**-self.slope - (n + more) ** -self.slope))


def learning_curve(
    examples: Examples,
    fitted: Fitted,
    generator: np.random.Generator,
    step: Callable[[], None],
    teacher: Teacher | None = None,
) -> LearningCurve:
    """Return the learning curve: the same recipe on an eighth, a quarter, half and all of the labels, held out.

    Of many examples one fold is enough. `step` is called `N_POINTS` times.
    """
    n_folds = 1 if len(examples) > _MANY else int(fitted.fold.max()) + 1
    points = []
    for part in _PARTS:
        sizes, right, asked = [], 0, 0
        for number in range(n_folds):
            train, out = np.flatnonzero(fitted.fold != number), np.flatnonzero(fitted.fold == number)
            some = generator.permutation(train)[: int(len(train) * part)]
            if len(some) < _LEAST or len(np.unique(examples.label[some])) < 2 or not len(out):
                continue
            logits = held_out_mixed(examples, some, out, fitted.recipe, teacher)
            sizes.append(len(some))
            right += int((logits.argmax(axis=1) == examples.label[out]).sum())
            asked += len(out)
        if asked:
            points.append((round(float(np.mean(sizes))), right / asked))
        step()
    whole = fitted.fold < n_folds
    n_whole = round(len(examples) * (1 - 1 / (int(fitted.fold.max()) + 1)))
    accuracy = float((fitted.logits[whole].argmax(axis=1) == examples.label[whole]).mean())
    step()
    return LearningCurve.of([*points, (n_whole, accuracy)])
