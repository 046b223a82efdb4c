"""What is trained on: labelled texts, checked as a whole, and turned into numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.core.settings import Settings
from gehoor.core.settings_text import nearest
from gehoor.core.text import TextBatch
from gehoor.run.labelled_file import LabelledFile, LabelledRow
from gehoor.understand.cues import Cues
from gehoor.understand.examples import Examples
from gehoor.understand.language import Language
from gehoor.understand.table import Table

__all__ = ["LEAST_ROWS", "CuedTexts", "LabelledTexts", "examples_of", "read_labelled"]

LEAST_ROWS = 50
"""With fewer labels nothing can be held out to see how well a model does."""

_LEAST_OF_CLASS = 2
_MOST_CLASSES = 1_000
_AT_ONCE = 2_048
_TASK = re.compile(r"[a-z][a-z0-9_]{0,40}")
_LEAST_LANGUAGE = 0.02  # of the texts; fewer are slips of the detector


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """Rows to train on.

    Attributes
    ----------
    rows : list of LabelledRow
    classes : tuple of str
        In order of the alphabet.
    notes : tuple of str
        What was left out and why, in words.
    """

    rows: list[LabelledRow]
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    def with_notes(self, notes: Sequence[str]) -> "LabelledTexts":
        """Return them with more to say about them."""
        return replace(self, notes=(*self.notes, *notes))

    @property
    def label(self) -> list[int]:
        """Return the index of each row's class."""
        index = {name: number for number, name in enumerate(self.classes)}
        return [index[row.label] for row in self.rows]


class CuedTexts:
    """Makes batches of texts with their language and cues, as the row stages would."""

    def __init__(self) -> None:
        self._language, self._cues = Language(Settings()), Cues()
        self.languages: Counter[str] = Counter()

    def batches(
        self, texts: Sequence[str], claimed: Sequence[str | None]
    ) -> Iterator[tuple[TextBatch, npt.NDArray[np.int16]]]:
        """Yield the texts in pieces, each with its cues; count the languages on the way."""
        for start in range(0, len(texts), _AT_ONCE):
            batch = TextBatch.of(pa.array(texts[start : start + _AT_ONCE], pa.string()))
            known = {"language": pa.array(claimed[start : start + _AT_ONCE], pa.string())}
            known |= self._language.annotate(batch, known)
            self.languages.update(known["language"].to_pylist())
            yield batch, self._cues.of(batch, known)

    def spoken(self) -> tuple[str, ...]:
        """Return the languages that more than a few of the texts were in, the most frequent first."""
        total = sum(self.languages.values())
        counted = self.languages.most_common()
        return tuple(code for code, n in counted if code and code != "und" and n >= _LEAST_LANGUAGE * total)


def read_labelled(source: Path, task: str) -> LabelledTexts:
    """Read and check the rows of a file.

    Raises
    ------
    SettingError
        The task has no name that a column can have; the file is broken (file, row, column); there are too few rows, or
        fewer than two classes.
    """
    if not _TASK.fullmatch(task) or task.endswith("_p"):
        raise SettingError(f"--task {task!r}: use small letters, digits and _, such as need: it becomes a column.")
    rows = list(LabelledFile(source, task))
    counts = Counter(row.label for row in rows)
    alone = {name for name, n in counts.items() if n < _LEAST_OF_CLASS}
    kept = [row for row in rows if row.label not in alone]
    notes = [_alone(source, row, set(counts) - alone) for row in rows if row.label in alone]
    _check(source, kept, notes)
    return LabelledTexts(kept, tuple(sorted(set(counts) - alone)), tuple(notes))


def examples_of(texts: LabelledTexts, table: Table, cued: CuedTexts) -> Examples:
    """Return labelled texts as numbers."""
    batches = cued.batches([row.text for row in texts.rows], [row.language for row in texts.rows])
    return Examples.of(batches, texts.label, table, has_shapes=True)


def _alone(source: Path, row: LabelledRow, others: set[str]) -> str:
    guess = nearest(row.label, sorted(others))
    return f"{source}, row {row.row}: nothing else is labelled {row.label!r}, so it was left out.{guess}"


def _check(source: Path, kept: list[LabelledRow], notes: Sequence[str]) -> None:
    classes = {row.label for row in kept}
    if len(kept) < LEAST_ROWS:
        left_out = f" ({len(notes)} with a label of their own were left out)" if notes else ""
        what = f"{source} holds {len(kept)} labelled texts{left_out}, and {LEAST_ROWS} are needed at least"
        raise SettingError(f"{what}. Label {LEAST_ROWS - len(kept)} more.")
    if len(classes) < 2:
        raise SettingError(
            f"{source} has one label, {next(iter(classes))!r}: there is nothing to tell apart. Add others."
        )
    if len(classes) > _MOST_CLASSES:
        raise SettingError(
            f"{source} has {len(classes):,} labels, at most {_MOST_CLASSES:,} can be told apart. Is column label right?"
        )
