"""Fits the head of a brand on what people said of its posts, beside the running gehoor; kept only where it helps."""

import asyncio
import multiprocessing as mp
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import sqlalchemy as sa

from gehoor.core.promoted import model_folder, versions_of
from gehoor.core.settings import load
from gehoor.core.tables.ledger import example as table
from gehoor.run.workplace import Workplace
from gehoor.understand.context import NO, YES, about_task

__all__ = ["ENOUGH", "ContextFigures", "figures_of_brand", "renew_contexts"]

ENOUGH, _LEAST_OF_EACH = 20, 5
_MORE = 5  # new examples, for another fit
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


class _Manifest(msgspec.Struct):
    figures: ContextFigures


def figures_of_brand(root: Path, brand: str) -> ContextFigures | None:
    """Return how the last head that was fitted for a brand does; None where there is none, or it cannot be read."""
    task = about_task(brand)
    versions = versions_of(root, task)
    if not versions:
        return None
    manifest = model_folder(root, task, versions[-1]) / "manifest.json"
    try:
        return msgspec.json.decode(manifest.read_bytes(), type=_Manifest).figures
    except (OSError, msgspec.MsgspecError):
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
    from gehoor.run.context_fit import fit_brand  # what fits takes a second to load, and is needed here only

    fit_brand(root, brand)
