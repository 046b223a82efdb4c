"""What the house tests read: our source, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["REPOSITORY", "Function", "classes", "functions", "modules", "name_of", "parsed"]

REPOSITORY = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules(folder: str) -> tuple[Path, ...]:
    """Return the Python files below a folder of the repository, sorted."""
    return tuple(sorted(path for path in (REPOSITORY / folder).rglob("*.py") if "__pycache__" not in path.parts))


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    """Yield every function and method of a file, nested ones too."""
    return (node for node in ast.walk(parsed(path)) if isinstance(node, Function))


def classes(path: Path) -> Iterator[ast.ClassDef]:
    """Yield every class of a file."""
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef))


def name_of(path: Path) -> str:
    """Return a path as a person reads it."""
    return str(path.relative_to(REPOSITORY))
