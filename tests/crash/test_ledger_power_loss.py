"""Power cuts while a workspace is filled: nothing promised is lost, no store disagrees with the ledger."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy.exc import SQLAlchemyError

from gehoor.core.clock import StillClock
from gehoor.core.errors import StoreError
from gehoor.run.parts import open_ledger
from tests.cast import NOON
from tests.crash.check import what_is_wrong
from tests.crash.ledger_program import settings_of
from tests.crash.powerloss import PowerLoss, missed_by_recorder, power_losses
from tests.crash.recorder import Recording

proof = pytest.mark.proof
REPO = Path(__file__).parents[2]
N_PAGES = 48


@pytest.fixture(scope="module")
def recorded(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Return a recording of a program that leaves no fsync out."""
    folder = tmp_path_factory.mktemp("recorded")
    return record(Recording(library, folder / "root", folder / "log"))


def record(recording: Recording, n_pages: int = N_PAGES, skip_fsync: str = "") -> Recording:
    recording.skip_fsync = (skip_fsync,)
    env = recording.env() | {"PYTHONPATH": os.pathsep.join(("src", "."))}
    command = [sys.executable, "-m", "tests.crash.ledger_program", str(recording.root), str(n_pages)]
    subprocess.run(command, env=env, cwd=REPO, check=True, timeout=120)
    return recording


def damage(recording: Recording, n: int, seed: int = 5) -> Iterator[list[str]]:
    """Cut the power n times; yield for each cut after which something is wrong what it is."""
    for loss in power_losses(recording, n, np.random.default_rng(seed), recording.log.parent):
        wrong = damage_of(loss)
        if wrong:
            yield [f"after {loss.at} records", *wrong]


def damage_of(loss: PowerLoss) -> list[str]:
    try:
        projector = open_ledger(settings_of(loss.folder), StillClock(NOON))
        try:
            return what_is_wrong(projector, loss.promised)
        finally:
            projector.close()
            projector.ledger.close()
    except (StoreError, SQLAlchemyError, OSError, pa.ArrowInvalid) as error:
        return [f"cannot be opened: {error!r}"]


def test_recorder_sees_every_byte_of_a_workspace(recorded: Recording) -> None:
    assert missed_by_recorder(recorded) == []


def test_power_cut_costs_nothing_promised(recorded: Recording) -> None:
    assert list(damage(recorded, 50)) == []


@proof
@pytest.mark.timeout(3600)
def test_a_thousand_power_cuts_cost_nothing_promised(recording: Recording) -> None:
    assert list(damage(record(recording, 160), 1000, seed=6)) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "segments/*.sqlite-wal",
        pytest.param("segments/*.sqlite", marks=proof),
        pytest.param("segments/", marks=proof),
        pytest.param("ledger.sqlite-wal", marks=proof),
        pytest.param("history/*.half", marks=proof),
        pytest.param("history/*/", marks=proof),
        "history/",
        pytest.param("./", marks=proof),
    ],
)
def test_power_cut_shows_which_fsync_is_left_out(recording: Recording, pattern: str) -> None:
    assert next(damage(record(recording, skip_fsync=pattern), 200), None)
