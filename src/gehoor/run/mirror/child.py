"""Makes editions in a process of its own: a minute of work must not slow what is heard meanwhile."""

import asyncio
import os
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from gehoor.core.edition import Period
from gehoor.core.errors import ContractError, SettingError
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.run.processes import processes, watch_parent

__all__ = ["Wanted", "made_here", "make_in_child"]

_NICE = 5
_TOO_LATE = "The mirror knows no days that are still to come."


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which editions. `day` (since 1970) None: yesterday; `back`: so many days before today."""

    brands: list[str]
    periods: list[Period]
    day: int | None = None
    back: int = 1


async def make_in_child(root: Path, now: int, wanted: Wanted) -> bytes:
    """Make editions; return them as `keep` takes them: a list of `make.Made` in msgpack.

    Raises
    ------
    SettingError
        The day is still to come.
    ContractError
        The child failed; it said why on stderr.
    """
    ours, theirs = processes().Pipe(duplex=False)
    data = msgspec.msgpack.encode(wanted)
    child = processes().Process(target=_make, args=(str(root), now, data, theirs), name="gehoor-mirror", daemon=True)
    child.start()
    theirs.close()
    try:
        found = await asyncio.to_thread(_receive, ours)
    finally:
        child.kill()
        await asyncio.to_thread(child.join)
        ours.close()
    if found == b"":
        raise SettingError(_TOO_LATE)
    if found is None:
        raise ContractError("The mirror's process ended without an edition; what it said stands above.")
    return found


def _receive(connection: Connection) -> bytes | None:
    try:
        return connection.recv_bytes()
    except (EOFError, OSError):
        return None


def _make(root: str, now: int, data: bytes, answer: Connection) -> None:
    watch_parent()
    os.nice(_NICE)
    answer.send_bytes(made_here(Path(root), now, msgspec.msgpack.decode(data, type=Wanted)))


def made_here(root: Path, now: int, wanted: Wanted) -> bytes:
    """Make editions in this process; nothing at all where the day is still to come."""
    from gehoor.run.mirror.make import Making  # DuckDB and SciPy: only the child needs them

    reader = Reader(root)
    try:
        making = Making(load(root), reader, now)
        last = making.today - wanted.back if wanted.day is None else wanted.day
        if last > making.today:
            return b""
        return msgspec.msgpack.encode([making.editions(brand, last, wanted.periods) for brand in wanted.brands])
    finally:
        reader.close()
