"""Shows on stderr how far long work is; scripts and log files see nothing of it."""

import asyncio
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from gehoor.cli.terminal import cell, say
from gehoor.core.reader import Reader, SourceState

__all__ = ["StatusLine", "busy", "share_bar", "task_bar"]

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


@contextmanager
def task_bar() -> Iterator[Callable[[str, float], None]]:
    """Show a bar whose words change: the callable that is given takes what is done now, and how far that is, 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)


@contextmanager
def busy(what: str) -> Iterator[Callable[[str], None]]:
    """Show that something goes on; the callable that is given changes the words."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda words: None
        return
    with console.status(Text(what), refresh_per_second=4) as status:
        yield lambda words: status.update(Text(words))


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
    note : str
        What to say below the address: who gets in.
    """

    def __init__(self, root: Path, host: str, port: int, *, is_opened: bool = False, note: str = "") -> None:
        self._root, self._note = root, note
        self._host, self._port, self._is_opened = host, port, is_opened
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown if host not in {'0.0.0.0', '::'} else '127.0.0.1'}:{port}/"
        self._task: asyncio.Task[None] | None = None
        self._told: dict[str, str | None] = {}

    async def __call__(self) -> None:
        """Begin; it ends by itself with the owner."""
        self._task = asyncio.get_running_loop().create_task(self._show())

    async def _show(self) -> None:
        if await self._page_is_there():
            say(f"gehoor listens: {self.url}  (Ctrl-C stops it)")
            if self._note:
                say(self._note)
            if self._is_opened:
                await asyncio.to_thread(webbrowser.open, self.url)
        # read as everybody reads, not asked of the owner: a call of ours would still be open when it ends
        reader = Reader(self._root)
        try:
            first = _n_stored(await asyncio.to_thread(reader.sources))
            with busy("listening") as line:
                while True:
                    states = await asyncio.to_thread(reader.sources)
                    self._tell(states)
                    line(_words(_n_stored(states), first, states))
                    await asyncio.sleep(_EVERY_S)
        finally:
            reader.close()

    def _tell(self, states: list[SourceState]) -> None:
        """Say once what is the matter with a source."""
        for state in states:
            if state.message and self._told.get(state.name) != state.message:
                say(f"{state.name} is {state.status}: {cell(state.message)}")
            self._told[state.name] = state.message

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


def _n_stored(states: list[SourceState]) -> int:
    return sum(state.n_stored for state in states)


def _words(n: int, n_before: int, states: list[SourceState]) -> str:
    n_ill = sum(state.status in {"waiting", "stopped"} for state in states)
    trouble = f" · trouble with {n_ill} of the sources: gehoor sources" if n_ill else ""
    return f"{n - n_before:,} heard since the start · {n:,} in all{trouble}"
