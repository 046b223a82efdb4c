"""Lives a file's past again, on a clock of its own: what comes in is heard when it was said, and is no back-fill."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from gehoor.core.clock import SECOND_US, ReplayClock
from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage
from gehoor.core.settings import Part, Settings, load
from gehoor.core.settings_text import FILE_NAME
from gehoor.core.settings_write import write_default
from gehoor.run.local import WebProcess, WebServer, run_owner
from gehoor.run.owner import Owner
from gehoor.run.story import Story, read_story

__all__ = ["Replay", "Retelling", "replay", "source_name"]

_AT_ONCE = float("inf")
_LINES = 1_024
_SPAN_US = 3_600 * SECOND_US
_SHORTEST_S, _LONGEST_S = 0.02, 0.25


class _Told(msgspec.Struct, frozen=True):
    """The cursor: how many lines of which story were told."""

    n: int
    length: int
    first: int
    last: int


class Retelling:
    """The source of a replay: gives each line of a story when its moment has come on the clock.

    A page holds what has become due, at most 1,024 lines and an hour of the story; it was heard at the clock's now, or
    an hour after its first line where the machine cannot keep up, so that no line ever counts as back-fill.

    Parameters
    ----------
    name : str
        Of the source.
    live_from : int, optional
        What happened up to this moment is told as fast as it can be taken in; from then on the clock runs at `speed`.
    """

    def __init__(self, name: str, story: Story, clock: ReplayClock, speed: float, live_from: int = 0) -> None:
        self.name = name
        self.n_told = 0
        self._story, self._clock, self._speed, self._live_from = story, clock, speed, live_from
        # lines are counted from 1, behind the lines of the file that could not be read: no two have one position
        self._after = max((page.position for page in story.rejects), default=0)

    @property
    def share(self) -> float:
        """How much of the story was told, 0 to 1."""
        return self.n_told / len(self._story)

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield pages at the pace of the clock, from the line on that the workspace has not heard yet.

        Raises
        ------
        SettingError
            The workspace heard all of it before.
        """
        moments = self._story.moments
        self.n_told = self._resume(cursor)
        if self.n_told:
            self._clock.reach(int(moments[self.n_told - 1]))
        while (first := self.n_told) < len(moments):
            moment = int(moments[first])
            if not self._keeps_pace(moment):
                until = moment + _SPAN_US if self._speed == _AT_ONCE else min(moment + _SPAN_US, self._live_from)
                self._clock.reach(int(moments[self._end(first, until) - 1]))
            wait_s = self._clock.seconds_until(moment)
            if wait_s:
                await asyncio.sleep(min(_LONGEST_S, max(_SHORTEST_S, wait_s)))
                continue
            now = min(self._clock.now(), moment + _SPAN_US)
            end = self._end(first, now)
            for page in self._rejects(first, end):
                yield self._page(msgspec.structs.replace(page, received=now))
            payload = await asyncio.to_thread(self._story.lines, first, end)
            self.n_told = end
            position = self._after + first + 1
            yield self._page(
                RawPage(source=self.name, decoder="plain", payload=payload, received=now, position=position)
            )

    def _rejects(self, first: int, end: int) -> list[RawPage]:
        """Return what could not be read, spread over the story: all at once it would look as if nothing could be."""
        rejects, n = self._story.rejects, len(self._story)
        return rejects[len(rejects) * first // n : len(rejects) * end // n]

    def _keeps_pace(self, moment: int) -> bool:
        """Tell whether the clock runs by itself now; it begins to when the first line after `live_from` is due."""
        if self._clock.speed == _AT_ONCE and self._speed != _AT_ONCE and moment > self._live_from:
            self._clock.reach(self._live_from)
            self._clock.speed = self._speed
        return self._clock.speed != _AT_ONCE

    def _end(self, first: int, until: int) -> int:
        due = int(np.searchsorted(self._story.moments, until, side="right"))
        return min(max(due, first + 1), first + _LINES)

    def _resume(self, cursor: bytes | None) -> int:
        told = msgspec.json.decode(cursor, type=_Told) if cursor else None
        if told is None or msgspec.structs.replace(told, n=0) != self._told(0):
            return 0
        if told.n == len(self._story):
            raise SettingError(
                f"{self._story.path} was lived again to its end in this workspace. To see it once more, choose a new "
                "one: gehoor replay FILE -w FOLDER"
            )
        return told.n

    def _told(self, n: int) -> _Told:
        moments = self._story.moments
        return _Told(n, len(moments), int(moments[0]), int(moments[-1]))

    def _page(self, page: RawPage) -> RawPage:
        return msgspec.structs.replace(page, cursor=msgspec.json.encode(self._told(self.n_told)), source=self.name)


class Replay:
    """A past that is about to be lived again in a workspace.

    Parameters
    ----------
    settings : Settings
        Of the workspace. Its own sources rest; its receivers listen.
    story : Story
        What happened.
    speed : float
        Seconds of the past in one second now; `inf`: as fast as it can be taken in.
    live_from : int
        See `Retelling`.

    Attributes
    ----------
    clock : ReplayClock
        What time it is in the story.
    retelling : Retelling
        How far it is (`share`).
    """

    def __init__(self, settings: Settings, story: Story, speed: float, live_from: int = 0) -> None:
        name = source_name(story.path)
        self.settings = msgspec.structs.replace(settings, sources={name: Part(type="replay", options=None)})
        # it stands still until everything has started: nothing of the past is missed meanwhile
        self.clock = ReplayClock(int(story.moments[0]), _AT_ONCE)
        self.retelling = Retelling(name, story, self.clock, speed, live_from)
        self.owner: Owner | None = None
        self._story = story

    def run(self, server: WebServer | None, on_ready: Callable[[], Awaitable[None]] | None = None) -> None:
        """Live it: with pages until Ctrl-C, without pages until the story ends.

        Raises
        ------
        SettingError
            Without pages: what kept the story from being told.
        """
        web = WebProcess(server, self.settings, self.clock) if server is not None else None
        made: dict[str, Any] = {self.retelling.name: self.retelling}
        try:
            beside = web.start if web is not None else None
            owner = self.owner = Owner(self.settings, self.clock, beside=beside, made=made)
            asyncio.run(run_owner(owner, web, until_done=web is None, on_ready=on_ready))
        finally:
            self._story.close()
        if web is None and owner.tasks[0].status == "stopped":
            raise SettingError(str(owner.tasks[0].message))


def source_name(path: Path) -> str:
    """Return the name under which a file's past is heard.

    Examples
    --------
    >>> source_name(Path("Mijn berichten.jsonl.gz"))
    'replay-Mijn-berichten'
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path.name.split(".")[0]).strip("-")
    return f"replay-{stem}"[:64].rstrip("-")


def replay(
    root: Path,
    file: Path,
    speed: float,
    server: WebServer | None,
    on_ready: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Live a file's past again in a workspace, which is made if it is not there.

    Parameters
    ----------
    root : Path
        The workspace. Where it heard a part of this story before, it goes on from there.
    file : Path
        Posts in any form that the file source reads; read once before it begins (about 15 us a post).
    speed : float
        Seconds of the past in one second now, > 0; `inf`: as fast as it can be taken in.
    server : WebServer, optional
        The pages: they stay until Ctrl-C. None: no pages, and it ends with the file.
    on_ready : callable, optional
        Awaited once the owner answers.

    Raises
    ------
    SettingError
        The file cannot be read or has no past, the speed is none, or the workspace heard all of it before.
    """
    ReplayClock(0, speed)  # a speed that is none is said before a long file is read
    if not (root / FILE_NAME).exists():
        write_default(root, root.absolute().name)
    settings = load(root)
    Replay(settings, read_story(file, source_name(file)), speed).run(server, on_ready)
