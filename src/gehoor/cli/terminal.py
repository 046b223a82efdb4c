"""What the verbs share: which workspace is meant, words for people on stderr, answers on stdout."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import StoreError
from gehoor.core.settings_text import FILE_NAME

__all__ = [
    "AsJson", "Column", "Place", "cell", "fail", "moment", "print_json", "print_table", "reading", "say",
    "workspace_of",
]  # fmt: skip

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, for scripts.")]
Place = Annotated[
    Path | None,
    typer.Option(
        "--workspace", "-w", help="The workspace; else this folder if it is one, else ./workspace.", show_default=False
    ),
]


def workspace_of(given: Path | None) -> Path:
    """Return the workspace that is meant."""
    if given is not None:
        return given
    return Path() if Path(FILE_NAME).exists() else Path("workspace")


def say(words: str) -> None:
    """Tell the person something; scripts read stdout and do not see it."""
    Console(stderr=True, highlight=False).print(Text(words), soft_wrap=True)


def fail(words: str) -> None:
    """Say why it did not work; a message that points at a character has three lines."""
    lines = "\n".join(map(cell, words.split("\n")))
    Console(stderr=True, highlight=False).print(Text.assemble(("Error: ", "bold red"), lines), soft_wrap=True)


def print_json(value: Any) -> None:
    """Write one line of JSON to stdout."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def cell(value: object) -> str:
    """Return what a stranger wrote as one line that cannot steer the terminal.

    Examples
    --------
    >>> cell("red \\x1b[31m alert\\n")
    'red  [31m alert '
    """
    return "".join(char if char.isprintable() or char == "\u200d" else " " for char in str(value))


def moment(at: int | None, zone: str) -> str:
    """Return a moment as people in a time zone write it; empty when there is none."""
    if at is None:
        return ""
    return datetime.fromtimestamp(at / SECOND_US, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


Column = Literal["narrow", "short", "wide"]
"""How wide a column may be: as its values, at most 24, what is left."""


def print_table(columns: Mapping[str, Column], rows: Iterable[Iterable[object]]) -> None:
    """Print rows to stdout: a table on a terminal, lines with tabs where it is a pipe or a file."""
    console = Console(highlight=False)
    lines = [[cell(value) for value in row] for row in rows]
    if not console.is_terminal:
        sys.stdout.writelines("\t".join(line) + "\n" for line in ([*columns], *lines))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, width in columns.items():
        table.add_column(name, no_wrap=width != "wide", max_width=24 if width == "short" else None)
    for line in lines:
        table.add_row(*map(Text, line))
    console.print(table)


@contextmanager
def reading() -> Iterator[None]:
    """Say in one line what is wrong with files that cannot be read."""
    from sqlalchemy.exc import DatabaseError

    try:
        yield
    except DatabaseError as error:
        raise StoreError(
            f"The ledger cannot be read ({error.orig}). Restore a backup: gehoor restore --help"
        ) from error
