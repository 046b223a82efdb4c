"""Which head judges for a task: the one that comes with gehoor, or one fitted on this workspace's own examples.

`<workspace>/models/<task>/<version>/` is a model folder; `<workspace>/models/<task>/current` names the version that
judges. Version 0 is what comes with gehoor, and has no folder.
"""

import os
import shutil
from pathlib import Path

from gehoor.core.errors import SettingError
from gehoor.core.sqlite import sync_folder

__all__ = [
    "SHIPPED", "current_version", "model_folder", "promote", "promoted_folders", "remove_version",
    "versions_of",
]  # fmt: skip

SHIPPED = 0

_CURRENT = "current"


def _folder(root: Path, task: str) -> Path:
    return root / "models" / task


def model_folder(root: Path, task: str, version: int) -> Path:
    """Return where a version of a head is, or will be."""
    return _folder(root, task) / str(version)


def versions_of(root: Path, task: str) -> list[int]:
    """Return the versions that are here, oldest first; without the one that comes with gehoor."""
    folder = _folder(root, task)
    names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return sorted(int(name) for name in names if name.isascii() and name.isdecimal())


def current_version(root: Path, task: str) -> int:
    """Return the version that judges; `SHIPPED` where none of ours was promoted.

    Raises
    ------
    SettingError
        If `current` names a version that is not there.
    """
    path = _folder(root, task) / _CURRENT
    try:
        said = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return SHIPPED
    if said == str(SHIPPED) or said in map(str, versions_of(root, task)):
        return int(said)
    raise SettingError(f"{path} names version {said[:20]!r}, which is not there. Write another, or 0: gehoor's own.")


def promoted_folders(root: Path) -> dict[str, Path]:
    """Return by task the folders of the heads that were promoted here; what gehoor brings itself is not among them.

    Raises
    ------
    SettingError
        If a `current` names a version that is not there.
    """
    models = root / "models"
    tasks = sorted(path.name for path in models.iterdir() if path.is_dir()) if models.is_dir() else []
    current = {task: current_version(root, task) for task in tasks}
    return {task: model_folder(root, task, version) for task, version in current.items() if version != SHIPPED}


def promote(root: Path, task: str, version: int) -> None:
    """Let a version judge from now on. Whole or not at all, also in a power cut.

    Raises
    ------
    SettingError
        If it is not there.
    """
    if version != SHIPPED and version not in versions_of(root, task):
        raise SettingError(f"There is no version {version} of {task} in {_folder(root, task)}.")
    folder = _folder(root, task)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{_CURRENT}"
    with fresh.open("w", encoding="ascii") as file:
        file.write(f"{version}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / _CURRENT)
    sync_folder(folder)
    os.utime(folder.parent)  # who shows reasons looks at one stamp


def remove_version(root: Path, task: str, version: int) -> None:
    """Remove a version that does not judge; nothing happens where it does, or is not there."""
    if version not in (SHIPPED, current_version(root, task)):
        shutil.rmtree(model_folder(root, task, version), ignore_errors=True)
