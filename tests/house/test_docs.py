"""The docs do not lie: what they name exists, and what exists is named."""

import importlib
import importlib.util
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gehoor.core.settings import parse
from tests.house.source import REPOSITORY

PAGES = tuple(sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]))


def _ids() -> list[str]:
    return [str(page.relative_to(REPOSITORY)) for page in PAGES]


@cache
def _command() -> Any:
    """Return the command line's root."""
    typer = importlib.import_module("typer")
    return typer.main.get_command(importlib.import_module("gehoor.cli").command())


def _verbs(command: Any, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every command that does something, as the words that call it."""
    children = getattr(command, "commands", None)
    if not children:
        return [prefix]
    return [verb for name, child in children.items() if not child.hidden for verb in _verbs(child, (*prefix, name))]


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```(?:{language})\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def _calls(page: Path) -> list[list[str]]:
    """Return the gehoor commands in a page's shell blocks, split into words."""
    lines = "\n".join(_blocks(page, "sh|bash|console")).replace("\\\n", " ").splitlines()
    ours = (line.removeprefix("$ ") for line in lines if re.match(r"(\$ )?(\S*/)?gehoor ", line))
    return [shlex.split(line.split(" | ")[0], comments=True)[1:] for line in ours]


def test_every_command_is_documented() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    missing = [" ".join(verb) for verb in _verbs(_command()) if f"gehoor {' '.join(verb)}" not in pages]
    assert not missing


def test_every_command_has_help_with_an_example() -> None:
    root = _command()
    without = []
    for verb in _verbs(root):
        command = root
        for word in verb:
            command = command.commands[word]
        if f"gehoor {' '.join(verb)}" not in (command.help or "") + (command.epilog or ""):
            without.append(" ".join(verb))
    assert not without


@pytest.mark.parametrize("page", PAGES, ids=_ids())
def test_every_command_in_a_shell_block_exists_with_its_options(page: Path) -> None:
    calls = _calls(page)
    if not calls:
        return
    for words in calls:
        command, rest = _command(), list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]
        assert not getattr(command, "commands", None) or "--help" in rest, (
            f"gehoor {shlex.join(words)}: no such command"
        )
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        used = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
        assert used <= known | {"--help"}, f"gehoor {shlex.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=_ids())
def test_every_settings_block_is_right(page: Path, tmp_path: Path) -> None:
    for block in _blocks(page, "toml"):
        assert parse(block, tmp_path).root == tmp_path


@pytest.mark.parametrize("page", PAGES, ids=_ids())
def test_every_python_block_is_python(page: Path) -> None:
    for block in _blocks(page, "python"):
        assert compile(block, str(page), "exec")


@pytest.mark.parametrize("page", PAGES, ids=_ids())
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\s&& )make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=_ids())
def test_every_link_to_a_file_finds_it(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]


def test_architecture_is_read_in_ten_minutes() -> None:
    assert len((REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 200


def test_every_file_and_test_that_architecture_names_exists() -> None:
    text = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|tests|tools|bench|core|listen|sift|understand|run|web)/[\w/.-]+)`", text)
    roots = (REPOSITORY, REPOSITORY / "src/gehoor")
    assert len(paths) > 20
    places = [[root / name for root in roots for name in (path, f"{path}.py")] for path in paths]
    assert not [found[0] for found in places if not any(place.exists() for place in found)]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").rglob("test_*.py"))
    assert not [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in tests]


def test_the_test_command_of_the_readme_is_marked_for_the_continuous_test() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert re.search(r"<!-- test command -->\n```sh\nmake test\n```", readme)


def test_decisions_are_dated_and_say_what_would_reverse_them() -> None:
    text = (REPOSITORY / "DECISIONS.md").read_text(encoding="utf-8")
    entries = text.split("\n## ")[1:]
    assert len(entries) >= 8
    assert not [entry[:40] for entry in entries if not re.match(r"\d{4}-\d\d-\d\d", entry) or "Reverse" not in entry]
