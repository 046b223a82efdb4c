"""Compaction in a process of its own: a day may be a gigabyte, and a stop must not wait for it."""

import asyncio
import os
from pathlib import Path

from gehoor.core.errors import ContractError, StoreError
from gehoor.core.history_rewrite import compact, has_open_days
from gehoor.core.sqlite import is_disk_full
from gehoor.run.processes import processes, watch_parent

__all__ = ["compact_in_child"]

_LOOK_S = 0.2
_NICE = 10
_DONE, _CANNOT, _NO_ROOM = 0, 3, 4


def _compact(root: str, before: str) -> None:
    watch_parent()
    os.nice(_NICE)
    try:
        compact(Path(root), before=before)
    except StoreError:
        os._exit(_CANNOT)
    except OSError as error:
        if not is_disk_full(error):
            raise
        os._exit(_NO_ROOM)


async def compact_in_child(root: Path, before: str) -> bool:
    """Make one part of each day of the history earlier than `before`; nothing begins where there is none to make.

    When it is cancelled the child ends at once: what it wrote is no part yet, and is removed by the next one.

    Returns
    -------
    bool
        Whether days can be compacted here at all. On a full disk they stay as they are, until there is room.

    Raises
    ------
    ContractError
        The child failed for another reason; it said which on stderr.
    """
    if not has_open_days(root, before=before):
        return True
    process = processes().Process(target=_compact, args=(str(root), before), name="gehoor-compact", daemon=True)
    process.start()
    try:
        while process.is_alive():
            await asyncio.sleep(_LOOK_S)
    finally:
        process.kill()
        process.join()
    if process.exitcode not in {_DONE, _CANNOT, _NO_ROOM}:
        raise ContractError(f"Days of the history could not be compacted: the process ended with {process.exitcode}.")
    return process.exitcode != _CANNOT
