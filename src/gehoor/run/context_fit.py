"""Fits the head of one brand and measures it: what is loaded for this, nothing else needs."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.draw import is_chance
from gehoor.core.promoted import model_folder, promote, versions_of
from gehoor.core.store import read_store
from gehoor.core.tables.ledger import example as table
from gehoor.core.text import TextBatch
from gehoor.run.context import ContextFigures
from gehoor.run.model_target import model_target
from gehoor.understand.context import LEAST_P, NO, YES, about_task
from gehoor.understand.examples import Examples
from gehoor.understand.fitting import Fitted, fit_head
from gehoor.understand.head import Head
from gehoor.understand.heads import Heads
from gehoor.understand.model_folder import About, write_model
from gehoor.understand.table import Table

__all__ = ["fit_brand"]

_FROZEN = 0.25


class _Said(NamedTuple):
    """What people said of the posts of a brand."""

    seqs: list[int]
    texts: list[str]
    is_about: list[bool]

    def take(self, rows: Sequence[int]) -> "_Said":
        picked = [(self.seqs[row], self.texts[row], self.is_about[row]) for row in rows]
        return _Said([one[0] for one in picked], [one[1] for one in picked], [one[2] for one in picked])


def fit_brand(root: Path, brand: str) -> ContextFigures:
    """Fit the head of a brand on its examples, measure it on the frozen share of them, and use it where it helps.

    Cost: 10 s of a slow process, most of it to load what fits.

    Raises
    ------
    GehoorError
        The examples are too few, or the model cannot be written.
    """
    task, said = about_task(brand), _said(root, brand)
    frozen = [row for row, seq in enumerate(said.seqs) if is_chance(seq, _FROZEN)]
    told = [row for row in range(len(said.seqs)) if row not in set(frozen)]
    shipped, learnt, asked = Table.load(), said.take(told), said.take(frozen)
    head = _modest(fit_head(_examples(learnt, shipped), task, (NO, YES)))
    heads = Heads(shipped, [head])
    right = [kept == about for kept, about in zip(_kept(heads, asked.texts), asked.is_about, strict=True)]
    figures = ContextFigures(
        n_examples=len(said.seqs), n_sample=len(frozen), n_right=sum(right), n_right_query=sum(asked.is_about),
        is_used=sum(right) >= sum(asked.is_about),
    )  # fmt: skip
    version = (versions_of(root, task) or [0])[-1] + 1
    folder = model_folder(root, task, version)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with model_target(folder) as part:
        write_model(part, head, shipped, About(figures=msgspec.to_builtins(figures)))
    promote(root, task, version if figures.is_used else 0)
    return figures


def _modest(fitted: Fitted) -> Head:
    """Return the head, nowhere surer than its few examples allow: after n that all agree, (n + 1) / (n + 2)."""
    margin = np.abs(np.diff(fitted.logits, axis=1)).max(initial=0.0) / fitted.head.temperature
    too_sure = max(1.0, float(margin) / math.log(len(fitted.logits) + 1))
    return fitted.head.with_facts(temperature=fitted.head.temperature * too_sure)


def _said(root: Path, brand: str) -> _Said:
    engine = read_store(root)
    mine = sa.select(table).where(table.c.task == about_task(brand), table.c.text.is_not(None)).order_by(table.c.seq)
    with engine.connect() as tx:
        rows = tx.execute(mine).all()
    engine.dispose()
    return _Said([row.seq for row in rows], [row.text for row in rows], [row.value == YES for row in rows])


def _examples(said: _Said, shipped: Table) -> Examples:
    return Examples.of([(TextBatch.of(pa.array(said.texts)), None)], [int(about) for about in said.is_about], shipped)


def _kept(heads: Heads, texts: list[str]) -> list[bool]:
    """Tell for each text whether the head leaves its brand on it."""
    if not texts:
        return []
    judged, task = heads.judge(TextBatch.of(pa.array(texts))), heads.heads[0].task
    is_off = (judged.label[task] == 0) & (judged.p[task] >= LEAST_P)
    return [not off for off in is_off.tolist()]
