"""Run: serve, replay, demo and stop."""

import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gehoor.cli.progress import StatusLine
from gehoor.cli.terminal import Place, say, workspace_of
from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.settings import Web, load
from gehoor.core.settings_text import FILE_NAME
from gehoor.core.settings_write import write_default
from gehoor.run.lock import is_owned
from gehoor.run.offline import ask
from gehoor.run.team_door import check_door

__all__ = ["demo", "replay", "serve", "stop"]

_STOP_S = 60.0

_Port = Annotated[int | None, typer.Option(min=1, max=65_535, help="Instead of [web] port.", show_default=False)]
_Host = Annotated[
    str | None, typer.Option(help="Instead of [web] host; 0.0.0.0: everybody in the network.", show_default=False)
]
_Open = Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")]


@dataclass(frozen=True)
class _PagesAt:
    """The web server, at another place than the settings say."""

    host: str
    port: int

    def __call__(self, root: Path, host: str, port: int, *, clock: Clock | None = None) -> None:
        from gehoor.web.app import serve as serve_pages

        serve_pages(root, self.host, self.port, clock=clock)


def _place(web: Web, host: str | None, port: int | None) -> _PagesAt:
    """Return where the pages will be; a port that is taken is said at once."""
    place = _PagesAt(host or web.host, port or web.port)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        what = f"Nothing can listen at {place.host}:{place.port} ({error.strerror})"
        raise SettingError(f"{what}. Choose another with --port, or [web] port in {FILE_NAME}.") from None
    return place


def _offer(root: Path) -> None:
    """Make a workspace where there is none and somebody who sits here wants one; a script is told of it instead."""
    if (root / FILE_NAME).exists() or not sys.stdin.isatty():
        return
    if typer.confirm(f"There is no workspace in {root} yet. Make one? The pages then show the way.", default=True):
        say(f"Made {write_default(root, root.resolve().name or 'gehoor')}.")


def serve(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The workspace; or use -w.")] = None,
    *,
    workspace: Place = None,
    host: _Host = None,
    port: _Port = None,
    open_: _Open = False,
) -> None:
    """Listen, judge, count, and show it, until Ctrl-C."""
    from gehoor.run.local import serve as run_serve

    root = workspace_of(folder or workspace)
    _offer(root)
    settings = load(root)
    if is_owned(settings.root):
        raise SettingError(f"A gehoor runs in {settings.root} already: gehoor stop -w {settings.root} stops it.")
    place = _place(settings.web, host, port)
    who = check_door(settings.root, place.host, settings.web)
    line = StatusLine(settings.root, place.host, place.port, is_opened=open_, note=who)
    run_serve(settings.root, place, on_ready=line)
    say("Stopped in order; everything that was heard is on disk.")


def replay(
    file: Annotated[Path, typer.Argument(help="Posts in any form that a file source reads.")],
    *,
    speed: Annotated[
        float, typer.Option(min=0.001, help="Seconds of the past in one second now; inf: at once.")
    ] = 60.0,
    workspace: Place = None,
    host: _Host = None,
    port: _Port = None,
    open_: _Open = False,
    pages: Annotated[bool, typer.Option("--pages/--no-pages", help="Show it; without, end with the file.")] = True,
) -> None:
    """Live a file's past again, at any speed, with its pages."""
    from gehoor.run.replay import replay as run_replay

    root = workspace_of(workspace)
    if not file.exists():
        raise SettingError(f"{file}: there is no such file. Check the path.")
    if not (root / FILE_NAME).exists():
        write_default(root, root.resolve().name)
        say(f"Made the workspace {root}.")
    settings = load(root)
    if pages:
        place = _place(settings.web, host, port)
        check_door(settings.root, place.host, settings.web)
        line = StatusLine(settings.root, place.host, place.port, is_opened=open_)
        run_replay(settings.root, file, speed, place, line)
    else:
        run_replay(settings.root, file, speed, None)
    say("Stopped in order; everything that was heard is on disk.")


def demo(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Another number tells another story of the same airline.")] = 14,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001, help="Seconds of the story in one second now; else slow where it matters.", show_default=False
        ),
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="Keep it here, and go on next time.", show_default=False)
    ] = None,
    port: _Port = None,
    open_: _Open = True,
    seconds: Annotated[float | None, typer.Option(min=1, help="Stop after so many; else on Ctrl-C.")] = None,
) -> None:
    """Show twelve weeks and an ash cloud of Noordvlucht, an airline that does not exist."""
    from gehoor.run.demo import DemoOptions
    from gehoor.run.demo_run import run_demo
    from gehoor.web.app import serve as serve_pages

    options = DemoOptions(seed=seed, speed=speed, port=port or Web().port, is_opened=open_, seconds=seconds)
    run_demo(serve_pages, options, workspace)


def stop(*, workspace: Place = None) -> None:
    """Stop the gehoor that runs in a workspace, in order."""
    root = load(workspace_of(workspace)).root
    if not is_owned(root):
        raise TransientError(f"No gehoor runs in {root}.")
    ask(root, "stop")
    deadline = time.monotonic() + _STOP_S
    while is_owned(root):
        if time.monotonic() > deadline:
            raise TransientError(
                f"The gehoor in {root} is still busy stopping after {_STOP_S:.0f} s: look again later."
            )
        time.sleep(0.1)
    say("Stopped in order; everything that was heard is on disk.")
