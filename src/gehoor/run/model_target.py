"""Puts a model folder in its place: whole, or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gehoor.core.errors import SettingError, StoreError
from gehoor.understand.array_folder import MANIFEST
from gehoor.understand.model_folder import KIND

__all__ = ["model_target"]


@contextmanager
def model_target(target: Path) -> Iterator[Path]:
    """Give a folder to write a model into; it gets its name when all went well, else nothing of it stays.

    Parameters
    ----------
    target : Path
        Not there yet, empty, or an older model, which is replaced.

    Raises
    ------
    SettingError
        It is something else, or lies nowhere.
    StoreError
        The disk is full, or gives an error.
    """
    target = target.absolute()
    if target.is_dir() and any(target.iterdir()) and not _is_model(target):
        raise SettingError(f"{target} is there already, and is no model. Name a new folder with -o.")
    if target.exists() and not target.is_dir():
        raise SettingError(f"{target} is a file: name a folder with -o.")
    if not target.parent.is_dir():
        raise SettingError(f"{target}: give a folder in one that exists.")
    part, old = (target.with_name(f".{target.name}.{os.getpid()}.{word}") for word in ("part", "old"))
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        yield part
        if target.exists():
            target.rename(old)
        part.rename(target)
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror or error}. Make room, or choose another folder."
        ) from error
    finally:
        for left in (part, old):
            shutil.rmtree(left, ignore_errors=True)


def _is_model(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("kind") == KIND
