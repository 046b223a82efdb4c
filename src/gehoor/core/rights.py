"""Who may do what: the one place that says so, for pages, calls and the API alike."""

from typing import Literal, get_args

import msgspec

from gehoor.core.member import Member, Role

__all__ = ["GRANTS", "RIGHTS", "Belonging", "Right", "may", "rights_of"]

Right = Literal[
    "see.posts", "see.people", "see.person", "see.quality", "see.sources", "see.settings",
    "correct", "models.change", "alerts.decide", "stories.decide", "segments.change",
    "people.decide", "people.forget", "people.export",
    "desk.see", "desk.answer", "desk.note", "desk.assign", "desk.approve", "desk.settings", "desk.every_team",
    "roster.see", "roster.change", "report.see", "mirror.see",
    "sources.change", "settings.change", "team.manage", "audit.see",
]  # fmt: skip
RIGHTS: tuple[Right, ...] = get_args(Right)

_AGENT: frozenset[Right] = frozenset({
    "see.posts", "see.people", "see.person", "correct", "alerts.decide", "people.decide",
    "desk.see", "desk.answer", "desk.note", "roster.see",
})  # fmt: skip
_LEAD: frozenset[Right] = _AGENT | frozenset[Right]({
    "stories.decide", "people.export", "desk.assign", "desk.approve", "desk.settings",
    "roster.change", "report.see", "see.quality", "see.sources",
})  # fmt: skip
_ANALYST: frozenset[Right] = frozenset({
    "see.posts", "see.people", "see.quality", "see.sources", "see.settings", "correct", "models.change",
    "alerts.decide", "stories.decide", "segments.change", "report.see", "mirror.see",
    "roster.see",
})  # fmt: skip
_MANAGER: frozenset[Right] = (_LEAD | _ANALYST | frozenset[Right]({"desk.every_team", "audit.see"})) - {"models.change"}

GRANTS: dict[Role, frozenset[Right]] = {
    "agent": _AGENT,
    "lead": _LEAD,
    "analyst": _ANALYST,
    "manager": _MANAGER,
    "admin": frozenset(RIGHTS),
}
"""What each role may do. Who has several roles may do what any of them may."""

_OF_A_TEAM: frozenset[Right] = frozenset({"desk.see", "desk.answer", "desk.note", "desk.assign", "desk.approve"})


class Belonging(msgspec.Struct, frozen=True, kw_only=True):
    """Whose something is, as far as that decides who may touch it.

    Attributes
    ----------
    team : str, optional
        The team of a conversation; None: nobody's yet, so everybody's.
    assignee : str, optional
        The member who looks after it.
    said_by : str, optional
        The member who wrote it, where only they may change it: a note.
    """

    team: str | None = None
    assignee: str | None = None
    said_by: str | None = None


def may(member: Member, right: Right, of: Belonging | None = None) -> bool:
    """Tell whether a member may do something; `of` says with what, where that matters.

    A conversation of another team is not theirs to see, unless it is assigned to them or they see every team. A note
    is changed by who wrote it, and by nobody else: not by an admin either.

    Examples
    --------
    >>> jan = Member(id="a1", name="Jan", roles=("agent",), team="baggage")
    >>> may(jan, "desk.answer", Belonging(team="baggage")), may(jan, "desk.answer", Belonging(team="refunds"))
    (True, False)
    """
    if not member.is_active or right not in rights_of(member):
        return False
    if of is None:
        return True
    if of.said_by is not None and of.said_by != member.id:
        return False
    if right not in _OF_A_TEAM or of.team in (None, member.team) or of.assignee == member.id:
        return True
    return "desk.every_team" in rights_of(member)


def rights_of(member: Member) -> frozenset[Right]:
    """Return all that the roles of a member grant; of a program that acts for them, what it was given of that."""
    granted = frozenset[Right]().union(*(GRANTS[role] for role in member.roles))
    return granted if member.only is None else granted.intersection(member.only)
