"""Shows on stderr how far long work is; scripts and log files see nothing of it."""

import asyncio
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gehoor.cli.terminal import say
from gehoor.core.errors import GehoorError
from gehoor.run.control import Control

__all__ = ["StatusLine", "share_bar"]

_EVERY_S = 1.0
_PAGE_WAIT_S = 60.0


@contextmanager
def share_bar(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar; the callable that is given takes the share that is done, 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(task, completed=share)


class StatusLine:
    """One calm line while a gehoor serves: handed to `run.local.serve` as `on_ready`.

    Parameters
    ----------
    root : Path
        The workspace.
    host, port : str, int
        Where its pages will be.
    is_opened : bool
        Open the page in a browser as soon as it is there.
    """

    def __init__(self, root: Path, host: str, port: int, *, is_opened: bool = False) -> None:
        self._control = Control(root)
        self._host, self._port, self._is_opened = host, port, is_opened
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown if host not in {'0.0.0.0', '::'} else '127.0.0.1'}:{port}/"
        self._task: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Begin; it ends by itself with the owner."""
        self._task = asyncio.get_running_loop().create_task(self._show())

    async def _show(self) -> None:
        if await self._page_is_there():
            say(f"gehoor listens: {self.url}  (Ctrl-C stops it)")
            if self._is_opened:
                await asyncio.to_thread(webbrowser.open, self.url)
        console = Console(stderr=True)
        if not console.is_terminal:
            return
        with console.status("listening") as line:
            try:
                while True:
                    line.update(_words(await self._control.call("status")))
                    await asyncio.sleep(_EVERY_S)
            except GehoorError:
                line.update("stopping in order")

    async def _page_is_there(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)
        for _ in range(int(_PAGE_WAIT_S / 0.1)):
            try:
                _, writer = await asyncio.open_connection(host, self._port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return True
        say("The pages did not come up within a minute; listening goes on. See above for the reason.")
        return False


def _words(status: dict[str, object]) -> str:
    sources = status["sources"]
    trouble = ""
    if isinstance(sources, dict):
        troubled = [name for name, (state, _) in sources.items() if state in {"waiting", "stopped"}]
        trouble = f" · trouble with {', '.join(troubled)}: gehoor sources" if troubled else ""
    return f"{status['n_stored']:,} heard since the start · {status['offset']:,} in all{trouble}"
