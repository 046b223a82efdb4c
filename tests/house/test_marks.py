"""Nothing unfinished, nothing silenced without a reason, nothing swallowed."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import REPOSITORY, Function, functions, modules, name_of, parsed

SOURCE = modules("src/gehoor")
TESTS = tuple(path for path in modules("tests") if path.name.startswith("test_"))
# Put together here, so that this file does not find itself.
MARKS = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error", "pragma: " + "no cover")
UNFINISHED = re.compile(r"\b(?:" + "|".join(MARKS) + r")\b")
SILENCER = re.compile(r"#\s*(noqa|type:\s*ignore|fmt:\s*(?:off|on))(.*)$")
PLACES = re.compile(
    "|".join(
        (
            r"/work/(?:main|shared)", r"/ro" + r"ot/", r"/ho" + r"me/\w", r"/Us" + r"ers/\w",
            r"py" + r"pi\.org", r"pythonho" + r"sted\.org", r"npm" + r"js\.org", r"npm" + r"js\.com",
            r"index" + r"-url", r"PIP_IN" + r"DEX", r"regis" + r"try\s*=\s*http",
        )
    )
)  # fmt: skip
NOT_OURS = {".gz", ".woff2", ".png", ".parquet", ".ico"}


def _tracked() -> list[Path]:
    result = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip("not a git checkout")
    return [REPOSITORY / name for name in result.stdout.splitlines() if (REPOSITORY / name).is_file()]


def test_nothing_is_left_unfinished() -> None:
    found = {name_of(path): UNFINISHED.findall(path.read_text(encoding="utf-8")) for path in SOURCE}
    assert not {name: marks for name, marks in found.items() if marks}


def test_silencers_are_rare_and_each_says_why() -> None:
    found, n_lines = [], 0
    for path in SOURCE:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            n_lines += 1
            if (match := SILENCER.search(line)) and "fmt:" not in match[1]:
                found.append((f"{path.relative_to(REPOSITORY)}:{number}", match[2]))
    silent = [place for place, rest in found if len(re.sub(r"^[\s:]*(\[[\w, -]+\]|[A-Z]+\d+)", "", rest).split()) < 3]
    assert not silent, "a reason follows the silencer: `# noqa: X  # why`"
    assert len(found) <= max(2, 2 * n_lines // 1_000), found


def _catches_everything(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})


def test_only_what_runs_parts_catches_everything() -> None:
    around_parts = {*(REPOSITORY / "src/gehoor/run").rglob("*.py"), REPOSITORY / "src/gehoor/core/broken.py"}
    elsewhere = [path for path in SOURCE if path not in around_parts]
    assert not [name_of(path) for path in elsewhere if any(map(_catches_everything, ast.walk(parsed(path))))]


def test_no_tracked_file_names_somebody_s_machine_or_a_package_index() -> None:
    found = {}
    for path in _tracked():
        if path.suffix in NOT_OURS or "vendor" in path.parts:
            continue
        if hits := PLACES.findall(path.read_text(encoding="utf-8", errors="replace")):
            found[str(path.relative_to(REPOSITORY))] = hits[:3]
    assert not found


def _asserts(function: Function, module: ast.Module) -> bool:
    """Tell whether a test can fail: it asserts, expects an error, or calls what asserts."""
    local = {node.name: node for node in ast.walk(module) if isinstance(node, Function) and node is not function}
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if re.match(r"raises|warns|fail$|assert|check|_?check|expect|verify", name):
                return True
            if name in local and any(isinstance(inner, ast.Assert) for inner in ast.walk(local[name])):
                return True
    return False


def test_every_test_is_a_sentence_and_can_fail() -> None:
    tests = [(path, node) for path in TESTS for node in functions(path) if node.name.startswith("test_")]
    short = [f"{name_of(path)}: {node.name}" for path, node in tests if node.name.count("_") < 2]
    empty = [f"{name_of(path)}: {node.name}" for path, node in tests if not _asserts(node, parsed(path))]
    assert not short, "a test's name is a sentence"
    assert not empty, "a test that asserts nothing"


def test_nothing_of_ours_is_mocked() -> None:
    imported = {
        name_of(path)
        for path in modules("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (getattr(node, "module", None), *(alias.name for alias in node.names))
        if name in {"unittest.mock", "mock", "pytest_mock"}
    }
    assert not imported
