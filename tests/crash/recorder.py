"""Run programs under `record.c`: what they do to the files below one folder is written down, in one order."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

__all__ = ["Record", "Recording", "build_recorder", "read_log"]

_HEAD = struct.Struct("<4s5I3Q")
_MAGIC = b"REC1"
_SOURCES = tuple(Path(__file__).with_name(name) for name in ("record.c", "record_names.c"))


@dataclass(frozen=True, slots=True)
class Record:
    """One call that succeeded, or a mark. Paths are relative to the recorded folder, "" is the folder itself.

    Attributes
    ----------
    op : str
        O open for writing, W write, T truncate, f/F and d/D before/after the fsync of a file or a folder, R rename,
        X exchange, U unlink or rmdir, M mkdir, L link, # mark, ! something that cannot be replayed.
    thread : tuple of int
        Process and thread.
    data : bytes
        What was written; the words of a mark.
    """

    op: str
    thread: tuple[int, int]
    ino: int
    offset: int
    path: str
    other: str
    data: bytes


@dataclass(slots=True)
class Recording:
    """Where a program's writes are recorded.

    Attributes
    ----------
    library : Path
        As `build_recorder` made it.
    root, log : Path
        The folder that is watched, and the log, which must lie outside of it.
    skip_fsync : tuple of str
        Patterns of files and folders (these end in "/") whose fsync is taken out of the program.
    room : Path, optional
        See `set_room`.
    """

    library: Path
    root: Path
    log: Path
    skip_fsync: tuple[str, ...] = ()
    room: Path | None = None
    before: dict[str, tuple[int, bytes] | None] = field(default_factory=dict)

    def env(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment for the program, and note what the folder holds before it starts."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.log.touch()
        if self.log.stat().st_size == 0:
            self.before = snapshot(self.root)
        env = dict(os.environ if base is None else base)
        env |= {
            "LD_PRELOAD": str(self.library),
            "RECORD_ROOT": str(self.root.resolve()),
            "RECORD_LOG": str(self.log),
            "RECORD_SKIP_FSYNC": ":".join(self.skip_fsync),
        }
        if self.room is not None:
            env["RECORD_ROOM"] = str(self.room)
        return env

    def mark(self, words: str) -> None:
        """Write into the log that this was promised now: what stands before it must outlive a power cut after it."""
        write_mark(self.log, words)

    def set_room(self, n_bytes: int) -> None:
        """Let files below the root grow by so many bytes more, then answer ENOSPC; -1: without limit.

        The first call must come before `env`; later ones work on the running program.
        """
        if self.room is None:
            self.room = self.log.with_name(self.log.name + ".room")
        with self.room.open("r+b" if self.room.exists() else "w+b") as file:  # in place: the program has it mapped
            file.write(struct.pack("<q", n_bytes))


def write_mark(log: Path, words: str) -> None:
    """Append a mark to a log, from any process."""
    data = words.encode()
    head = _HEAD.pack(_MAGIC, ord("#"), os.getpid(), 0, 0, 0, 0, 0, len(data))
    out = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(out, head + data)
    finally:
        os.close(out)


def read_log(log: Path) -> Iterator[Record]:
    """Yield the records in order.

    Raises
    ------
    ValueError
        The log is damaged; a record that was cut off at the very end (a killed program) is left out silently.
    """
    with log.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            magic, op, pid, tid, n_path, n_other, ino, offset, n_data = _HEAD.unpack(head)
            if magic != _MAGIC:
                raise ValueError(f"{log}: no record at byte {file.tell() - _HEAD.size}")
            body = file.read(n_path + n_other + n_data)
            if len(body) < n_path + n_other + n_data:
                return
            path, other = os.fsdecode(body[:n_path]), os.fsdecode(body[n_path : n_path + n_other])
            yield Record(chr(op), (pid, tid), ino, offset, path, other, body[n_path + n_other :])


def snapshot(root: Path) -> dict[str, tuple[int, bytes] | None]:
    """Return what lies below a folder: relative path -> inode and content, None for a folder; -shm files left out."""
    found: dict[str, tuple[int, bytes] | None] = {}
    for path in sorted(root.rglob("*")):
        if path.is_dir():
            found[path.relative_to(root).as_posix()] = None
        elif path.is_file() and not path.name.endswith("-shm"):
            found[path.relative_to(root).as_posix()] = (path.stat().st_ino, path.read_bytes())
    return found


def build_recorder(folder: Path) -> Path:
    """Compile the library into a folder; where there is no compiler, skip the test with a word (not in CI: fail)."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        words = "needs Linux and a C compiler (apt install gcc) to record what is written to disk"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    library = folder / "record.so"
    flags = ["-shared", "-fPIC", "-O2", "-U_FORTIFY_SOURCE", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *flags, "-o", library, *_SOURCES, "-ldl"], check=True)
    return library
