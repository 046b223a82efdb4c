"""Takes a closer look in a process of its own: it asks all people, and must not slow what is heard meanwhile."""

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.errors import ContractError, SettingError
from gehoor.core.mirror_closer import Look
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.run.child import child_at

__all__ = ["look_in_child"]

_REFUSED = b"!"


async def look_in_child(root: Path, now: int, look: Look) -> dict[str, Any]:
    """Return a `core.mirror_closer.CloserLook` as JSON knows it.

    Raises
    ------
    SettingError
        There is nothing of that name, nobody in it, or the day is still to come.
    ContractError
        The child failed; it said why on stderr.
    """
    async with child_at(_look, str(root), now, msgspec.json.encode(look), name="gehoor-mirror-look") as child:
        found = await child.receive()
    if found is None:
        raise ContractError("The mirror's process ended without a closer look; what it said stands above.")
    if found.startswith(_REFUSED):
        raise SettingError(found.removeprefix(_REFUSED).decode())
    told: dict[str, Any] = msgspec.json.decode(found)
    return told


def _look(root: str, now: int, data: bytes, answer: Connection) -> None:
    answer.send_bytes(looked_here(Path(root), now, msgspec.json.decode(data, type=Look)))


def looked_here(root: Path, now: int, look: Look) -> bytes:
    """Look in this process; what cannot be is said after a mark of its own."""
    from gehoor.run.mirror.closer import look_closer  # DuckDB and SciPy: only the child needs them
    from gehoor.run.mirror.make import Making

    reader = Reader(root)
    try:
        return msgspec.json.encode(look_closer(Making(load(root), reader, now), look))
    except SettingError as error:
        return _REFUSED + str(error).encode()
    finally:
        reader.close()
