"""Hands over what waits with somebody whose shift is over, while others work: it is nobody's again, with a line."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import Member
from gehoor.core.reader import Reader
from gehoor.core.rights import rights_of
from gehoor.core.settings import Settings
from gehoor.core.tables.desk import desk_event
from gehoor.core.team import TeamReader
from gehoor.run.desk_acting import Acting, Ask
from gehoor.run.on_duty import duty_of, has_roster
from gehoor.run.workplace import Workplace

__all__ = ["HandOver", "Handed"]

_ASSIGNS = ("take", "assign", "given", "team")


class Handed(NamedTuple):
    """A conversation, and who had it."""

    conversation: int
    member: str


class HandOver:
    """One round of it.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    settings : Settings
        `[desk] hands_over` and `[roster]`.
    now : int
        Microseconds UTC.
    """

    def __init__(self, reader: Reader, settings: Settings, now: int) -> None:
        self._reader, self._settings, self._now = reader, settings, now

    def found(self, desk: DeskReader, who: Member, most: int) -> list[Handed]:
        """Return what waits with who went off duty since it was given to them; nothing while nobody works."""
        if not (self._settings.desk.hands_over and has_roster(self._settings)):
            return []
        members = [one for one in TeamReader(self._reader).members() if one.is_active]
        roster = duty_of(self._settings, members, self._now).roster
        if not any("desk.answer" in rights_of(one) for one in roster.on_duty(self._now)):
            return []  # they begin again before anybody else does: it stays with who knows it
        found: list[Handed] = []
        for member, left_at in roster.left_duty(self._now).items():
            rows = desk.inbox(f'is:open is:unanswered assignee:"{member}" sort:waiting', who, most).rows
            given = self._given([row.id for row in rows])
            found += [Handed(row.id, member) for row in rows if given.get(row.id, 0) < left_at]
        return found

    def _given(self, ids: Sequence[int]) -> dict[int, int]:
        """Return when each conversation was given to who has it."""
        table = desk_event.c
        last = sa.select(table.conversation, sa.func.max(table.at).label("at")).group_by(table.conversation)
        mine = last.where(table.conversation.in_(ids), table.act.in_(_ASSIGNS))
        return {row.conversation: row.at for row in self._reader.stored(mine)} if ids else {}

    @staticmethod
    def write(place: Workplace, found: Sequence[Handed]) -> None:
        """Make them nobody's, but where somebody else has one by now; on the writer's thread."""
        with place.projector.engine.begin() as tx:
            for one in found:
                acting = Acting(place, tx, Ask(said_by="gehoor", conversation=one.conversation))
                home = acting.home()
                if acting.state(home)["assignee"] == one.member:
                    acting.write(home, "handed_over", {"from": one.member}, assignee=None)
