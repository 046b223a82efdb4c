"""One idea, one word; and a name says what is inside."""

import ast
import re
from pathlib import Path

from tests.house.source import REPOSITORY, classes, functions, modules, name_of, parsed

SOURCE = modules("src/gehoor")
EMPTY_WORDS = {
    "util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "stuff", "handler", "handlers",
    "processor", "tmp",
}  # fmt: skip


def _words(name: str) -> set[str]:
    """Split a name at underscores and capitals."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def _table() -> list[tuple[str, set[str]]]:
    """Return GLOSSARY.md's rows: the word to use, and the words that it replaces."""
    text = (REPOSITORY / "GLOSSARY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", text, re.MULTILINE)
    return [(use, set(re.findall(r"`(\w+)`", instead))) for use, instead in rows]


def test_no_module_class_or_function_has_an_empty_name() -> None:
    names = {
        f"{name_of(path)}: {name}"
        for path in SOURCE
        for name in (path.stem, *(node.name for node in classes(path)), *(node.name for node in functions(path)))
        if _words(name) & EMPTY_WORDS
    }
    assert not names


def _says_what_it_gives(path: Path) -> bool:
    body = parsed(path).body
    targets = [node.targets[0] for node in body if isinstance(node, ast.Assign)]
    has_all = any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
    has_code = any(isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) for node in body)
    return has_all or not has_code or "migrations" in path.parts


def test_a_module_says_what_it_gives() -> None:
    assert not [name_of(path) for path in SOURCE if not _says_what_it_gives(path)]


def test_a_module_and_what_is_public_in_it_say_what_they_are() -> None:
    silent = [name_of(path) for path in SOURCE if not ast.get_docstring(parsed(path))]
    silent += [
        f"{name_of(path)}: {node.name}"
        for path in SOURCE
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and "migrations" not in path.parts
    ]
    assert not silent


def test_the_glossary_has_no_word_that_it_forbids() -> None:
    table = _table()
    used = {use for use, _ in table}
    assert len(table) >= 30
    assert not [word for _, instead in table for word in instead if word in used]


def test_fields_use_the_words_of_the_glossary() -> None:
    forbidden = {word: use for use, instead in _table() for word in instead}
    fields = {
        f"{name_of(path)}: {node.name}.{item.target.id}": forbidden[item.target.id]
        for path in modules("src/gehoor/core")
        for node in classes(path)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id in forbidden
    }
    assert not fields
