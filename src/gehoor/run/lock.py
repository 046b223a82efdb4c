"""One owner a workspace: a lock that goes with the process, however it ends."""

import fcntl
import os
from pathlib import Path
from typing import IO

from gehoor.core.errors import SettingError

__all__ = ["OwnerLock", "is_owned"]


def _path(root: Path) -> Path:
    return root / "run" / "owner.lock"


def is_owned(root: Path) -> bool:
    """Tell whether a running gehoor owns the workspace; `SettingError` where we may not look."""
    try:
        file = _path(root).open("rb")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _closed(root, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _closed(root: Path, error: OSError) -> SettingError:
    return SettingError(f"{root} is not ours to write in ({error.strerror}). Run gehoor as who owns it, or let us in.")


class OwnerLock:
    """Held while a process owns the workspace.

    Raises
    ------
    SettingError
        If another process owns it, or the folder cannot be written.
    """

    def __init__(self, root: Path) -> None:
        try:
            _path(root).parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = _path(root).open("a+", encoding="ascii")
        except OSError as error:
            raise _closed(root, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().strip() or "unknown"
            self._file.close()
            message = f"{root} is in use by a running gehoor (process {owner}). Stop that one first, with Ctrl-C."
            raise SettingError(message) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the workspace free."""
        self._file.close()
