"""Compaction in a process of its own: a day may be a gigabyte, and a stop must not wait for it."""

from multiprocessing.connection import Connection
from pathlib import Path

from gehoor.core.errors import ContractError, StoreError
from gehoor.core.history_rewrite import compact, has_open_days
from gehoor.core.sqlite import is_disk_full
from gehoor.run.child import child_at

__all__ = ["compact_in_child"]

_DONE, _CANNOT = b"d", b"c"


def _compact(root: str, before: str, answer: Connection) -> None:
    said = _DONE
    try:
        compact(Path(root), before=before)
    except StoreError:
        said = _CANNOT
    except OSError as error:
        if not is_disk_full(error):
            raise
    answer.send_bytes(said)


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
    async with child_at(_compact, str(root), before, name="gehoor-compact") as child:
        said = await child.receive()
        if said is None:
            raise ContractError(f"Days of the history could not be compacted: the process ended with {child.exitcode}.")
    return said == _DONE
