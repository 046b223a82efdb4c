"""Parts come in by one door: the entry points."""

import tomllib
from importlib import import_module
from importlib.metadata import entry_points

import pytest

from tests.house.source import REPOSITORY, classes, modules

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
POINTS = [(group, name, target) for group, points in PROJECT["entry-points"].items() for name, target in points.items()]


@pytest.mark.parametrize(("group", "name", "target"), POINTS, ids=[f"{group}/{name}" for group, name, _ in POINTS])
def test_each_entry_point_loads_and_is_installed(group: str, name: str, target: str) -> None:
    module, _, attribute = target.partition(":")
    assert isinstance(getattr(import_module(module), attribute), type)
    assert [point.value for point in entry_points(group=group, name=name)] == [target], "run make again: it installs"


def test_each_command_that_is_installed_loads() -> None:
    for target in PROJECT["scripts"].values():
        module, _, attribute = target.partition(":")
        assert callable(getattr(import_module(module), attribute))


def test_each_connector_and_decoder_is_registered() -> None:
    registered = {target for _, _, target in POINTS}
    parts = [
        f"gehoor.listen.{path.stem}:{node.name}"
        for path in modules("src/gehoor/listen")
        if path.stem not in {"base", "checks"}
        for node in classes(path)
        if node.name.endswith(("Source", "Receiver", "Decoder")) and not node.name.startswith("_")
    ]
    assert parts
    assert set(parts) <= registered


def test_each_analyzer_is_registered() -> None:
    registered = {target for _, _, target in POINTS}
    parts = [
        f"gehoor.understand.{path.stem}:{node.name}"
        for path in modules("src/gehoor/understand")
        if path.stem not in {"base", "checks"}
        for node in classes(path)
        if any(getattr(item, "name", "") == "annotate" for item in node.body)
    ]
    assert parts
    assert set(parts) <= registered
