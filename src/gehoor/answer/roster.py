"""The roster: who is on duty at a moment, who is next, and who is woken."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gehoor.answer.shift import Kind, Shift
from gehoor.core.member import Member

__all__ = ["ANYONE", "Roster", "Wanted"]


@dataclass(frozen=True)
class Wanted:
    """Whom one looks for: of a team, with a skill, in a language; None: whichever.

    Somebody for whom no language was written down may answer in any; a skill must be written down.
    """

    team: str | None = None
    skill: str | None = None
    language: str | None = None

    def fits(self, member: Member, team: str = "") -> bool:
        """Tell whether a member will do, in a shift for `team` (empty: their own)."""
        return (
            (self.team is None or self.team == (team or member.team))
            and (self.skill is None or self.skill in member.skills)
            and (self.language is None or not member.languages or self.language in member.languages)
        )


ANYONE = Wanted()
_Stretches = list[tuple[int, int]]


class Roster:
    """Who works when. Who is absent is not on duty and is not called, whatever else stands in the roster.

    Parameters
    ----------
    members : sequence of Member
        In the order in which they are named and woken; who is not active is left out.
    shifts : iterable of Shift
        In any order, from `shifts_of` and `calendar_file.read`; overlapping ones are one. Shifts of people who are no
        members are not read: `strangers` names them.

    Examples
    --------
    >>> noor, sam = Member(id="noor", name="Noor"), Member(id="sam", name="Sam")
    >>> shifts = [Shift(0, 10, "noor"), Shift(0, 20, "Sam", "on_call"), Shift(5, 7, "noor", "absent")]
    >>> roster = Roster([noor, sam], shifts)
    >>> [[member.id for member in roster.woken(at)] for at in (4, 6, 10)]
    [['noor', 'sam'], ['sam'], ['sam']]
    """

    def __init__(self, members: Sequence[Member], shifts: Iterable[Shift]) -> None:
        self._members = [member for member in members if member.is_active]
        known = _by_name(self._members)
        self.strangers: set[str] = set()
        found: dict[tuple[str, Kind, str], _Stretches] = {}
        for shift in sorted(shifts):
            member = known.get(shift.who.casefold())
            if member is None:
                self.strangers.add(shift.who)
            else:
                _add(found.setdefault((member, shift.kind, shift.team), []), (shift.start, shift.end))
        absent: dict[str, _Stretches] = {}
        for (member, kind, _), stretches in found.items():
            if kind == "absent":
                absent[member] = _union(absent.get(member, []) + stretches)
        self._when: dict[tuple[str, Kind], dict[str, _Stretches]] = {}
        for (member, kind, team), stretches in found.items():
            self._when.setdefault((member, kind), {})[team] = _without(stretches, absent.get(member, []))

    def on_duty(self, at: int, wanted: Wanted = ANYONE) -> tuple[Member, ...]:
        """Return who works at a moment."""
        return self._there(at, "duty", wanted)

    def on_call(self, at: int, wanted: Wanted = ANYONE) -> tuple[Member, ...]:
        """Return who can be called at a moment."""
        return self._there(at, "on_call", wanted)

    def woken(self, at: int, wanted: Wanted = ANYONE) -> tuple[Member, ...]:
        """Return whom an alert goes to, one after the other: who is on duty, then who can be called; each once."""
        return tuple({member.id: member for member in (*self.on_duty(at, wanted), *self.on_call(at, wanted))}.values())

    def duty_ends(self, at: int) -> int | None:
        """Return the first moment at which somebody who works now no longer does; None: nobody works."""
        ends = [
            stretches[bisect_right(stretches, at, key=lambda one: one[0]) - 1][1]
            for member in self._members
            for stretches in self._stretches(member, "duty", ANYONE)
            if _covers(stretches, at)
        ]
        return min(ends, default=None)

    def left_duty(self, at: int) -> dict[str, int]:
        """Return of each member who does not work at a moment when they last did, as far as the shifts go back."""
        left: dict[str, int] = {}
        for member in self._members:
            duty = [one for stretches in self._stretches(member, "duty", ANYONE) for one in stretches]
            ends = [end for start, end in duty if start <= at]
            if ends and max(ends) <= at:
                left[member.id] = max(ends)
        return left

    def next_on_duty(self, at: int, wanted: Wanted = ANYONE) -> tuple[int, Member] | None:
        """Return who begins first after a moment, and when; None: nobody does any more."""
        begins = [
            (stretches[place][0], rank, member)
            for rank, member in enumerate(self._members)
            for stretches in self._stretches(member, "duty", wanted)
            if (place := bisect_right(stretches, at, key=lambda one: one[0])) < len(stretches)
        ]
        if not begins:
            return None
        start, _, member = min(begins, key=lambda one: one[:2])
        return start, member

    def _there(self, at: int, kind: Kind, wanted: Wanted) -> tuple[Member, ...]:
        return tuple(
            member
            for member in self._members
            if any(_covers(stretches, at) for stretches in self._stretches(member, kind, wanted))
        )

    def _stretches(self, member: Member, kind: Kind, wanted: Wanted) -> list[_Stretches]:
        return [
            stretches for team, stretches in self._when.get((member.id, kind), {}).items() if wanted.fits(member, team)
        ]


def _by_name(members: Sequence[Member]) -> dict[str, str]:
    """Map ids, names and addresses to ids; a name that two people have is nobody's."""
    ids: dict[str, set[str]] = {}
    for member in members:
        for name in (member.name, member.mail):
            ids.setdefault(name.casefold(), set()).add(member.id)
    unique = {name: min(one) for name, one in ids.items() if name and len(one) == 1}
    return unique | {member.id.casefold(): member.id for member in members}


def _covers(stretches: _Stretches, at: int) -> bool:
    place = bisect_right(stretches, at, key=lambda one: one[0]) - 1
    return place >= 0 and at < stretches[place][1]


def _add(stretches: _Stretches, one: tuple[int, int]) -> None:
    """Add a stretch that begins no earlier than the last one."""
    if stretches and one[0] <= stretches[-1][1]:
        stretches[-1] = (stretches[-1][0], max(stretches[-1][1], one[1]))
    elif one[0] < one[1]:
        stretches.append(one)


def _union(stretches: _Stretches) -> _Stretches:
    union: _Stretches = []
    for one in sorted(stretches):
        _add(union, one)
    return union


def _without(stretches: _Stretches, absent: _Stretches) -> _Stretches:
    """Take stretches out of others; both in order and apart."""
    left: _Stretches = []
    for start, end in stretches:
        since = start
        place = max(bisect_right(absent, start, key=lambda one: one[0]) - 1, 0)
        while place < len(absent) and absent[place][0] < end:
            gone, back = absent[place]
            if since < gone:
                left.append((since, gone))
            since = max(since, back)
            place += 1
        if since < end:
            left.append((since, end))
    return left
