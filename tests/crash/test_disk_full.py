"""The disk that is full, proven on the toy: it stops, keeps what it promised, and goes on when there is room."""

import os
import subprocess
import sys
from pathlib import Path

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
