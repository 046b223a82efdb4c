"""The secret of a workspace: what its keys of people are hashed with, so that nobody outside can try names."""

import os
import secrets
from pathlib import Path

from gehoor.core.errors import StoreError
from gehoor.core.sqlite import sync_folder

__all__ = ["SECRET_NAME", "own_secret"]

SECRET_NAME = "identity.key"


def own_secret(root: Path) -> bytes:
    """Return the secret of a workspace (32 bytes); it is made the first time, readable by its user only.

    It stands beside the ledger and not in it: who gets hold of the tables alone cannot tell whose keys they are.

    Raises
    ------
    StoreError
        The file is there and holds no secret.
    """
    path = root / SECRET_NAME
    if not path.exists():
        _make(path)
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, OSError) as error:
        raise StoreError(f"{path} cannot be read as a secret ({error}). Put it back from a backup.") from None
    if len(secret) < 16:
        raise StoreError(f"{path} holds no secret of 16 bytes or more. Put it back from a backup.")
    return secret


def _make(path: Path) -> None:
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
    sync_folder(path.parent)
