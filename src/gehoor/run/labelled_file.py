"""Reads labelled texts, and texts without labels, for `gehoor train`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from gehoor.core.languages import ISO_639_1
from gehoor.listen.fields import FIELDS
from gehoor.run.rows_file import RowsFile

__all__ = ["LabelledFile", "LabelledRow", "TextsFile"]

_MOST_LABEL = 100


class LabelledRow(NamedTuple):
    """One labelled text; `row` is its number in the file, from 1; `language` as the file says."""

    row: int
    text: str
    label: str
    language: str | None


class LabelledFile(RowsFile[LabelledRow]):
    """The labelled texts of a JSON lines or CSV file (also .gz), in its order: iterate over it, once.

    Parameters
    ----------
    path : Path
        With the columns `text` and `label`; a column `language` is used where it is there.
    task : str
        A column of that name will do for `label`, where there is none.
    """

    called = "labelled texts"
    example = '{"text": "Waar blijft mijn pakket?", "label": "delivery"}'

    def __init__(self, path: Path, task: str) -> None:
        super().__init__(path)
        self._task = task
        self.needed = ("text", "label")

    def _check_columns(self, header: Iterable[str]) -> None:
        names = list(header)
        if "label" not in names and self._task in names:
            self.needed = ("text", self._task)
        super()._check_columns(names)

    def _made(self, row: dict[str, Any]) -> LabelledRow:
        column = self.needed[1]
        text, label = (self._words(row, name) for name in ("text", column))
        if len(label) > _MOST_LABEL or not label.isprintable():
            what = f"is no label: {label[:30]!r}..."
            raise self._error(column, what, f"A label is one line of at most {_MOST_LABEL} characters.")
        language = str(row.get("language") or "").lower()[:2]
        return LabelledRow(self._row, text, label, language if language in ISO_639_1 else None)

    def _words(self, row: dict[str, Any], name: str) -> str:
        value = row.get(name)
        words = str(value) if isinstance(value, (int, float)) else self._value(row, name, FIELDS["text"])
        if words is None or not words.strip():
            advice = "Label it, or remove that row." if name == self.needed[1] else "Fill it in, or remove that row."
            raise self._error(name, "is empty", advice)
        return str(words).strip() if name == self.needed[1] else str(words)


class TextsFile(RowsFile[str]):
    """The texts of a JSON lines or CSV file (also .gz), in its order; empty ones are left out."""

    called = "texts"
    needed = ("text",)
    example = '{"text": "Waar blijft mijn pakket?"}'

    def _made(self, row: dict[str, Any]) -> str:
        return self._value(row, "text", FIELDS["text"]) or ""
