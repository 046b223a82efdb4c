"""When editions go round by themselves: once each morning, on the workspace's own clock."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.edition import DAYS, Period
from gehoor.core.mirror_reader import day_number, iso_day
from gehoor.core.settings import load
from gehoor.core.settings_mirror import Mirror
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables import mirror as tables
from gehoor.run.workplace import Workplace

__all__ = ["due_day", "go_round", "periods_of"]

_MARK, _TRIED = "mirror_round", "mirror_round_tried"
_SUNDAY = 3
"""The day 0 of 1970 was a Thursday: weeks and months end on a day that leaves this, as `keep` has it."""

_LATE_US = 6 * 3_600 * SECOND_US
_AGAIN_US = 900 * SECOND_US
_PATIENCE_S = 300.0


def due_day(mirror: Mirror, zone: ZoneInfo, now: int) -> int | None:
    """Return of which day (since 1970) the edition is due; None before its hour, and six hours later.

    An hour that the spring skips is the one after; of one that the autumn has twice it is the first.

    Examples
    --------
    >>> due_day(Mirror(at="06:30"), ZoneInfo("UTC"), 6 * 3600 * 10**6) is None
    True
    >>> due_day(Mirror(at="06:30"), ZoneInfo("UTC"), 7 * 3600 * 10**6)
    -1
    """
    today = datetime.fromtimestamp(now / SECOND_US, zone).date()
    moment = datetime.combine(today, time.fromisoformat(mirror.at), zone)
    at = round(moment.timestamp()) * SECOND_US
    return day_number(today.isoformat()) - 1 if at <= now < at + _LATE_US else None


def periods_of(mirror: Mirror, day: int) -> list[Period]:
    """Return of which periods an edition that ends on a day goes round.

    Examples
    --------
    >>> sunday = day_number("2026-11-15")
    >>> periods_of(Mirror(), sunday), periods_of(Mirror(), sunday + 1)
    (['day', 'week'], ['day'])
    """
    return [period for period in mirror.periods if day % DAYS[period] == _SUNDAY % DAYS[period]]


async def go_round(place: Workplace) -> None:
    """Send what is due, in a process that knows how it looks; what failed is tried again in a quarter of an hour."""
    settings, engine, now = load(place.root), place.projector.engine, place.clock.now()
    day = due_day(settings.mirror, ZoneInfo(settings.workspace.timezone), now)
    if day is None or not settings.mirror.to:
        return
    wanted = periods_of(settings.mirror, day)
    done, tried, made = await place.on_writer(
        lambda: (mark_of(engine, _MARK), mark_of(engine, _TRIED), _made(engine, day, wanted))
    )
    if done >= day or now - tried < _AGAIN_US or not made:
        return
    await place.on_writer(lambda: set_mark(engine, _TRIED, now))
    if all([await _send(place.root, period, day) for period in made]):
        await place.on_writer(lambda: set_mark(engine, _MARK, day))


def _made(engine: sa.Engine, day: int, wanted: Sequence[Period]) -> list[Period]:
    """Return which of them there are: before the first night there is none, and that is no mistake."""
    table = tables.edition
    asked = sa.select(table.c.period).where(table.c.brand == "", table.c.day == day, table.c.period.in_(wanted))
    with engine.connect() as tx:
        found = {row.period for row in tx.execute(asked)}
    return [period for period in wanted if period in found]


async def _send(root: Path, period: Period, day: int) -> bool:
    """Let the command line do it: how an edition looks is none of ours to know."""
    words = ["mirror", "--workspace", str(root), "--date", iso_day(day), "--period", period, "--send"]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gehoor", *words,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return await asyncio.wait_for(child.wait(), _PATIENCE_S) == 0
    except TimeoutError:
        return False
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
