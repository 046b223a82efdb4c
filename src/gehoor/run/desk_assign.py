"""Gives what is nobody's to who is on duty, by `answer.assign`: one line in the history says to whom, and why."""

import math
from collections.abc import Mapping, Sequence

from gehoor.answer.assign import Assigned, Seat, Waiting, assign
from gehoor.answer.roster import Wanted
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import Member
from gehoor.core.reader import Reader
from gehoor.core.rights import rights_of
from gehoor.core.settings import Settings
from gehoor.core.team import TeamReader
from gehoor.run.desk_acting import Acting, Ask
from gehoor.run.desk_rank import DeskRank, Ranked
from gehoor.run.on_duty import duty_of, has_roster
from gehoor.run.workplace import Workplace

__all__ = ["Assigning"]


class Assigning:
    """One round of it.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    settings : Settings
        `[desk] assigns` and `owners`, `[roster]`.
    now : int
        Microseconds UTC.
    """

    def __init__(self, reader: Reader, settings: Settings, now: int) -> None:
        self._reader, self._settings, self._now = reader, settings, now

    def found(self, desk: DeskReader, who: Member, most: int) -> list[Assigned]:
        """Return who gets what now; nothing where gehoor does not assign, or nobody is there."""
        if not self._settings.desk.assigns:
            return []
        there = self._there()
        rows = desk.inbox("is:open is:unanswered assignee:none sort:priority", who, most).rows if there else []
        if not rows:
            return []
        ranked = DeskRank.of(self._reader, self._settings).rank(rows, self._now)
        load = desk.counts({one.id: f'is:open assignee:"{one.id}"' for one in there}, who)
        seats = [Seat(one, load[one.id]) for one in there]
        waiting = [self._waiting(one, there) for one in ranked]
        return list(assign(waiting, seats, self._owners(there)).assigned)

    def _there(self) -> list[Member]:
        """Return who is on duty and may answer; everybody who may, where no roster says who works when."""
        members = [one for one in TeamReader(self._reader).members() if one.is_active]
        on_duty: Sequence[Member] = members
        if has_roster(self._settings):
            on_duty = duty_of(self._settings, members, self._now).roster.on_duty(self._now)
        return [one for one in on_duty if "desk.answer" in rights_of(one)]

    def _waiting(self, ranked: Ranked, there: Sequence[Member]) -> Waiting:
        row = ranked.row
        # a language that nobody here wrote down is nobody's to wait for: whoever can, helps
        speaks = any(row.language in one.languages for one in there)
        since = row.waiting_since if row.waiting_since is not None else row.last_in_at
        return Waiting(
            id=row.id, cost=math.exp(ranked.score), waiting_since=since, need=row.need,
            wanted=Wanted(team=row.team, language=row.language if speaks else None),
            minutes=self._settings.desk.minutes_per_answer,
        )  # fmt: skip

    def _owners(self, there: Sequence[Member]) -> Mapping[str, str]:
        """Return who owns what, by id; settings may name people as the roster does."""
        ids = {name.casefold(): one.id for one in there for name in (one.mail, one.name, one.id) if name}
        return {need: ids.get(owner.casefold(), owner) for need, owner in self._settings.desk.owners.items()}

    @staticmethod
    def write(place: Workplace, found: Sequence[Assigned]) -> None:
        """Write who got what, but where somebody was first; on the writer's thread."""
        with place.projector.engine.begin() as tx:
            for one in found:
                acting = Acting(place, tx, Ask(said_by="gehoor", conversation=one.id))
                home = acting.home()
                if acting.state(home)["assignee"] is None:
                    detail = {"to": one.member, "because": list(one.because)}
                    acting.write(home, "given", detail, assignee=one.member)
