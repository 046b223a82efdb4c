"""Who gets what: the dearest to leave to whoever answers it best, now.

A member with room takes the conversation whose waiting costs most for each minute of work (the c-mu rule, with the cost
of this moment: generalised, it is asymptotically best for costs that grow ever faster). Who needs a language or a skill
waits for somebody who has it. Two rules keep it humane: who has more on their hands gets less, and who can do what few
can is kept free for it.

Van Mieghem, J. A. (1995). Dynamic scheduling with convex delay costs: the generalized c-mu rule. Annals of Applied
Probability 5, 809-833. Mandelbaum, A., Stolyar, A. L. (2004). Scheduling flexible servers with convex delay costs.
Operations Research 52, 836-855.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from gehoor.answer.roster import ANYONE, Wanted
from gehoor.core.member import Member

__all__ = ["Assigned", "Because", "Left", "Plan", "Seat", "Waiting", "WhyLeft", "assign"]

Because = Literal["knows_them", "owner", "only_one", "practised", "room"]
WhyLeft = Literal["nobody_there", "no_team", "no_skill", "no_language", "full"]

_UNPRACTISED, _OWNER, _KNOWS, _BUSY, _RESERVE = 0.7, 1.5, 2.0, 0.3, 0.98
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Waiting:
    """A conversation without assignee that waits for an answer.

    Attributes
    ----------
    id : int
        Its id.
    cost : float
        What a moment more costs, > 0: `exp(priority(...).score)`.
    waiting_since : int
        Microseconds UTC.
    need : str, optional
        What it is about.
    wanted : Wanted
        Of which team, with which skill and language somebody must be.
    minutes : float
        How long answering such a conversation takes as a rule, > 0.
    answered_by : str, optional
        The member who spoke with them before.
    """

    id: int
    cost: float
    waiting_since: int
    need: str | None = None
    wanted: Wanted = ANYONE
    minutes: float = 6.0
    answered_by: str | None = None


@dataclass(frozen=True)
class Seat:
    """A member who is on duty, and how many conversations they look after now."""

    member: Member
    n_open: int = 0


@dataclass(frozen=True)
class Assigned:
    """Who gets a conversation, and why they do, the weightiest reason first."""

    id: int
    member: str
    because: tuple[Because, ...]


@dataclass(frozen=True)
class Left:
    """A conversation that nobody gets now, and why."""

    id: int
    why: WhyLeft


@dataclass(frozen=True)
class Plan:
    """Who gets what, in the order in which it was given, and what is left, oldest first."""

    assigned: tuple[Assigned, ...]
    left: tuple[Left, ...]


def assign(waiting: Sequence[Waiting], seats: Sequence[Seat], owners: Mapping[str, str] | None = None) -> Plan:
    """Give conversations to members until all are given or nobody has room.

    Parameters
    ----------
    waiting : sequence of Waiting
        The dearest thousand will do. Cost: 20 ms for a thousand and sixty members.
    seats : sequence of Seat
        Who is on duty, in the order of the roster: it decides between equals, after who has most room.
    owners : mapping of str to str, optional
        Which member, or which team, owns a need: they get it if they have room, others if they have not.

    Examples
    --------
    >>> noor, sam = Member(id="noor", name="", languages=("nl",)), Member(id="sam", name="", languages=("en",))
    >>> storm = [Waiting(1, 1.0, 0), Waiting(2, 5.0, 9, wanted=Wanted(language="en")), Waiting(3, 1.0, 5)]
    >>> assign(storm, [Seat(noor, 9), Seat(sam, 9)])
    Plan(assigned=(Assigned(id=2, member='sam', because=('only_one',)), \
Assigned(id=1, member='noor', because=('room',))), left=(Left(id=3, why='full'),))
    """
    rows = sorted(waiting, key=lambda one: (one.waiting_since, one.id))
    gains = _Gains(seats, owners or {})
    base = np.array([gains.of(row) for row in rows], np.float64).reshape(len(rows), len(seats))
    load = np.array([seat.n_open for seat in seats], np.float64)
    capacity = np.array([seat.member.capacity for seat in seats], np.float64)
    gain = base * _room(load, capacity)
    assigned: dict[int, Assigned] = {}
    while gain.size and gain.max() > 0:
        # The first of equals: who waits longest, and the order of the roster.
        place, seat = divmod(int(np.argmax(gain)), len(seats))
        row = rows[place]
        assigned[row.id] = Assigned(row.id, seats[seat].member.id, gains.because(row, seat))
        base[place] = gain[place] = 0
        load[seat] += 1
        gain[:, seat] = base[:, seat] * _room(load, capacity)[seat]
    left = [Left(row.id, _why_left(row, seats)) for row in rows if row.id not in assigned]
    return Plan(tuple(assigned.values()), tuple(left))


class _Gains:
    """What it gains when a member takes a conversation: the cost that ends, for a minute of their work."""

    def __init__(self, seats: Sequence[Seat], owners: Mapping[str, str]) -> None:
        self._seats, self._owners = seats, owners
        breadth = [len(seat.member.languages) + len(seat.member.skills) for seat in seats]
        self._reserve = _RESERVE ** np.array(breadth, np.float64)
        self._known: dict[tuple[Wanted, str | None, str | None], _Floats] = {}

    def of(self, row: Waiting) -> _Floats:
        """Return the gain with each member; 0 with those who cannot."""
        key = (row.wanted, row.need, row.answered_by)
        if key not in self._known:
            pace = [self._pace(row, seat.member) for seat in self._seats]
            self._known[key] = np.array(pace, np.float64) * self._reserve
        return row.cost / row.minutes * self._known[key]

    def because(self, row: Waiting, seat: int) -> tuple[Because, ...]:
        """Say why this member gets it; where nothing speaks for them, they had room."""
        member = self._seats[seat].member
        told: tuple[tuple[bool, Because], ...] = (
            (member.id == row.answered_by, "knows_them"),
            (self._owns(row, member), "owner"),
            (sum(row.wanted.fits(one.member) for one in self._seats) == 1 < len(self._seats), "only_one"),
            (row.need in member.skills, "practised"),
        )
        return tuple(why for holds, why in told if holds) or ("room",)

    def _pace(self, row: Waiting, member: Member) -> float:
        if not row.wanted.fits(member):
            return 0.0
        pace = 1.0 if row.need is None or row.need in member.skills else _UNPRACTISED
        return pace * (_OWNER if self._owns(row, member) else 1.0) * (_KNOWS if member.id == row.answered_by else 1.0)

    def _owns(self, row: Waiting, member: Member) -> bool:
        owner = self._owners.get(row.need or "")
        return owner is not None and owner in (member.id, member.team)


def _room(load: _Floats, capacity: _Floats) -> _Floats:
    """Return 1 for who has nothing to do, less for who has much, and 0 for who can take no more."""
    return np.where(load < capacity, 1 - _BUSY * load / np.maximum(capacity, 1), 0.0)


def _why_left(row: Waiting, seats: Sequence[Seat]) -> WhyLeft:
    """Return the first thing that nobody who is there has; when somebody has all, they are full."""
    if not seats:
        return "nobody_there"
    wanted = row.wanted
    steps: tuple[tuple[Wanted, WhyLeft], ...] = (
        (Wanted(wanted.team), "no_team"),
        (Wanted(wanted.team, wanted.skill), "no_skill"),
        (wanted, "no_language"),
    )
    return next((why for step, why in steps if not any(step.fits(seat.member) for seat in seats)), "full")
