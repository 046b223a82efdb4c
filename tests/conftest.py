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


_FIRST = (
    "tests/crash/test_kill.py", "tests/component/test_analyse_spark.py", "tests/component/test_browser_settings.py",
    "tests/component/test_browser_pages.py", "tests/component/test_browser_inbox.py",
    "tests/crash/test_ledger_power_loss.py", "tests/component/test_browser_people.py", "tests/component/test_warn.py",
    "tests/component/test_drill.py", "tests/component/test_capture_http.py", "tests/component/test_mastodon.py",
    "tests/component/test_browser_alerts.py", "tests/component/test_cli_mirror.py", "tests/component/test_mail.py",
    "tests/component/test_browser_quality.py", "tests/component/test_whole_feed.py",
)  # fmt: skip
"""Files that take longest, the longest first: no worker is still at one when the others have nothing left to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    rank = {name: at for at, name in enumerate(_FIRST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


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
