"""The disk that is full: nothing promised is lost, it is said, and all goes on when there is room.

The pretended disk is proven on the toy first.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gehoor.core.clock import StillClock
from gehoor.run.parts import open_ledger
from tests.cast import NOON
from tests.crash.check import what_is_wrong
from tests.crash.killer import wait_until
from tests.crash.ledger_program import settings_of
from tests.crash.recorder import Recording, read_log
from tests.crash.toy_store import kept_in_sqlite

REPO = Path(__file__).parents[2]


def keep(disk: Recording, n: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.crash.toy_store", str(disk.root), "sqlite", str(n)]
    return subprocess.run(command, env=disk.env(), cwd=REPO, capture_output=True, text=True, timeout=60, check=False)


def promised(disk: Recording) -> set[str]:
    return {record.data.decode() for record in read_log(disk.log) if record.op == "#"}


def test_full_disk_is_reported_and_costs_nothing_promised(small_disk: Recording) -> None:
    run = keep(small_disk, 300)
    assert run.returncode == 1
    assert "full" in run.stderr
    assert len(promised(small_disk)) > 3
    assert kept_in_sqlite(small_disk.root) >= promised(small_disk)


def test_program_goes_on_when_there_is_room_again(small_disk: Recording) -> None:
    keep(small_disk, 300)
    small_disk.set_room(-1)
    assert keep(small_disk, 300).returncode == 0
    assert kept_in_sqlite(small_disk.root) == promised(small_disk) == {str(number) for number in range(300)}


def test_writing_over_what_is_there_needs_no_room(small_disk: Recording) -> None:
    small_disk.set_room(10)
    script = (
        "import os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
        "print(os.write(fd, b'x' * 25), os.pwrite(fd, b'y' * 10, 0)); os.write(fd, b'z')"
    )
    file, env = small_disk.root / "file", small_disk.env()
    run = subprocess.run([sys.executable, "-c", script, file], env=env, capture_output=True, text=True, check=False)
    assert run.stdout == "10 10\n"
    assert f"[Errno {28}] {os.strerror(28)}" in run.stderr
    assert file.read_bytes() == b"y" * 10


def fill(disk: Recording, n_pages: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.crash.ledger_program", str(disk.root), str(n_pages)]
    return subprocess.Popen(command, env=disk.env() | {"PYTHONPATH": os.pathsep.join(("src", "."))}, cwd=REPO)


@pytest.mark.parametrize(
    "kilobytes",
    [400, pytest.param(740, marks=pytest.mark.proof), 1_250, pytest.param(1_600, marks=pytest.mark.proof)],
)
def test_ledger_goes_on_by_itself_when_there_is_room_again(small_disk: Recording, kilobytes: int) -> None:
    small_disk.set_room(kilobytes * 1024)
    program = fill(small_disk, 48)
    wait_until(lambda: program.poll() is not None or any(word.startswith("waits") for word in promised(small_disk)), 60)
    small_disk.set_room(-1)
    if program.wait(60) != 0:  # the projections found the disk full: the owner stops then, and is started again
        assert fill(small_disk, 48).wait(60) == 0
    ids = {word for word in promised(small_disk) if not word.startswith("waits")}
    assert len(ids) > 900
    projector = open_ledger(settings_of(small_disk.root), StillClock(NOON))
    assert what_is_wrong(projector, ids) == []
    projector.close()
    projector.ledger.close()
