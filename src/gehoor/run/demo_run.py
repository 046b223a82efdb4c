"""Shows the demo: makes the story, tells twelve weeks at once, then lets the ash cloud come before your eyes."""

import asyncio
import contextlib
import socket
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

from gehoor.core.errors import SettingError
from gehoor.core.settings import load
from gehoor.core.settings_text import FILE_NAME
from gehoor.run.demo import LIVE_FROM, DemoOptions, demo_settings, pace_at
from gehoor.run.demo_desk import clear_desk, man_desk
from gehoor.run.local import WebServer
from gehoor.run.loyalty import renew_loyalty
from gehoor.run.mirror.night import renew_mirror
from gehoor.run.people_night import renew_people
from gehoor.run.replay import Replay
from gehoor.run.simulate.simulate import simulate
from gehoor.run.story import Story
from gehoor.run.workplace import Workplace

__all__ = ["free_port", "run_demo"]

_PORTS = 100
_PAGE_S = 60.0
_LOOK_S = 0.1
_NAME = "noordvlucht"
_MORNING = "It is Tuesday 14 April, half past six. At 06:38 somebody sees that gate D is empty."


def free_port(port: int) -> int:
    """Return the first port from `port` on at which nobody listens on 127.0.0.1.

    Raises
    ------
    SettingError
        A hundred ports on end are taken.
    """
    for candidate in range(port, min(port + _PORTS, 65_536)):
        with contextlib.suppress(OSError), socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", candidate))
            return candidate
    raise SettingError(f"Ports {port} to {port + _PORTS - 1} are all taken: choose another with --port.")


class _Guide:
    """Says where the story is, sets its pace, and opens the page when the morning of the ash cloud begins."""

    def __init__(self, replay: Replay, options: DemoOptions, story: Story, end: str) -> None:
        self._replay, self._options, self._end = replay, options, end
        self._last = int(story.moments[-1])
        self._n_past = max(1, int(story.moments.searchsorted(LIVE_FROM)))
        self._console = Console(stderr=True, highlight=False)
        self._url = f"http://127.0.0.1:{replay.settings.web.port}/"
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self) -> None:
        """Begin; it ends by itself with the owner."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._show())]
        if self._options.seconds is not None and self._replay.owner is not None:
            loop.call_later(self._options.seconds, self._replay.owner.stop)

    async def _show(self) -> None:
        if not await self._page_is_there():
            self._console.print("The page did not come up within a minute; see above for the reason.")
        else:
            self._console.print(f"The demo is at {self._url} (Ctrl-C ends it{self._end}).", soft_wrap=True)
        await self._show_past()
        if self._replay.owner is not None:
            await clear_desk(self._replay.owner, LIVE_FROM)
            await man_desk(self._replay.owner)
        self._count()
        if self._is_over():
            self._console.print("This story was told to its end before; its pages stay.")
        else:
            self._console.print(_MORNING, soft_wrap=True)
        if self._options.is_opened:
            await asyncio.to_thread(webbrowser.open, self._url)
        await self._keep_pace()

    def _count(self) -> None:
        """Let customers be counted now, and the mirror of yesterday be made, not at the end of the first minute."""
        if self._replay.owner is not None:
            looking = asyncio.get_running_loop().create_task(_look_back(self._replay.owner))
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._tasks.append(looking)

    async def _page_is_there(self) -> bool:
        for _ in range(int(_PAGE_S / _LOOK_S)):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._replay.settings.web.port)
            except OSError:
                await asyncio.sleep(_LOOK_S)
                continue
            writer.close()
            return True
        return False

    async def _show_past(self) -> None:
        """Wait until the twelve weeks are told."""
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        is_hidden = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=is_hidden) as progress:
            bar = progress.add_task("twelve weeks pass by", total=self._n_past)
            while self._replay.retelling.n_told < self._n_past and not self._is_over():
                progress.update(bar, completed=self._replay.retelling.n_told)
                await asyncio.sleep(_LOOK_S)

    def _is_over(self) -> bool:
        """Tell whether nothing is left to tell: told now, or in an earlier life of this workspace."""
        owner = self._replay.owner
        return self._replay.retelling.share >= 1.0 or (owner is not None and owner.tasks[0].status == "stopped")

    async def _keep_pace(self) -> None:
        """Set the speed of the clock for each part of the story; at its end, time passes as it does here."""
        clock = self._replay.clock
        while not self._is_over():
            speed = self._options.speed or pace_at(clock.now())
            if clock.speed not in {speed, float("inf")}:
                clock.speed = speed
            await asyncio.sleep(_LOOK_S)
        clock.reach(self._last)
        clock.speed = 1.0


async def _look_back(owner: Workplace) -> None:
    await asyncio.gather(renew_people(owner), renew_loyalty(owner))
    await renew_mirror(owner)  # who is loyal is known by now


def run_demo(server: WebServer, options: DemoOptions, workspace: Path | None = None) -> None:
    """Show the story of Noordvlucht until Ctrl-C; at its end the pages stay.

    Twelve weeks are told as fast as they can be taken in, within 45 s on two busy cores; then the ash cloud comes at
    the pace of `run.demo.PACE`. Needs no network.

    Parameters
    ----------
    server : WebServer
        `gehoor.web.app.serve`.
    options : DemoOptions
        What was chosen.
    workspace : Path, optional
        Where to keep it; it goes on there next time. Else in a folder that is removed at the end.

    Raises
    ------
    SettingError
        The workspace is somebody else's, or of another seed; no port is free.
    """
    with _folder(workspace) as root:
        _settle(root, options)
        end = " and removes its workspace" if workspace is None else f"; it stays in {root}"
        story = _made(options.seed)
        replay = Replay(load(root), story, options.speed or pace_at(LIVE_FROM), LIVE_FROM)
        replay.run(server, _Guide(replay, options, story, end))


@contextlib.contextmanager
def _folder(workspace: Path | None) -> Iterator[Path]:
    if workspace is not None:
        workspace.mkdir(parents=True, exist_ok=True)
        yield workspace
        return
    with tempfile.TemporaryDirectory(prefix="gehoor-demo-") as folder:
        yield Path(folder)


def _settle(root: Path, options: DemoOptions) -> None:
    """Write the settings; a workspace that is there already must be of the same story."""
    text = demo_settings(port=free_port(options.port), seed=options.seed)
    path = root / FILE_NAME
    if path.exists() and path.read_text(encoding="utf-8").partition("\n")[0] != text.partition("\n")[0]:
        raise SettingError(
            f"{root} is a workspace of something else than this demo (--seed {options.seed}). Choose another folder."
        )
    path.write_text(text, encoding="utf-8")


def _made(seed: int) -> Story:
    """Return the story of a seed, ready to be told."""
    console = Console(stderr=True)
    story = Story(Path(_NAME))
    columns = (TextColumn("{task.description}"), SpinnerColumn("dots"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.add_task("an airline and its customers are made up", total=None)
        for activity in simulate(seed):
            story.add(activity)
    story.finish()
    return story
