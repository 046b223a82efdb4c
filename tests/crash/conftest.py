"""Fixtures of the crash tests; README.md in this folder tells what is what."""

from pathlib import Path

import pytest

from tests.crash.recorder import Recording, build_recorder


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorder, compiled."""
    return build_recorder(tmp_path_factory.mktemp("recorder"))


@pytest.fixture
def recording(library: Path, tmp_path: Path) -> Recording:
    """Give a recording of a folder that does not exist yet; start the program with its `env()`."""
    return Recording(library, tmp_path / "root", tmp_path / "log")


@pytest.fixture
def small_disk(recording: Recording) -> Recording:
    """Give a recording of a folder that may grow by 128 KB; `set_room(-1)` makes room while the program runs."""
    recording.set_room(128 * 1024)
    return recording
