"""Shows the demo: fills a workspace of its own with the day so far, then lets it go on before your eyes."""

import asyncio
import contextlib
import socket
import tempfile
import webbrowser
from pathlib import Path

from rich.console import Console

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.settings import parse
from gehoor.core.settings_text import FILE_NAME
from gehoor.run.demo import DEMO_STREAM, demo_settings
from gehoor.run.local import WebServer
from gehoor.run.replay import Replay, source_name
from gehoor.run.story import read_story

__all__ = ["LIVE_FROM", "free_port", "run_demo"]

LIVE_FROM = 1_776_171_600 * SECOND_US
"""Three in the afternoon in Amsterdam: an hour and twelve minutes before the app fails."""

_PORTS = 100
_PAGE_S = 60.0


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


class _Showing:
    """Opens the page once it is there, and stops after a while if asked to."""

    def __init__(self, replay: Replay, *, is_opened: bool, seconds: float | None) -> None:
        self._replay, self._is_opened, self._seconds = replay, is_opened, seconds
        self._port = replay.settings.web.port
        self._task: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._show())
        if self._seconds is not None and self._replay.owner is not None:
            asyncio.get_running_loop().call_later(self._seconds, self._replay.owner.stop)

    async def _show(self) -> None:
        console = Console(stderr=True, highlight=False)
        url = f"http://127.0.0.1:{self._port}/"
        for _ in range(int(_PAGE_S / 0.1)):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            console.print(f"The demo is at {url} (Ctrl-C ends it and removes its workspace).")
            if self._is_opened:
                await asyncio.to_thread(webbrowser.open, url)
            return
        console.print("The page did not come up within a minute; see above for the reason.")


def run_demo(
    server: WebServer, *, speed: float = 60.0, port: int = 8400, open_page: bool = True, seconds: float | None = None
) -> None:
    """Show one Tuesday of Noordvlucht in a temporary workspace, until Ctrl-C.

    The day up to three in the afternoon is there at once; from then on it goes on at `speed`. The workspace is removed
    at the end. Needs no network.

    Parameters
    ----------
    server : WebServer
        `gehoor.web.app.serve`.
    speed : float
        Seconds of the story in one second now.
    port : int
        Where the page is, or the next that is free.
    open_page : bool
        Open it in a browser.
    seconds : float, optional
        Stop after so long; else on Ctrl-C.
    """
    with tempfile.TemporaryDirectory(prefix="gehoor-demo-") as folder:
        root = Path(folder)
        text = demo_settings(port=free_port(port))
        (root / FILE_NAME).write_text(text, encoding="utf-8")
        story = read_story(DEMO_STREAM, source_name(DEMO_STREAM))
        replay = Replay(parse(text, root), story, speed, LIVE_FROM)
        replay.run(server, _Showing(replay, is_opened=open_page, seconds=seconds))
