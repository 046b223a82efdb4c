"""Lets the mirror forget with the workspace: its marts hold a digest of who said what, and are made anew at once."""

import asyncio
import shutil
from functools import partial
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import sqlalchemy as sa

from gehoor.core.edition import Edition
from gehoor.core.mirror_change import Advice, Driver
from gehoor.core.sqlite import alone, truncate_wal
from gehoor.core.tables import mirror as tables
from gehoor.run.mirror.child import Wanted, make_in_child
from gehoor.run.mirror.heard import OPEN
from gehoor.run.mirror.marts import settle_marts, touched
from gehoor.run.mirror.night import make_soon, one_at_a_time
from gehoor.run.workplace import Workplace

__all__ = ["forget_in_mirror"]

_WHERE = "region"
"""The one dimension whose values people write themselves: where they say that they live."""


async def forget_in_mirror(place: Workplace) -> None:
    """Make the marts anew of the days of those who were just forgotten, and let go of what was measured on them.

    Editions of before stay: they are sums, and places of posts where nothing stands any more. What they said of a
    region that nobody else names goes. The newest are made anew within a minute, where gehoor runs.
    """
    folder = place.root / "mirror"
    if not folder.exists():
        return
    async with one_at_a_time(place.root):
        # what tells whether it changed is how far the ledger is, and that does not change by forgetting
        shutil.rmtree(folder / OPEN, ignore_errors=True)
        await make_in_child(place.root, place.clock.now(), Wanted(brands=[], periods=[]))
        since = touched(folder)
        if since is not None:
            regions = await asyncio.to_thread(_regions, folder)
            await place.on_writer(partial(_let_go, place.projector.engine, since, regions))
        settle_marts(folder)


def _regions(folder: Path) -> set[str]:
    """Return which regions anybody still names."""
    found: set[str] = set()
    for file in folder.glob("*/cells.parquet"):
        cells = pq.read_table(file, columns=["value"], filters=[("dimension", "=", _WHERE)], partitioning=None)
        found.update(cells.column("value").unique().to_pylist())
    return found


def _let_go(engine: sa.Engine, since: int, regions: set[str]) -> None:
    day, edition, advice = tables.mirror_day, tables.edition, tables.advice
    n = 0
    with engine.begin() as tx:
        tx.execute(sa.delete(day).where(day.c.day >= since))
        for row in tx.execute(sa.select(edition).where(edition.c.day >= since)).all():
            found = msgspec.json.decode(row.data, type=Edition)
            kept = _without(found, regions)
            if kept != found:
                one = [edition.c[name] == getattr(row, name) for name in ("brand", "period", "day")]
                n += tx.execute(sa.update(edition).where(*one).values(data=msgspec.json.encode(kept))).rowcount
        for row in tx.execute(sa.select(advice.c.id, advice.c.data).where(advice.c.day >= since)).all():
            if not _stands(msgspec.json.decode(row.data, type=Advice).because, regions):
                n += tx.execute(sa.delete(advice).where(advice.c.id == row.id)).rowcount
    make_soon(engine)
    if n:  # no moved copy stays in the file
        alone(engine, "VACUUM")
        truncate_wal(engine)


def _stands(driver: Driver, regions: set[str]) -> bool:
    return driver.dimension != _WHERE or driver.value in regions


def _without(found: Edition, regions: set[str]) -> Edition:
    """Return an edition that names no region but these."""
    explained = tuple(
        one if one.dimension != _WHERE
        else msgspec.structs.replace(one, values=tuple(value for value in one.values if value in regions))
        for one in found.explained
    )  # fmt: skip
    return msgspec.structs.replace(
        found,
        drivers=tuple(one for one in found.drivers if _stands(one, regions)),
        advice=tuple(one for one in found.advice if _stands(one.because, regions)),
        followed=tuple(one for one in found.followed if one.dimension != _WHERE or one.value in regions),
        slices=tuple(one for one in found.slices if one.dimension != _WHERE or one.name in regions),
        explained=explained,
    )
