"""The process that looks in the history for what closed days changed, and lets go there of what no longer counts."""

from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import pyarrow as pa

from gehoor.core.errors import ContractError, StoreError
from gehoor.core.history_rewrite import everything, rewrite
from gehoor.core.past import Closed, Found, find_in_past
from gehoor.core.record import LEDGER
from gehoor.core.sqlite import is_disk_full
from gehoor.run.child import child_at

__all__ = ["find_in_child", "rewrite_in_child"]

_FULL = b""


async def find_in_child(root: Path, closed: Closed) -> Found:
    """Do what `core.past.find_in_past` says in a process of its own.

    Raises
    ------
    ContractError
        The child failed; it said why on stderr.
    """
    async with child_at(_find, str(root), closed, name="gehoor-past") as child:
        repeats, rows = await child.receive(), await child.receive()
        if repeats is None or rows is None:
            raise ContractError(f"The history could not be searched: the process ended with {child.exitcode}.")
    with pa.ipc.open_stream(rows) as stream:
        return Found(rows=list(stream), repeats=msgspec.msgpack.decode(repeats, type=list[int]))


async def rewrite_in_child(root: Path) -> None:
    """Rid the files of the history of what is void, in a process of its own.

    Raises
    ------
    StoreError
        The disk is full: void rows count nowhere, and leave the files the next time.
    ContractError
        The child failed; it said why on stderr.
    """
    async with child_at(_rewrite, str(root), name="gehoor-past") as child:
        said = await child.receive()
        if said is None:
            raise ContractError(f"The history could not be rewritten: the process ended with {child.exitcode}.")
        if said == _FULL:
            raise StoreError("The disk is full: what no longer counts stays in files of the history for now.")


def _find(root: str, closed: Closed, answer: Connection) -> None:
    found = find_in_past(Path(root), closed)
    answer.send_bytes(msgspec.msgpack.encode(found.repeats))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, LEDGER) as stream:
        for batch in found.rows:
            stream.write_batch(batch)
    answer.send_bytes(sink.getvalue())


def _rewrite(root: str, answer: Connection) -> None:
    said = b"d"
    try:
        rewrite(Path(root), everything)
    except OSError as error:
        if not is_disk_full(error):
            raise
        said = _FULL
    answer.send_bytes(said)
