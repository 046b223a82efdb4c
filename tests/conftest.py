"""What every test may ask for: a workspace folder, a clock that stands still, the development data where it is."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from gehoor.core.clock import StillClock
from tests.cast import NOON

REPOSITORY = Path(__file__).resolve().parents[1]

# One seed for everyone: a failure on one machine is the same failure on the next.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("proof", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("GEHOOR_HYPOTHESIS", "house"))


_ALONE = (
    "tests/bench/test_bench_command.py", "tests/bench/test_listen_speed.py", "tests/bench/test_query_speed.py",
    "tests/crash/test_kill.py",
)  # fmt: skip
"""Files in which every test measures time; elsewhere such a test has the mark itself."""
_FIRST = (
    "tests/component/test_analyse_spark.py", "tests/crash/test_ledger_power_loss.py",
    "tests/component/test_browser_pages.py", "tests/component/test_browser_settings.py",
    "tests/component/test_capture_http.py", "tests/component/test_drill.py", "tests/component/test_mastodon.py",
    "tests/component/test_whole_feed.py",
)  # fmt: skip
"""Files that take longest: of two workers none is still at one of these when the other has nothing left to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the files that measure time: their tests run by themselves. What takes longest begins first."""
    for item in items:
        if _name_of(item).startswith(_ALONE):
            item.add_marker(pytest.mark.alone)
    items.sort(key=lambda item: not _name_of(item).startswith(_FIRST))


def _name_of(item: pytest.Item) -> str:
    return str(item.path.relative_to(REPOSITORY))


def pytest_collection_finish() -> None:
    """Leave the tests, and all that they import, out of every search for garbage from here on."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Give it all back: libraries that count at the end would speak of leaks."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real development data, which is not part of the repository."""
    folder = Path(os.environ.get("GEHOOR_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"no development data in {folder} (GEHOOR_SHARED names another folder)")
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty folder for a workspace."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def clock() -> StillClock:
    """A clock that stands at `tests.cast.NOON`."""
    return StillClock(NOON)


@pytest.fixture
def rng() -> np.random.Generator:
    """The same chance in every run."""
    return np.random.default_rng(20261122)
