"""An example in a docstring runs."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.house.source import REPOSITORY, modules, name_of

MODULES = tuple(path for path in modules("src/gehoor") if path.name != "__main__.py" and "migrations" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_examples_of_a_module_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parts = path.relative_to(REPOSITORY / "src").with_suffix("").parts
    module = import_module(".".join(part for part in parts if part != "__init__"))
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
