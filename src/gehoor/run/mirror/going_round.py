"""Hands an edition to the senders of mail: once to each, however often it is asked."""

from collections.abc import Sequence
from typing import Any

import msgspec

from gehoor.core.edition import Period
from gehoor.core.errors import SettingError
from gehoor.core.message import Message
from gehoor.core.outbox import emit
from gehoor.core.settings import load
from gehoor.know.audit import note_decision
from gehoor.run.workplace import Workplace

__all__ = ["send_round"]

_DECIDED = "mirror_sent"


class _Round(msgspec.Struct, frozen=True, kw_only=True):
    to: list[str]
    message: Message
    day: str
    period: Period = "day"
    brand: str = ""
    said_by: str = ""


def send_round(owner: Workplace, arguments: dict[str, Any]) -> list[str]:
    """Put an edition in the outbox; return to whom it goes now, without those who had it before.

    Raises
    ------
    SettingError
        One of them is no sender of mail.
    """
    told = msgspec.convert(arguments, _Round)
    _check(told.to, [name for name, part in load(owner.root).senders.items() if part.type == "mail"])
    payload = msgspec.json.encode(told.message)
    with owner.projector.engine.begin() as tx:
        key = f"mirror:{told.brand}:{told.period}:{told.day}"
        fresh = [name for name in dict.fromkeys(told.to) if emit(tx, f"{key}:{name}", name, payload)]
        if fresh and told.said_by:
            note_decision(tx, _DECIDED, at=owner.clock.now(), said_by=told.said_by)
    return fresh


def _check(asked: Sequence[str], known: Sequence[str]) -> None:
    for name in asked:
        if name not in known:
            there = ", ".join(known) or "none yet"
            raise SettingError(f"There is no sender of mail named {name[:80]!r}. Known: {there}.")
