"""Looks after the desk by itself: gives what comes in to who is on duty, and says what is nearly late, or late."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Protocol

from gehoor.core.desk_reader import DeskReader
from gehoor.core.errors import StoreError
from gehoor.core.member import Member
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.run.desk_assign import Assigning
from gehoor.run.desk_late import Late
from gehoor.run.workplace import Workplace

__all__ = ["GEHOOR", "Watched", "look_once", "watch_desk"]

_LOOK_S = 2.0
_MOST = 500
GEHOOR = Member(id="gehoor", name="gehoor", roles=("manager",))
"""Who decides here, in the lines of what was done: nobody of the team."""


class Watched(Workplace, Protocol):
    """A workplace that knows its settings; `run.owner.Owner` and `run.offline.AtRest` are."""

    settings: Settings


async def watch_desk(place: Watched) -> None:
    """Look every two seconds, for ever; where nothing is promised and nothing assigned, at nothing."""
    reader = Reader(place.root)
    try:
        while True:
            await asyncio.sleep(_LOOK_S)
            with suppress(StoreError):  # a full disk: the writer says so; it is done when there is room
                await look_once(place, reader)
    finally:
        reader.close()


async def look_once(place: Watched, reader: Reader) -> None:
    """Assign what is nobody's, then say what is late. Cost: 30 ms with 500 that wait."""
    settings = place.settings
    if not (settings.desk.assigns or settings.desk.policies):
        return
    desk = DeskReader(reader, place.clock, settings.desk.public_days)
    now = place.clock.now()
    given = await asyncio.to_thread(Assigning(reader, settings, now).found, desk, GEHOOR, _MOST)
    if given:
        await place.on_writer(partial(Assigning.write, place, given))
    late = await asyncio.to_thread(Late(reader, settings, now).found, desk, GEHOOR, _MOST)
    if late:
        await place.on_writer(partial(Late.write, place, late))
