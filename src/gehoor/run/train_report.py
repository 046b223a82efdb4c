"""The report of a model, as one page that opens anywhere: no script, nothing from elsewhere, no text of anybody."""

from functools import cache
from importlib.resources import files
from typing import Any

from gehoor.run.trained import MORE_LABELS, Trained

__all__ = ["REPORT_FILE", "report_of"]

REPORT_FILE = "report.html"

_MOST_CLASSES = 25  # a confusion table of more is not read; then only the pairs that are mixed up most
_MOST_PAIRS = 40
_WIDTH, _HEIGHT = 320, 220


def report_of(trained: Trained, source: str) -> str:
    """Return the page about a model that was trained on a file of that name."""
    return str(
        _template().render(
            model=trained,
            source=source,
            more=MORE_LABELS,
            pairs=_pairs(trained),
            is_small=len(trained.classes) <= _MOST_CLASSES,
            curve=_points([(n, accuracy) for n, accuracy in trained.curve]),
            reliability=[(p * _WIDTH, _HEIGHT * (1 - right), n) for n, p, right in trained.reliability if n],
            width=_WIDTH,
            height=_HEIGHT,
        )
    )


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    text = files("gehoor.run").joinpath("train_report.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(text)


def _pairs(trained: Trained) -> list[tuple[str, str, int]]:
    """Return which classes are taken for which, most often first."""
    pairs = [
        (trained.classes[true], trained.classes[given], n)
        for true, row in enumerate(trained.confusion)
        for given, n in enumerate(row)
        if n and true != given
    ]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))[:_MOST_PAIRS]


def _points(curve: list[tuple[int, float]]) -> list[tuple[float, float, int, float]]:
    """Return where each point of the learning curve is drawn, with what it says."""
    most = max(n for n, _ in curve)
    return [(_WIDTH * n / most, _HEIGHT * (1 - accuracy), n, accuracy) for n, accuracy in curve]
