"""Runs verbs of the command line within the test's own process."""

from pathlib import Path
from typing import Any

import msgspec
from typer.testing import CliRunner, Result

from gehoor.cli.verbs import app

__all__ = ["Commanding"]


class Commanding:
    """A person at a terminal, with one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def do(self, *words: object, code: int = 0, answer: str | None = None) -> Result:
        """Run a verb that must end with `code`."""
        result = CliRunner().invoke(app, [str(word) for word in words], input=answer)
        assert result.exit_code == code, f"{words}: {result.output} {result.exception!r}"
        assert "Traceback" not in result.output
        return result

    def at(self, verb: str, *words: object, code: int = 0, answer: str | None = None) -> Result:
        """Run a verb on the workspace."""
        return self.do(verb, *words, "-w", self.root, code=code, answer=answer)

    def rows(self, verb: str, *words: object) -> list[dict[str, Any]]:
        """Return what a verb gives to scripts: every line of stdout is one JSON object."""
        return [msgspec.json.decode(line) for line in self.at(verb, *words, "--json").stdout.splitlines()]
