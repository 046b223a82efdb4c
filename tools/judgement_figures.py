"""How right judgements are, with intervals, floors, and by language and channel: what bench/judgements.json holds."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["figures_of", "interval", "keep", "macro_f1"]

_DRAWS = 1_000
_LEAST = 60  # posts; of fewer no figure is given

I64 = npt.NDArray[np.int64]


def macro_f1(truth: I64, given: I64, n_classes: int) -> float:
    """Return the mean F1 over the classes, to three digits; a class that nobody has counts as nought where given."""
    right = np.bincount(truth[truth == given], minlength=n_classes)
    either = np.bincount(truth, minlength=n_classes) + np.bincount(given, minlength=n_classes)
    return round(float((2 * right[either > 0] / either[either > 0]).mean()), 3)


def interval(measure: Callable[[I64], float], n: int) -> list[float]:
    """Return the middle 95 % of a measure over 1,000 draws of n rows with replacement."""
    rng = np.random.default_rng(1)
    drawn = [measure(rng.integers(0, n, n)) for _ in range(_DRAWS)]
    return [round(float(q), 3) for q in np.quantile(drawn, [0.025, 0.975])]


def figures_of(
    truth: I64, given: I64, n_classes: int, groups: dict[str, Sequence[str]], floors: dict[str, I64]
) -> dict[str, Any]:
    """Return accuracy and macro-F1 with its interval, that of floors, and that of each group with posts enough.

    Parameters
    ----------
    truth, given : int64, shape (n,)
    groups : dict
        By name of a dimension (language, channel) the value of each post.
    floors : dict
        By name what a simple rival gives.
    """
    common = np.full(len(truth), np.bincount(truth).argmax())
    found: dict[str, Any] = {
        "n": len(truth),
        "accuracy": round(float((truth == given).mean()), 3),
        "macro_f1": macro_f1(truth, given, n_classes),
        "interval": interval(lambda rows: macro_f1(truth[rows], given[rows], n_classes), len(truth)),
        "majority": macro_f1(truth, common, n_classes),
        **{name: macro_f1(truth, rival, n_classes) for name, rival in floors.items()},
    }
    for name, values in groups.items():
        masks = {value: np.array([each == value for each in values]) for value in sorted(set(values))}
        found[name] = {
            value: macro_f1(truth[mask], given[mask], n_classes)
            for value, mask in masks.items()
            if mask.sum() >= _LEAST
        }
    return found


def keep(path: Path, part: str, figures: dict[str, Any]) -> None:
    """Put figures under a name into a file of figures, beside what it has."""
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known[part] = known.get(part, {}) | figures
    path.write_text(json.dumps(known, indent=2) + "\n", "utf-8")
