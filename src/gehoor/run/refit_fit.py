"""Fits a head anew from what people corrected here and what came with gehoor; measures it on what chance drew."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.example import Example
from gehoor.core.examples import Examples as Said
from gehoor.core.promoted import SHIPPED, current_version, model_folder, versions_of
from gehoor.core.reader import Reader
from gehoor.core.refit import Figures
from gehoor.core.sqlite import sync_folder
from gehoor.core.text import TextBatch
from gehoor.run.labelled_texts import CuedTexts
from gehoor.run.refit_child import Refitted
from gehoor.run.replay_set import OwnText, replay_set
from gehoor.run.sign_test import p_of_loss
from gehoor.understand.examples import Examples
from gehoor.understand.fitting import N_FOLDS, fit_on_folds
from gehoor.understand.head import Head
from gehoor.understand.heads import Heads
from gehoor.understand.judgements import shipped_heads
from gehoor.understand.model_folder import About, read_model, write_model
from gehoor.understand.table import Table

__all__ = ["OWN_WEIGHT", "refit_task"]

OWN_WEIGHT = 3.0
"""What a correction counts for beside an example that came with gehoor: it is of the posts that are judged here."""

Labels = npt.NDArray[np.object_]


def refit_task(root: Path, task: str) -> Refitted:
    """Fit one head, write it as the next version, and compare it with the one that judges now; promotes nothing.

    Notes
    -----
    What chance drew is held out for good, and so is every text that says the same.
    """
    table, cued = Table.load(), CuedTexts()
    reader = Reader(root)
    try:
        said = [example for example in Said(reader).said(task) if example.text and example.value]
        fitted_before = [line.version for line in Said(reader).refits(task)]
    finally:
        reader.close()
    sample = [example for example in said if example.origin == "random"]
    own = _apart([example for example in said if example.origin != "random"], sample)
    now = _head_now(root, task, table)
    head = _fitted(task, own, table, cued)
    version = max([SHIPPED, *versions_of(root, task), *fitted_before]) + 1  # no number stands for two heads
    figures = _compared(head, now, table, sample, n_examples=len(own))
    _write(root, version, head, table, figures)
    return Refitted(task, version, figures)


def _apart(examples: Sequence[Example], sample: Sequence[Example]) -> list[Example]:
    """Return the examples whose words stand nowhere in the sample."""
    held_out = set(_digests(sample))
    return [example for example, digest in zip(examples, _digests(examples), strict=True) if digest not in held_out]


def _digests(examples: Sequence[Example]) -> list[int]:
    texts = TextBatch.of(pa.array([example.text for example in examples], pa.string()))
    return [int(digest) for digest in texts.digests()[0]]


def _fitted(task: str, own: Sequence[Example], table: Table, cued: CuedTexts) -> Head:
    """Fit a head on own examples and on those that came with gehoor, so that it does not forget.

    It has the words of the one that came with gehoor, and is as slow to say what it is not sure of.
    """
    shipped = shipped_heads()[task]
    told = [OwnText(str(one.text), one.language, str(one.value), str(one.seq)) for one in own]
    texts = [text for text in [*told, *replay_set(task)] if text.label in shipped.classes]
    label = [shipped.classes.index(text.label) for text in texts]
    batches = cued.batches([text.text for text in texts], [text.language for text in texts])
    examples = Examples.of(batches, label, table)
    weight = np.where(np.arange(len(texts)) < len(texts) - len(replay_set(task)), OWN_WEIGHT, 1.0)
    fitted = fit_on_folds(examples.with_labels(examples.label, weight), task, shipped.classes, _folds(texts, examples))
    facts = {"least_p": shipped.least_p, "unknown_label": shipped.unknown_label}
    return fitted.head.with_facts(languages=cued.spoken(), **facts)


def _folds(texts: Sequence[OwnText], examples: Examples) -> npt.NDArray[np.int64]:
    """Return the fold in which each text is held out: trades stay whole, and so do those who say the same."""
    trades = sorted({text.group for text in texts if not text.group.isdecimal()})
    of_trade = {trade: number % N_FOLDS for number, trade in enumerate(trades)}
    fold = [of_trade.get(text.group, int(group) % N_FOLDS) for text, group in zip(texts, examples.group, strict=True)]
    return np.array(fold, np.int64)


def _compared(head: Head, now: Head, table: Table, sample: Sequence[Example], *, n_examples: int) -> Figures:
    """Return how a head does beside the one that judges now, post by post."""
    truth = np.array([example.value for example in sample], dtype=object)
    new = _said_by(head, table, sample) == truth
    old = _said_by(now, table, sample) == truth
    n_gained, n_lost = int((new & ~old).sum()), int((old & ~new).sum())
    return Figures(
        n_examples=n_examples, n_sample=len(sample), n_right=int(new.sum()), n_right_before=int(old.sum()),
        n_gained=n_gained, n_lost=n_lost, p_worse=p_of_loss(n_gained, n_lost),
    )  # fmt: skip


def _head_now(root: Path, task: str, table: Table) -> Head:
    """Return the head that judges now; one of ours that this gehoor can no longer use counts as none."""
    version = current_version(root, task)
    if version == SHIPPED:
        return shipped_heads()[task]
    model = read_model(model_folder(root, task, version))
    return model.head if model.table == table.digest else shipped_heads()[task]


def _said_by(head: Head, table: Table, sample: Sequence[Example]) -> Labels:
    heads, found = Heads(table, [head]), []
    for texts, cues in CuedTexts().batches(*_told(sample)):
        judged = heads.judge(texts, cues if heads.n_cues else None)
        found.append(np.array(head.labels, dtype=object)[judged.label[head.task]])
    return np.concatenate(found) if found else np.empty(0, dtype=object)


def _told(sample: Iterable[Example]) -> tuple[list[str], list[str | None]]:
    pairs = [(str(example.text), example.language) for example in sample]
    return [text for text, _ in pairs], [language for _, language in pairs]


def _write(root: Path, version: int, head: Head, table: Table, figures: Figures) -> None:
    """Write a version whole or not at all."""
    folder = model_folder(root, head.task, version)
    beside = folder.with_name(f".{version}.new")
    shutil.rmtree(beside, ignore_errors=True)
    data = ({"name": "corrections of this workspace", "licence": "yours", "n_rows": figures.n_examples},)
    write_model(beside, head, table, About(data=data, figures=msgspec.to_builtins(figures)))
    sync_folder(beside)
    beside.rename(folder)
    sync_folder(folder.parent)
