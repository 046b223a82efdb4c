"""The folder that an analysis writes: whole, or as empty as it was."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

import msgspec

from gehoor.core.errors import SettingError, StoreError
from gehoor.core.sqlite import is_disk_full, sync_folder

__all__ = ["REJECTS_FOLDER", "SUMMARY_FILE", "ResultFolder"]

REJECTS_FOLDER = "_rejects"
SUMMARY_FILE = "_analysis.json"
"""Names with an underscore are passed over by Spark, Arrow and pandas when they read the folder."""

_WORK = ".analysis"


class ResultFolder:
    """A folder that is filled out of sight and then all at once; use it with `with`.

    While it is filled, everything is in `.analysis`. What an interrupted analysis has left is removed by the next one.

    Parameters
    ----------
    target : Path
        Made when it is not there.
    source : Path
        What is read meanwhile.

    Attributes
    ----------
    staged, result : Path
        For what is on its way; for what will stand in the folder.

    Raises
    ------
    SettingError
        Something else is in it, it lies in what is read, or another analysis is writing to it.
    StoreError
        The disk is full, or gives an error.
    """

    def __init__(self, target: Path, source: Path) -> None:
        self.target = target
        self._work = target / _WORK
        self.staged, self.result = self._work / "staged", self._work / "result"
        self._lock: IO[bytes] | None = None
        self._is_made = False
        here, there = target.absolute().resolve(), source.absolute().resolve()
        if here == there or there in here.parents:
            raise SettingError(f"{target} lies in what is read: the next analysis would read it too. Choose another.")
        if target.exists() and not target.is_dir():
            raise SettingError(f"{target} is a file: give the name of a folder.")

    def __enter__(self) -> "ResultFolder":
        try:
            self._begin()
        except OSError as error:
            raise self._trouble(error) from error
        return self

    def _begin(self) -> None:
        is_fresh = not self._work.exists()
        there = {path.name for path in self.target.iterdir()} if self.target.exists() else set()
        strange = sorted(name for name in there - {_WORK} if is_fresh or not _is_ours(name))
        if strange:
            raise SettingError(
                f"{self.target} is not empty ({strange[0]} is in it): choose a new folder, or empty this one first."
            )
        self._is_made = not self.target.exists()
        self._work.mkdir(parents=True, exist_ok=True)
        lock = (self._work / "lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise SettingError(f"{self.target} is being written by another analysis: choose a new folder.") from None
        self._lock = lock
        self._clear()
        self.staged.mkdir()
        self.result.mkdir()

    def _clear(self) -> None:
        """Remove what an interrupted analysis left, its lock last: without it, what is here would look finished."""
        for folder in (self.staged, self.result):
            shutil.rmtree(folder, ignore_errors=True)
        for path in self.target.iterdir():
            if path.name == SUMMARY_FILE:
                path.unlink()
            elif path.name != _WORK:
                shutil.rmtree(path)

    def commit(self, summary: msgspec.Struct) -> None:
        """Put everything in its place."""
        path = self.result / SUMMARY_FILE
        with path.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(summary)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # the summary last: where it stands, everything stands
        for made in sorted(self.result.iterdir(), key=lambda made: (made.name == SUMMARY_FILE, made.name)):
            made.rename(self.target / made.name)
        sync_folder(self.target)
        self._end()

    def _end(self) -> None:
        shutil.rmtree(self._work, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        is_committed = self._lock is None
        try:
            if not is_committed:
                self._clear()
                self._end()
                if self._is_made:
                    self.target.rmdir()
        except OSError:
            if error is None:
                raise
        if isinstance(error, OSError):
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> StoreError:
        what = "The disk is full" if is_disk_full(error) else f"{error.strerror or error}"
        return StoreError(
            f"{self.target} cannot be written: {what}. Make room, or choose another folder; nothing stays."
        )


def _is_ours(name: str) -> bool:
    return name.startswith("date=") or name in {REJECTS_FOLDER, SUMMARY_FILE}
