"""The command line: one module a group of verbs, no logic of its own.

In: words on a command line. Out: what `run` and `core` say, for people or as JSON lines on stdout (`--json`).
Exit codes: 0 done, 1 could not be done now, 2 something to change in what was asked.
"""

from gehoor.cli.app import app, main

__all__ = ["app", "main"]
