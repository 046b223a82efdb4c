"""The lines of a TOML text, each with what it says: the parser itself tells where a statement ends."""

import re
import tomllib
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from gehoor.core.settings_text import to_toml

__all__ = ["Statement", "keyed", "statements"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TOKENS = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(?P<comment>#[^\n]*)', re.DOTALL
)


class Statement(NamedTuple):
    """One or more whole lines.

    Attributes
    ----------
    kind : str
        A `header`, a `key` with its value, or a `gap`: empty, or a comment.
    path : tuple of str
        What it defines, from the root; of a gap that of the header above it.
    header : tuple of str
        The header above it; a header's own.
    text : str
        The lines, each with its end.
    """

    kind: Literal["header", "key", "gap"]
    path: tuple[str, ...]
    header: tuple[str, ...]
    text: str


def statements(text: str) -> list[Statement]:
    """Split a text, which is TOML, into its statements; joined, their texts are the text.

    Examples
    --------
    >>> [(one.kind, one.path) for one in statements('[a.b]\\n"c d" = [\\n1]\\n')]
    [('header', ('a', 'b')), ('key', ('a', 'b', 'c d'))]
    """
    found: list[Statement] = []
    here: tuple[str, ...] = ()
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    start = 0
    while start < len(lines):
        end, node = _parsed(lines, start)
        piece = "".join(lines[start:end])
        bare = piece.strip()
        if not bare or bare.startswith("#"):
            found.append(Statement("gap", here, here, piece))
        elif bare.startswith("["):
            here = _path(node, deepest=True)
            found.append(Statement("header", here, here, piece))
        else:
            found.append(Statement("key", here + _key_path(bare), here, piece))
        start = end
    return found


def _parsed(lines: Sequence[str], start: int) -> tuple[int, dict[str, Any]]:
    """Return where the statement that begins on a line ends, and what it says."""
    piece = ""
    for end in range(start, len(lines)):
        piece += lines[end]
        try:
            return end + 1, tomllib.loads(piece)
        except tomllib.TOMLDecodeError:
            continue
    return len(lines), {}


def _path(node: Any, *, deepest: bool) -> tuple[str, ...]:
    path: list[str] = []
    while isinstance(node, (dict, list)) and node and (deepest or isinstance(node, dict)):
        if isinstance(node, list):
            node = node[0]
            continue
        key, node = next(iter(node.items()))
        path.append(key)
    return tuple(path)


def _key_path(statement: str) -> tuple[str, ...]:
    """Return the dotted key of a statement: an equals sign may stand in a quoted key too."""
    for equals in re.finditer("=", statement):
        try:
            return _path(tomllib.loads(statement[: equals.start()] + "= 0"), deepest=True)
        except tomllib.TOMLDecodeError:
            continue
    return ()


def keyed(path: Sequence[str], value: object, old: str = "", end: str = "\n") -> str:
    """Return a line that gives a key a value, with the indent and the comments of the lines that it replaces.

    Examples
    --------
    >>> keyed(["port"], 8401, "  port = 8400  # ours\\n")
    '  port = 8401  # ours\\n'
    """
    indent = old[: len(old) - len(old.lstrip(" \t"))]
    comments = [match["comment"].rstrip() for match in _TOKENS.finditer(old) if match["comment"]]
    last = old.rstrip().rpartition("\n")[2]
    beside = comments.pop() if comments and last.endswith(comments[-1]) else ""
    key = ".".join(name if _BARE.fullmatch(name) else to_toml(name) for name in path)
    above = "".join(f"{indent}{comment}{end}" for comment in comments)
    return f"{above}{indent}{key} = {to_toml(value)}{'  ' + beside if beside else ''}{end}"
