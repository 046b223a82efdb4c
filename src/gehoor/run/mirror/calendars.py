"""Calendars by address: read once a day; what one told before is replaced, and goes when its address goes."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.mirror_calendars import calendar_mark
from gehoor.core.settings import load
from gehoor.core.store import mark_of, set_mark
from gehoor.core.tables.mirror import moment
from gehoor.listen.http import Http
from gehoor.run.mirror.moments_file import moments_in
from gehoor.run.mirror.told import NewMoment, replace_moments
from gehoor.run.workplace import Workplace

__all__ = ["renew_calendars"]

_MOST_BYTES = 2_000_000
_AROUND_US = 400 * DAY_US
_HOUR_US = 3_600 * SECOND_US
_log = logging.getLogger(__name__)


async def renew_calendars(place: Workplace, *, allow_private: bool = False) -> None:
    """Read what is due of `[mirror] calendars`; what cannot be read is tried again in an hour, and stays as it was."""
    settings, engine, now = load(place.root), place.projector.engine, place.clock.now()
    known = {calendar_mark(address): address for address in settings.mirror.calendars}
    due = await place.on_writer(lambda: _due(engine, list(known), now))
    for name in due:
        await place.on_writer(partial(set_mark, engine, name, now + _HOUR_US - DAY_US))
        try:
            found = await _read(place, known[name], ZoneInfo(settings.workspace.timezone), allow_private=allow_private)
        except (TransientError, SettingError) as error:
            _log.warning("The calendar of %s was not read: %s", urlsplit(known[name]).hostname, error)
            await place.on_writer(partial(_note_failed, engine, name, now))
            continue
        near = [one for one in found if abs(one.since - now) < _AROUND_US]
        await place.on_writer(partial(_keep, engine, name, near, now))


def _due(engine: sa.Engine, names: list[str], now: int) -> list[str]:
    """Return which calendars were not read for a day; let go of what those told that nobody names any more."""
    length = len(calendar_mark(""))
    with engine.begin() as tx:
        rows = tx.execute(sa.select(sa.func.substr(moment.c.source, 1, length)).where(moment.c.source.like("url:%")))
        for gone in {row[0] for row in rows} - set(names):
            replace_moments(tx, gone, [], now)
    return [name for name in names if now - mark_of(engine, name) >= DAY_US]


async def _read(place: Workplace, address: str, zone: ZoneInfo, *, allow_private: bool) -> list[NewMoment]:
    async with Http(clock=place.clock, max_bytes=_MOST_BYTES, allow_private=allow_private) as http:
        found = await http.get(address, headers={"accept": "text/calendar"})
    return await asyncio.to_thread(moments_in, Path("calendar.ics"), found.body, zone)


def _keep(engine: sa.Engine, name: str, found: list[NewMoment], now: int) -> None:
    told = [msgspec.structs.replace(one, source=name + one.source) for one in found]
    with engine.begin() as tx:
        replace_moments(tx, name, told, now)
    for what, at in (("", now), ("read", now), ("failed", 0)):
        set_mark(engine, name + what, at)


def _note_failed(engine: sa.Engine, name: str, now: int) -> None:
    """Note since when a calendar cannot be read, so that the page can say it."""
    if not mark_of(engine, f"{name}failed"):
        set_mark(engine, f"{name}failed", now)
