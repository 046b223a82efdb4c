"""A newcomer can hold a file in the head."""

from tests.house.source import Function, functions, modules, name_of

SOURCE = modules("src/gehoor")


def _body_lines(function: Function) -> int:
    """Count the lines of a function's body, its docstring apart."""
    body = function.body
    first = body[0]
    is_docstring = len(body) > 1 and hasattr(first, "value") and isinstance(getattr(first.value, "value", None), str)
    start = body[1].lineno if is_docstring else first.lineno
    return (function.end_lineno or start) - start + 1


def _longer_than(limit: int, *folders: str) -> dict[str, int]:
    paths = [path for folder in folders for path in modules(folder)]
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return {name: n_lines for name, n_lines in lengths.items() if n_lines > limit}


def test_a_file_has_at_most_300_lines() -> None:
    assert not _longer_than(300, "src/gehoor", "tools")


def test_a_file_of_tests_has_at_most_400_lines() -> None:
    # A file of tests is a list, read in pieces.
    assert not _longer_than(400, "tests")


def test_a_function_has_at_most_40_lines() -> None:
    sizes = {f"{name_of(path)}: {node.name}": _body_lines(node) for path in SOURCE for node in functions(path)}
    assert not {name: size for name, size in sizes.items() if size > 40}


def test_nineteen_of_twenty_functions_have_at_most_30_lines() -> None:
    sizes = [_body_lines(node) for path in SOURCE for node in functions(path)]
    assert sum(size <= 30 for size in sizes) / len(sizes) >= 0.95
