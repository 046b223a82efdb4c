"""An inbox within the test's own process: people who wait for an answer, and accounts that answer."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gehoor.core.clock import StillClock
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import YOU
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from tests.cast import LOYAL, NOON, WORRIED
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

__all__ = ["ASKED", "DESK", "asks", "desk_of", "said", "told", "waiting"]

DESK = (
    BRANDS
    + """
[desk]
takes = "answerable"
policies = [{ name = "all", first_reply = 60, next_reply = 30 }]

[repliers.care]
type = "mastodon-reply"
server = "https://social.example"
token = "secret"
most = 500

[repliers.sky]
type = "bluesky-reply"
handle = "noordvlucht.bsky.social"
app_password = "secret"
"""
)
ASKED = "@noordvlucht Waar blijft mijn koffer? Kan iemand mij helpen, ik wacht al drie dagen op antwoord."


def asks() -> list[Activity]:
    """Return what two people ask."""
    other = "@noordvlucht Kan iemand mij helpen met mijn boeking? Ik krijg geen antwoord."
    return [LOYAL.says(ASKED, id="q1", after_s=-1_800), WORRIED.says(other, id="q2", after_s=-600)]


@contextmanager
def waiting(folder: Path, toml: str = DESK) -> Iterator[tuple[Hearing, Deciding]]:
    """Open a workspace in which two people wait for an answer."""
    hearing = Hearing(folder / "workspace", toml)
    hearing.hear(asks())
    yield hearing, Deciding(hearing)
    hearing.close()


def desk_of(hearing: Hearing) -> DeskReader:
    """Return what pages ask of the desk."""
    return DeskReader(Reader(hearing.root), StillClock(NOON))


def said(owner: Deciding, act: str, **arguments: Any) -> Any:
    """Let somebody of the team decide something; *you* where nobody is named."""
    return told(owner, "desk", act, {"said_by": YOU.id, **arguments})


def told(owner: Deciding, op: str, act: str, arguments: dict[str, Any]) -> Any:
    """Ask the owner, in a thread of its own: a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, owner.call(op, act=act, arguments=arguments)).result()
