"""The process in which it is worked out who may be one person: at a low priority, since nothing waits for it."""

from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import numpy as np

from gehoor.core.errors import GehoorError
from gehoor.core.proposal import Proposal
from gehoor.core.reader import Reader
from gehoor.run.told_records import told_records

__all__ = ["link_in_child", "proposals_now"]

_LEAST_P = 0.5
_MOST = 5_000


def link_in_child(root: str, now: int, answer: Connection) -> None:
    """Work it out and send it; nothing is sent where it failed, and what was proposed before stays."""
    with suppress(GehoorError, OSError, ValueError, ArithmeticError, np.linalg.LinAlgError):
        answer.send_bytes(msgspec.msgpack.encode(proposals_now(Path(root), now)))


def proposals_now(root: Path, now: int) -> list[Proposal]:
    """Return who may be one person and is not taken for it, the most probable first.

    Two records that agree in one column only, such as a name, are never proposed: namesakes are many.
    """
    from gehoor.know.near import near_pairs

    reader = Reader(root)
    try:
        records = told_records(root, reader)
    finally:
        reader.close()
    if len(records.columns) < 2:
        return []
    found = near_pairs(records.columns, _LEAST_P)
    made = []
    for (one, other), p, agrees in zip(found.pairs.tolist(), found.p.tolist(), found.agrees, strict=True):
        if len(agrees) > 1 and records.persons[one] != records.persons[other]:
            left, right = sorted((int(records.actors[one]), int(records.actors[other])))
            made.append(Proposal(left=left, right=right, p=p, agrees=agrees, at=now))
    return sorted(made, key=lambda proposal: (-proposal.p, proposal.left, proposal.right))[:_MOST]
