"""Trains a model of the user's own: `gehoor train`. Labelled texts in, a model folder with its report out."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from gehoor.core.errors import SettingError
from gehoor.run.labelled_texts import CuedTexts, LabelledTexts, examples_of, read_labelled
from gehoor.run.model_target import model_target
from gehoor.run.taught import taught
from gehoor.run.train_report import REPORT_FILE, report_of
from gehoor.run.trained import Trained, assess
from gehoor.understand.calibration import least_p_for
from gehoor.understand.examples import Examples
from gehoor.understand.fitting import Fitted, fit_head
from gehoor.understand.head import Head
from gehoor.understand.learning_curve import N_POINTS, learning_curve
from gehoor.understand.model_folder import TABLE_FOLDER, About, write_model
from gehoor.understand.table import Table

__all__ = ["Training", "train"]

_OUT_OF_SCOPE = ("oos", "out-of-scope", "out_of_scope", "out of scope")
_UNKNOWN = "unknown"
_FITTED = 0.8  # of the time; the rest is the learning curve

Progress = Callable[[str, float], None]


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """How a model is trained.

    Attributes
    ----------
    task : str
        What is judged: the column that the model adds.
    unknown : str, optional
        The label of texts that belong to no class. When none is named, `oos` and the like are taken for it.
    sure : float, optional
        Answer only where answers are right so often, 0 to 1; the rest is `unknown`.
    licence : str
        Of the labelled texts, for the manifest.
    table : Path, optional
        A table that `gehoor train --table` made; it goes into the model's folder.
    unlabelled : Path, optional
        Texts without labels, from which a model of few labels learns by way of the encoder.
    """

    task: str
    unknown: str | None = None
    sure: float | None = None
    licence: str = "not stated"
    table: Path | None = None
    unlabelled: Path | None = None


def train(source: Path, target: Path, training: Training, on_progress: Progress | None = None) -> Trained:
    """Train a model on labelled texts, and write it with its report into a folder.

    Parameters
    ----------
    source : Path
        JSON lines or CSV, also .gz, with the columns text and label; a column language is used where it is there.
    target : Path
        A folder for the model; an older model is replaced.
    on_progress : callable, optional
        Told now and then what is done and how far that is, 0 to 1.

    Raises
    ------
    SettingError
        What is given is not as it should be (file, row, column, what to do); nothing is written then.
    StoreError
        The model cannot be written.

    Notes
    -----
    Cost: 5 s for 2,000 short posts of three classes, 3 minutes for 15,000 of 150 classes, on one core.
    """
    tell = on_progress or (lambda _what, _share: None)
    with model_target(target) as folder:
        texts = read_labelled(source, training.task)
        unknown = _unknown(texts, training)
        tell("reading", 0.0)
        table, cued = Table.load(training.table), CuedTexts()
        examples = examples_of(texts, table, cued)
        teacher, notes = taught(training.unlabelled, texts, table, tell)
        texts = texts.with_notes(notes)
        fitted = fit_head(examples, training.task, texts.classes, lambda s: tell("fitting", s * _FITTED), teacher)
        curve = learning_curve(examples, fitted, np.random.default_rng(0), _counted(tell), teacher)
        head = _finished(fitted, examples, training.sure, unknown).with_facts(languages=cued.spoken())
        trained = assess(texts, head, fitted, curve)
        data = ({"name": source.name, "licence": training.licence, "n_rows": trained.n},)
        write_model(folder, head, table, About(data=data, figures=msgspec.to_builtins(trained)))
        if training.table is not None:
            table.save(folder / TABLE_FOLDER, table.about)
        (folder / REPORT_FILE).write_text(report_of(trained, source.name), encoding="utf-8")
    return trained


def _counted(tell: Progress) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        tell("learning curve", _FITTED + (1 - _FITTED) * done / N_POINTS)

    return step


def _unknown(texts: LabelledTexts, training: Training) -> str | None:
    """Return the label of what belongs to no class."""
    if training.sure is not None and not 0 < training.sure < 1:
        raise SettingError(f"--sure {training.sure}: a share between 0 and 1, such as 0.9.")
    if training.unknown is not None and training.unknown not in texts.classes:
        there = ", ".join(texts.classes)[:200]
        raise SettingError(f"--unknown {training.unknown!r}: no text has that label. There are: {there}")
    named = (training.unknown, *_OUT_OF_SCOPE)
    return next((name for name in texts.classes if name in named or name.lower() in _OUT_OF_SCOPE), None)


def _finished(fitted: Fitted, examples: Examples, sure: float | None, unknown: str | None) -> Head:
    """Return the head with a word for what it is not sure of, where that is wanted."""
    head = fitted.head
    if unknown is not None:
        head = head.with_facts(unknown_label=unknown, is_scoped=True)
    if sure is None:
        return head
    label, p = head.judge(fitted.logits)
    is_judged = label != head.classes.index(unknown) if unknown is not None else label >= 0
    least = least_p_for(p[is_judged].astype(np.float64), (label == examples.label)[is_judged], sure)
    if least is None:
        raise SettingError(
            f"No answer of this model is right {sure:.0%} of the time. Label more, or ask for less with --sure."
        )
    return head.with_facts(least_p=least, unknown_label=unknown or _UNKNOWN)
