"""The recorder and the model of the disk, proven on a program of which we know what it keeps and what it loses."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pysqlite3 import dbapi2 as sqlite

from tests.crash.powerloss import missed_by_recorder, power_losses
from tests.crash.recorder import Recording
from tests.crash.toy_store import kept_in_parquet, kept_in_sqlite

REPO = Path(__file__).parents[2]


def record(recording: Recording, *words: str, skip_fsync: str = "") -> Recording:
    recording.skip_fsync = (skip_fsync,)
    command = [sys.executable, "-m", "tests.crash.toy_store", str(recording.root), *words]
    subprocess.run(command, env=recording.env(), cwd=REPO, check=True, timeout=60)
    return recording


def n_broken_promises(recording: Recording, kept: Callable[[Path], set[str]]) -> int:
    """Cut the power 200 times and return after how many cuts something promised was gone or damaged."""
    broken = 0
    for loss in power_losses(recording, 200, np.random.default_rng(7), recording.log.parent):
        try:
            broken += not kept(loss.folder).issuperset(loss.promised)
        except (sqlite.DatabaseError, pa.ArrowInvalid, OSError):
            broken += 1
    return broken


def test_recorder_sees_every_byte_of_sqlite(recording: Recording) -> None:
    assert missed_by_recorder(record(recording, "sqlite", "90")) == []


def test_recorder_sees_every_byte_of_parquet(recording: Recording) -> None:
    assert missed_by_recorder(record(recording, "parquet", "30")) == []


def test_sqlite_with_full_sync_keeps_every_promise(recording: Recording) -> None:
    assert n_broken_promises(record(recording, "sqlite", "90"), kept_in_sqlite) == 0


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_sqlite_with_less_sync_breaks_promises(recording: Recording, synchronous: str) -> None:
    record(recording, "sqlite", "90", "--synchronous", synchronous)
    assert n_broken_promises(recording, kept_in_sqlite) > 20


@pytest.mark.parametrize("pattern", ["*.sqlite-wal", "*.sqlite", "./"])
def test_sqlite_without_one_of_its_fsyncs_breaks_promises(recording: Recording, pattern: str) -> None:
    record(recording, "sqlite", "90", skip_fsync=pattern)
    assert n_broken_promises(recording, kept_in_sqlite) > 0


def test_parquet_with_fsync_and_rename_keeps_every_promise(recording: Recording) -> None:
    assert n_broken_promises(record(recording, "parquet", "30"), kept_in_parquet) == 0


@pytest.mark.parametrize("pattern", ["history/*.tmp", "history/*/", "history/", "./"])
def test_parquet_without_one_of_its_fsyncs_breaks_promises(recording: Recording, pattern: str) -> None:
    record(recording, "parquet", "30", skip_fsync=pattern)
    assert n_broken_promises(recording, kept_in_parquet) > 10


def test_same_seed_finds_the_same_folder(recording: Recording) -> None:
    record(recording, "sqlite", "30")
    runs = [
        [
            {p.name: p.read_bytes() for p in loss.folder.iterdir()}
            for loss in power_losses(recording, 20, np.random.default_rng(3), recording.log.parent)
        ]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_recording_of_a_program_that_ran_without_the_recorder_is_refused(recording: Recording) -> None:
    recording.env()
    with pytest.raises(ValueError, match="ran without the recorder"):
        next(power_losses(recording, 1, np.random.default_rng(1), recording.log.parent))
