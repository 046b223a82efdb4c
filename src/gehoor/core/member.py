"""A member of the team: who works with this workspace, in which roles, and what they can take on."""

from typing import Literal, get_args

import msgspec

__all__ = ["NOBODY", "ROLES", "YOU", "Member", "Role"]

Role = Literal["agent", "lead", "analyst", "manager", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the team, as pages and the desk know them; nothing by which one logs in.

    Attributes
    ----------
    id : str
        Never given to somebody else, and no name: it stands in what they decided (`said_by`) when they are gone.
    roles : tuple of str
        What they may do: `core.rights`.
    team : str, optional
        Whose conversations are theirs; None: of no team in particular.
    languages, skills : tuple of str
        What they answer in (ISO 639-1), and what they know about.
    capacity : int
        How many conversations they look after at once.
    since : int
        Microseconds UTC.
    only : tuple of str, optional
        For a program that acts for them: which of their rights it has. None: all.
    """

    id: str
    name: str
    mail: str = ""
    roles: tuple[Role, ...] = ()
    team: str | None = None
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: int = 10
    since: int = 0
    is_active: bool = True
    only: tuple[str, ...] | None = None


YOU = Member(id="you", name="", roles=("admin",))
"""Who sits at the machine of a workspace that nobody else can reach: there is no login, and this is who decides."""

NOBODY = Member(id="", name="", is_active=False)
"""Who did not say who they are."""
