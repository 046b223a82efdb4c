"""Says what is nearly late, or late: once each, as a line in the history, and to the lead when it is late."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import Member
from gehoor.core.message import Message
from gehoor.core.outbox import emit
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.core.tables.desk import desk_event
from gehoor.run.desk_acting import Acting, Ask
from gehoor.run.desk_rank import DeskRank, Ranked
from gehoor.run.workplace import Workplace

__all__ = ["Due", "Late"]

_KINDS = {"fifth": "warning", "nearly": "warning", "late": "breach"}
_WORDS = {
    "nl": ("Te laat: {name} wacht", "{name} wacht sinds {min} minuten op antwoord, via {channel}. Dat is te laat."),
    "en": ("Late: {name} waits", "{name} has been waiting for an answer for {min} minutes, on {channel}. It is late."),
}


class Due(NamedTuple):
    """A promise that is nearly broken, or is; `detail` names the clock, `to` who is told besides, and what."""

    conversation: int
    detail: str
    to: tuple[str, ...] = ()
    message: bytes = b""


class Late:
    """One round of it.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    settings : Settings
        `[desk] policies` and `late_to`.
    now : int
        Microseconds UTC.
    """

    def __init__(self, reader: Reader, settings: Settings, now: int) -> None:
        self._reader, self._settings, self._now = reader, settings, now

    def found(self, desk: DeskReader, who: Member, most: int) -> list[Due]:
        """Return what was not said before; of a clock that goes on after a pause nothing again."""
        if not self._settings.desk.policies:
            return []
        rows = desk.inbox("is:open is:unanswered sort:waiting", who, most).rows
        due = [self._due(one) for one in DeskRank.of(self._reader, self._settings).rank(rows, self._now)]
        fresh = [one for one in due if one is not None]
        said = self._said([one.conversation for one in fresh])
        return [one for one in fresh if (one.conversation, one.detail) not in said]

    def _due(self, ranked: Ranked) -> Due | None:
        row, kind = ranked.row, _KINDS.get(ranked.state or "")
        if kind is None:
            return None
        target = "first_reply" if row.first_out_at is None else "next_reply"
        detail = msgspec.json.encode({"kind": kind, "target": target, "since": row.waiting_since}).decode()
        if kind == "warning":
            return Due(row.id, detail)
        return Due(row.id, detail, self._settings.desk.late_to, self._message(ranked))

    def _message(self, ranked: Ranked) -> bytes:
        row, title = ranked.row, _WORDS[self._settings.workspace.interface]
        waits = (self._now - (row.waiting_since or self._now)) // (60 * SECOND_US)
        known = {"name": row.name or "?", "min": waits, "channel": row.channel}
        said = Message(
            type="desk.late", at=self._now, title=title[0].format(**known), text=title[1].format(**known),
            data={"conversation": row.id, "assignee": row.assignee}, level=2,
        )  # fmt: skip
        return msgspec.json.encode(said)

    def _said(self, ids: Sequence[int]) -> set[tuple[int, str]]:
        table = desk_event.c
        mine = sa.select(table.conversation, table.detail).where(table.conversation.in_(ids), table.act == "due")
        return {(row.conversation, row.detail) for row in self._reader.stored(mine)} if ids else set()

    @staticmethod
    def write(place: Workplace, found: Sequence[Due]) -> None:
        """Write the lines, and put in the outbox who is told; on the writer's thread."""
        with place.projector.engine.begin() as tx:
            for one in found:
                acting = Acting(place, tx, Ask(said_by="gehoor", conversation=one.conversation))
                acting.note(acting.home(), "due", msgspec.json.decode(one.detail))
                for sender in one.to:
                    key = f"late:{one.conversation}:{one.detail}"
                    emit(tx, f"{key}:{sender}", sender, one.message)
