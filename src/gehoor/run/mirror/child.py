"""Makes editions in a process of its own: a minute of work must not slow what is heard meanwhile."""

from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from gehoor.core.edition import Period
from gehoor.core.errors import ContractError, SettingError
from gehoor.core.reader import Reader
from gehoor.core.settings import load
from gehoor.run.child import child_at

__all__ = ["Wanted", "made_here", "make_in_child"]

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
    data = msgspec.msgpack.encode(wanted)
    async with child_at(_make, str(root), now, data, name="gehoor-mirror") as child:
        found = await child.receive()
    if found == b"":
        raise SettingError(_TOO_LATE)
    if found is None:
        raise ContractError("The mirror's process ended without an edition; what it said stands above.")
    return found


def _make(root: str, now: int, data: bytes, answer: Connection) -> None:
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
