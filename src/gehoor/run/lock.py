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
    """Tell whether a running gehoor owns the workspace."""
    if not _path(root).exists():
        return False
    with _path(root).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class OwnerLock:
    """Held while a process owns the workspace.

    Raises
    ------
    SettingError
        If another process owns it.
    """

    def __init__(self, root: Path) -> None:
        _path(root).parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = _path(root).open("a+", encoding="ascii")
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
