"""The command line: one module a group of verbs, no logic of its own.

In: words on a command line. Out: what `run` and `core` say, for people or as JSON lines on stdout (`--json`).
Exit codes: 0 done, 1 could not be done now, 2 something to change in what was asked.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

__all__ = ["command", "main"]

_WITH_PROCESSES = {"serve", "demo", "drill", "replay"}


def command() -> "typer.Typer":
    """Return the command with all its verbs."""
    from gehoor.cli.verbs import app

    return app


def main() -> None:
    """Run the command line.

    The verbs are loaded here, not above: each process that gehoor starts imports the module that it was started from,
    and 0.8 s of CPU in each of them is a second later on the page.
    """
    if _WITH_PROCESSES.intersection(sys.argv[1:2]):
        from gehoor.run.processes import begin

        begin()  # it loads what the processes need while this one loads the verbs
    from gehoor.cli import verbs

    verbs.main()
