"""Fits the head of a brand on what people said of its posts, beside the running gehoor; kept only where it helps."""

import asyncio
import multiprocessing as mp
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.draw import is_chance
from gehoor.core.errors import GehoorError
from gehoor.core.promoted import model_folder, promote, versions_of
from gehoor.core.settings import load
from gehoor.core.store import read_store
from gehoor.core.tables.ledger import example as table
from gehoor.core.text import TextBatch
from gehoor.run.model_target import model_target
from gehoor.run.workplace import Workplace
from gehoor.understand.context import LEAST_P, NO, YES, about_task
from gehoor.understand.examples import Examples
from gehoor.understand.heads import Heads
from gehoor.understand.model_folder import About, read_model, write_model
from gehoor.understand.table import Table

__all__ = ["ENOUGH", "ContextFigures", "figures_of_brand", "fit_brand", "renew_contexts"]

ENOUGH, _LEAST_OF_EACH = 20, 5
_MORE = 5  # new examples, for another fit
_FROZEN = 0.25
_MOST_S = 300.0
_NICE = 10


class ContextFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How the head of a brand does.

    Attributes
    ----------
    n_examples : int
        What people said, the frozen share included.
    n_sample, n_right, n_right_query : int
        Of the frozen share, which is never trained on: how many, how many the head judges as people did, and how many
        the query alone does, for which every post is about the brand.
    is_used : bool
        Whether it judges: only where it was right at least as often as the query alone.
    """

    n_examples: int
    n_sample: int
    n_right: int
    n_right_query: int
    is_used: bool


class _Said(NamedTuple):
    """What people said of the posts of a brand."""

    seqs: list[int]
    texts: list[str]
    is_about: list[bool]

    def take(self, rows: Sequence[int]) -> "_Said":
        picked = [(self.seqs[row], self.texts[row], self.is_about[row]) for row in rows]
        return _Said([one[0] for one in picked], [one[1] for one in picked], [one[2] for one in picked])


def figures_of_brand(root: Path, brand: str) -> ContextFigures | None:
    """Return how the last head that was fitted for a brand does; None where there is none, or it cannot be read."""
    task = about_task(brand)
    versions = versions_of(root, task)
    if not versions:
        return None
    try:
        figures = read_model(model_folder(root, task, versions[-1])).about.figures
        return msgspec.convert(figures, ContextFigures)
    except (GehoorError, msgspec.ValidationError):
        return None


async def renew_contexts(place: Workplace, renew: Callable[[], None]) -> bool:
    """Fit the heads of brands of which people said enough since the last time, each in a process of its own.

    Parameters
    ----------
    renew : callable
        Lets the row stages read their heads anew; called when one was made.
    """
    counts = await place.on_writer(lambda: _counts(place))
    is_new = False
    for brand in load(place.root).brands:
        if _is_due(place.root, brand, counts.get(about_task(brand), (0, 0))):
            is_new |= await asyncio.to_thread(_fit_beside, place.root, brand)
    if is_new:
        renew()
    return is_new


def _counts(place: Workplace) -> dict[str, tuple[int, int]]:
    """Return by task how many posts are about the brand, and how many are not."""
    n = sa.func.count()
    mine = sa.select(table.c.task, table.c.value, n).where(table.c.task.startswith(about_task(""), autoescape=True))
    with place.projector.engine.connect() as tx:
        rows = tx.execute(mine.group_by(table.c.task, table.c.value)).all()
    found = {(task, value): int(count) for task, value, count in rows}
    return {task: (found.get((task, YES), 0), found.get((task, NO), 0)) for task, _ in found}


def _is_due(root: Path, brand: str, counts: tuple[int, int]) -> bool:
    if sum(counts) < ENOUGH or min(counts) < _LEAST_OF_EACH:
        return False
    last = figures_of_brand(root, brand)
    return last is None or abs(sum(counts) - last.n_examples) >= _MORE


def _fit_beside(root: Path, brand: str) -> bool:
    """Fit in a process of its own, which cannot hold up anything here; tell whether there is a new head."""
    process = mp.get_context("spawn").Process(target=_fit, args=(root, brand), daemon=True)
    process.start()
    process.join(_MOST_S)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode == 0


def _fit(root: Path, brand: str) -> None:
    os.nice(_NICE)
    fit_brand(root, brand)


def fit_brand(root: Path, brand: str) -> ContextFigures:
    """Fit the head of a brand on its examples, measure it on the frozen share of them, and use it where it helps.

    Cost: 10 s of a slow process, most of it to load what fits.

    Raises
    ------
    GehoorError
        The examples are too few, or the model cannot be written.
    """
    from gehoor.understand.fitting import fit_head  # scikit-learn takes a second, and is needed here only

    task, said = about_task(brand), _said(root, brand)
    frozen = [row for row, seq in enumerate(said.seqs) if is_chance(seq, _FROZEN)]
    told = [row for row in range(len(said.seqs)) if row not in set(frozen)]
    shipped, learnt, asked = Table.load(), said.take(told), said.take(frozen)
    head = fit_head(_examples(learnt, shipped), task, (NO, YES)).head
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
