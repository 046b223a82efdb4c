"""Looks after the desk by itself: hands over, gives what comes in to who is on duty, says what is late, or nearly."""

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
from gehoor.run.desk_handover import HandOver
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
    reader, after = Reader(place.root), None
    try:
        while True:
            await asyncio.sleep(_LOOK_S)
            with suppress(StoreError):  # a full disk: the writer says so; it is done when there is room
                after = await look_once(place, reader, after)
    finally:
        reader.close()


async def look_once(place: Watched, reader: Reader, after: str | None = None) -> str | None:
    """Hand over, assign what is nobody's, then say what is late. Cost: 50 ms with 500 that wait.

    Returns
    -------
    str, optional
        Where the next look for what is late goes on, `after` which one: of more than 500, others are looked at then.
    """
    settings = place.settings
    desk = DeskReader(reader, place.clock, settings.desk.public_days)
    now = place.clock.now()
    handed = await asyncio.to_thread(HandOver(reader, settings, now).found, desk, GEHOOR, _MOST)
    if handed:
        await place.on_writer(partial(HandOver.write, place, handed))
    given = await asyncio.to_thread(Assigning(reader, settings, now).found, desk, GEHOOR, _MOST)
    if given:
        await place.on_writer(partial(Assigning.write, place, given))
    late, after = await asyncio.to_thread(Late(reader, settings, now).found, desk, GEHOOR, _MOST, after)
    if late:
        await place.on_writer(partial(Late.write, place, late))
    return after
