"""Copies a workspace while it runs, so that the copy opens as if the machine had stopped at one moment."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from gehoor.core.errors import SettingError
from gehoor.core.ledger.segment import segment_paths
from gehoor.core.own_secret import SECRET_NAME
from gehoor.core.projector import Projector
from gehoor.core.sqlite import alone, sync_folder
from gehoor.core.store import store_path
from gehoor.run.workplace import Workplace

__all__ = ["back_up", "copy_workspace", "restore"]


async def back_up(owner: Workplace, target: str) -> dict[str, Any]:
    """Write a backup into the folder `target`, between two commits."""
    path = Path(target)
    await owner.on_writer(lambda: copy_workspace(owner.root, owner.projector, path))
    return {"target": str(path), "offset": owner.projector.ledger.last_seq}


def _check_target(target: Path, root: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise SettingError(f"{target} is not empty: give a folder that does not exist yet.")
    if target.resolve().is_relative_to(root.resolve()):
        raise SettingError(f"{target} lies inside the workspace: a backup belongs on another disk.")


def copy_workspace(root: Path, projector: Projector, target: Path) -> None:
    """Copy everything that a workspace is made of; the caller holds the writer still.

    SQLite copies its files itself (`VACUUM INTO`), so that no half page comes along; closed parts are hard links
    where the disk allows it, since a part is never written to again.
    """
    _check_target(target, root)
    projector.flush(everything=True)
    (target / "segments").mkdir(parents=True)
    for segment in projector.ledger.segments.all:
        alone(segment.engine, "VACUUM INTO ?", str(target / "segments" / segment.path.name))
    alone(projector.engine, "VACUUM INTO ?", str(store_path(target)))
    for name in ("history", "models"):
        if (root / name).exists():
            shutil.copytree(
                root / name, target / name, copy_function=_link_or_copy, ignore=shutil.ignore_patterns(".*")
            )
    shutil.copy2(root / "gehoor.toml", target / "gehoor.toml")
    if (root / SECRET_NAME).exists():
        shutil.copy2(root / SECRET_NAME, target / SECRET_NAME)
    for folder in (target / "segments", target):
        sync_folder(folder)
    _remember(root, target)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        return str(shutil.copy2(source, target))
    return target


def _remember(root: Path, target: Path) -> None:
    """Note where backups lie, so that an erasure can say which of them still hold the person."""
    note = root / "run" / "backups.json"
    known = json.loads(note.read_text()) if note.exists() else []
    note.write_text(json.dumps(sorted({*known, str(target.resolve())})))


def restore(backup: Path, root: Path) -> int:
    """Make a workspace from a backup; return how many days it holds.

    Raises
    ------
    SettingError
        If `backup` is none, or `root` is not empty.
    """
    if not store_path(backup).exists():
        raise SettingError(f"{backup} is no backup of gehoor: it has no {store_path(backup).name}.")
    if root.exists() and any(root.iterdir()):
        raise SettingError(f"{root} is not empty: restore into a folder that does not exist yet.")
    shutil.copytree(backup, root, dirs_exist_ok=True)
    for folder in (root / "segments", root):
        sync_folder(folder)
    return len(segment_paths(root / "segments"))
