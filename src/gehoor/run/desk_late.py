"""Says what is nearly late, or late: once each, as a line in the history and to who is to know."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from gehoor.answer.sla_clock import State
from gehoor.core.clock import SECOND_US
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import Member
from gehoor.core.message import Message
from gehoor.core.outbox import emit
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.core.tables.conversation import conversation_post
from gehoor.core.tables.desk import desk_event
from gehoor.core.team import TeamReader
from gehoor.run.alert_plan import quiet_until
from gehoor.run.desk_acting import Acting, Ask
from gehoor.run.desk_rank import DeskRank, Ranked
from gehoor.run.on_duty import awake_of
from gehoor.run.workplace import Workplace

__all__ = ["Due", "Late"]

_Kind = Literal["warning", "breach"]
_KINDS: dict[State | None, _Kind] = {"fifth": "warning", "nearly": "warning", "late": "breach"}
_WORDS: dict[tuple[str, _Kind], tuple[str, str]] = {
    ("nl", "breach"): ("Te laat: {name} wacht", "{name} wacht al {min} minuten, via {channel}. Dat is te laat."),
    ("en", "breach"): ("Late: {name} waits", "{name} has been waiting for {min} minutes, on {channel}. It is late."),
    ("nl", "warning"): ("Bijna te laat: {name} wacht", "{name} wacht al {min} minuten, via {channel}. Nog {left}."),
    ("en", "warning"): ("Soon late: {name} waits", "{name} has waited for {min} minutes, on {channel}. {left} left."),
}


class Due(NamedTuple):
    """A promise that is nearly broken, or is; `detail` names the clock, `to` which senders are told and from when."""

    conversation: int
    detail: str
    to: tuple[tuple[str, int], ...] = ()
    message: bytes = b""


class Late:
    """One round of it.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    settings : Settings
        `[desk] policies nearly_to late_to late_wakes`, `[roster]` and `[alerts.people]`.
    now : int
        Microseconds UTC.
    """

    def __init__(self, reader: Reader, settings: Settings, now: int) -> None:
        self._reader, self._settings, self._now = reader, settings, now

    def found(self, desk: DeskReader, who: Member, most: int, after: str | None = None) -> tuple[list[Due], str | None]:
        """Return what was not said before, and where to go on; of a clock that goes on after a pause nothing again.

        At most so many conversations are looked at, who waits longest first: None to go on with is the beginning.
        """
        desk_settings = self._settings.desk
        if not desk_settings.policies:
            return [], None
        is_whole = any(one.resolution for one in desk_settings.policies)
        page = desk.inbox(f"is:open {'' if is_whole else 'is:unanswered '}sort:waiting", who, most, after)
        ranked = DeskRank.of(self._reader, self._settings).rank(page.rows, self._now)
        due = {(one.row.id, detail): one for one in ranked if (detail := self._detail(one)) is not None}
        said = self._said({conversation for conversation, _ in due})
        return [self._due(one, detail) for (id_, detail), one in due.items() if (id_, detail) not in said], page.after

    def _detail(self, ranked: Ranked) -> str | None:
        kind = _KINDS.get(ranked.state)
        detail = {"kind": kind, "target": ranked.target, "since": ranked.since}
        return None if kind is None else msgspec.json.encode(detail).decode()

    def _due(self, ranked: Ranked, detail: str) -> Due:
        kind: _Kind = "breach" if ranked.state == "late" else "warning"
        to = tuple(dict(self._told(kind)).items())
        return Due(ranked.row.id, detail, to, self._message(ranked, kind) if to else b"")

    def _told(self, kind: _Kind) -> Iterator[tuple[str, int]]:
        """Yield the senders of who is awake, the gentlest of theirs, after their quiet hours; and those named."""
        desk, zone = self._settings.desk, ZoneInfo(self._settings.workspace.timezone)
        if kind == "breach" and desk.late_wakes:
            members = [one for one in TeamReader(self._reader).members() if one.is_active]
            for one in awake_of(self._settings, members, self._now).values():
                if one.member is not None:
                    yield one.by[0], quiet_until(one, zone, self._now)
        for name in desk.late_to if kind == "breach" else desk.nearly_to:
            yield name, self._now

    def _message(self, ranked: Ranked, kind: _Kind) -> bytes:
        row, words = ranked.row, _WORDS[self._settings.workspace.interface, kind]
        minute = 60 * SECOND_US
        waits, left = (self._now - (ranked.since or self._now)) // minute, (ranked.left_us or 0) // minute
        known = {"name": row.name or "?", "min": waits, "channel": row.channel, "left": f"{left} min"}
        said = Message(
            type="desk.late" if kind == "breach" else "desk.nearly_late", at=self._now,
            title=words[0].format(**known), text=words[1].format(**known),
            data={"conversation": row.id, "assignee": row.assignee}, level=2 if kind == "breach" else 1,
        )  # fmt: skip
        return msgspec.json.encode(said)

    def _said(self, ids: set[int]) -> set[tuple[int, str]]:
        """Return what was said of some conversations, also before they were put together with others."""
        post, done = conversation_post.c, desk_event.c
        both = conversation_post.join(desk_event, done.conversation == post.seq)
        mine = sa.select(post.conversation, done.detail).select_from(both)
        where = (post.conversation.in_(ids), done.act == "due")
        return {(row.conversation, row.detail) for row in self._reader.stored(mine.where(*where))} if ids else set()

    @staticmethod
    def write(place: Workplace, found: Sequence[Due]) -> None:
        """Write the lines, and put in the outbox who is told; on the writer's thread."""
        with place.projector.engine.begin() as tx:
            for one in found:
                acting = Acting(place, tx, Ask(said_by="gehoor", conversation=one.conversation))
                acting.note(acting.home(), "due", msgspec.json.decode(one.detail))
                for sender, not_before in one.to:
                    emit(tx, f"late:{one.conversation}:{one.detail}:{sender}", sender, one.message, not_before)
