"""Lets heads learn from corrections, each night or when somebody asks; only what is no worse takes over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import GehoorError, SettingError
from gehoor.core.judgement import JUDGED
from gehoor.core.promoted import SHIPPED, current_version, promote, remove_version, versions_of
from gehoor.core.refit import Figures, Outcome, Refit, note_refit, refits_of
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.ledger import example as table
from gehoor.run.child import child_at
from gehoor.run.refit_child import Refitted, refit_in_child
from gehoor.run.sign_test import is_no_worse
from gehoor.run.workplace import Workplace

__all__ = ["MEASURED", "night_of", "refit", "refit_nightly", "roll_back"]

MEASURED = 300
"""Posts that chance drew, below which no head takes the place of another."""

_HOUR = 3
_LOOK_S = 60.0
_KEPT = 5
_MARK = "refitted"
_BUSY: set[Path] = set()


async def refit(place: Workplace, tasks: Sequence[str] | None = None, *, by_hand: bool = True) -> list[Refit]:
    """Fit every head about which something new was said, in a process of its own; return the lines of the log.

    Parameters
    ----------
    tasks : sequence of str, optional
        These only; by default all that can learn.
    by_hand : bool
        Somebody asked for it: what is not done is said too.
    """
    unknown = [task for task in tasks or () if task not in JUDGED]
    if unknown:
        raise SettingError(f"{unknown[0]!r} does not learn from corrections. Known: {', '.join(JUDGED)}.")
    if place.root in _BUSY:
        raise SettingError("Heads are being fitted already. Look again in some minutes.")
    _BUSY.add(place.root)
    try:
        return await _refit(place, tasks or JUDGED, by_hand=by_hand)
    finally:
        _BUSY.discard(place.root)


async def _refit(place: Workplace, tasks: Sequence[str], *, by_hand: bool) -> list[Refit]:
    due, lines = [], []
    for task in tasks:
        wait = await place.on_writer(partial(_why_wait, place, task))
        if wait is None:
            due.append(task)
        elif by_hand and wait.note:
            lines.append(await place.on_writer(partial(_note, place, task, SHIPPED, "waits", wait)))
    async for done in _fitted(place.root, due):
        lines.append(await place.on_writer(partial(_settle, place, done)))
    if any(line.outcome == "promoted" for line in lines):
        place.renew_stages()
    return lines


async def refit_nightly(place: Workplace, zone: ZoneInfo) -> None:
    """Refit once a night, for ever; a night that was missed is made up for after the next start."""
    while True:
        await asyncio.sleep(_LOOK_S)
        night = night_of(place.clock.now(), zone)
        if await place.on_writer(partial(mark_of, place.projector.engine, _MARK)) >= night:
            continue
        # a full disk: the writer says so, and tomorrow there may be room; somebody had it done just now: so be it
        with contextlib.suppress(GehoorError, OSError):
            await place.on_writer(partial(set_mark, place.projector.engine, _MARK, night))
            await refit(place, by_hand=False)


def night_of(now: int, zone: ZoneInfo) -> int:
    """Return the number of the night that a moment comes after; a night ends at three in a time zone.

    Examples
    --------
    >>> three = 3 * 3_600 * SECOND_US
    >>> night_of(three, ZoneInfo("UTC")) - night_of(three - SECOND_US, ZoneInfo("UTC"))
    1
    """
    local = datetime.fromtimestamp(now / SECOND_US, UTC).astimezone(zone)
    return local.toordinal() - (local.hour < _HOUR)


def roll_back(place: Workplace, task: str, version: int | None = None) -> Refit:
    """Let another version judge: by default the one that judged before. Between two commits.

    Raises
    ------
    SettingError
        There is no such head or version.
    """
    if task not in JUDGED:
        raise SettingError(f"{task[:40]!r} is no head. Known: {', '.join(JUDGED)}.")
    current = current_version(place.root, task)
    wanted = _before(place, task, current) if version is None else version
    promote(place.root, task, wanted)
    line = _note(place, task, wanted, "back", Figures())
    place.renew_stages()
    return line


def _before(place: Workplace, task: str, current: int) -> int:
    """Return the version that judged before the current one."""
    with place.projector.engine.begin() as tx:
        judged = [line.version for line in refits_of(tx, task) if line.outcome in ("promoted", "back")]
    there = {SHIPPED, *versions_of(place.root, task)}
    return next((version for version in judged if version != current and version in there), SHIPPED)


def _why_wait(place: Workplace, task: str) -> Figures | None:
    """Say why a head is not fitted now; None where it is."""
    counted = sa.select(table.c.origin, sa.func.count(), sa.func.max(table.c.at)).group_by(table.c.origin)
    with place.projector.engine.begin() as tx:
        rows = tx.execute(counted.where(table.c.task == task, table.c.value.is_not(None))).all()
        last = next((line.at for line in refits_of(tx, task) if line.outcome in ("promoted", "kept")), 0)
    n_sample = sum(n for origin, n, _ in rows if origin == "random")
    n_examples = sum(n for origin, n, _ in rows if origin != "random")
    newest = max((at for origin, _, at in rows if origin != "random"), default=0)
    if not n_examples or newest <= last:
        return Figures()
    if n_sample < MEASURED:
        return Figures(n_examples=n_examples, n_sample=n_sample, note=f"{n_sample} / {MEASURED}")
    return None


def _settle(place: Workplace, done: Refitted) -> Refit:
    """Promote what was fitted, or leave what was there; note it either way."""
    figures = done.figures
    if done.version == SHIPPED:
        return _note(place, done.task, SHIPPED, "failed", figures)
    if figures.n_sample < MEASURED or not is_no_worse(figures.n_gained, figures.n_lost):
        remove_version(place.root, done.task, done.version)
        outcome: Outcome = "waits" if figures.n_sample < MEASURED else "kept"
        return _note(place, done.task, done.version, outcome, figures)
    promote(place.root, done.task, done.version)
    for old in versions_of(place.root, done.task)[:-_KEPT]:
        remove_version(place.root, done.task, old)
    return _note(place, done.task, done.version, "promoted", figures)


def _note(place: Workplace, task: str, version: int, outcome: Outcome, figures: Figures) -> Refit:
    line = Refit(task=task, version=version, at=place.clock.now(), outcome=outcome, figures=figures)
    with place.projector.engine.begin() as tx:
        note_refit(tx, line)
    return line


async def _fitted(root: Path, tasks: Sequence[str]) -> AsyncIterator[Refitted]:
    """Yield what a child fits, one by one; the child goes when we go."""
    if not tasks:
        return
    async with child_at(refit_in_child, str(root), list(tasks), name="gehoor-refit") as child:
        for task in tasks:
            data = await child.receive()
            if data is None:
                note = f"the process that fitted it ended with {child.exitcode}"
                yield Refitted(task, SHIPPED, Figures(note=note))
                return
            yield msgspec.json.decode(data, type=Refitted)
