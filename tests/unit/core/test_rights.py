"""Whose conversations somebody may touch: every cell of role, right and belonging."""

import pytest

from gehoor.core.member import NOBODY, ROLES, YOU, Member, Role
from gehoor.core.rights import GRANTS, RIGHTS, Belonging, Right, may

BELONGINGS = {
    "own team": Belonging(team="baggage"),
    "no team": Belonging(),
    "other team": Belonging(team="refunds"),
    "other team, mine": Belonging(team="refunds", assignee="me"),
    "own note": Belonging(team="baggage", said_by="me"),
    "other's note": Belonging(team="baggage", said_by="somebody"),
}
# literally: o own team, - no team, x other team, m assigned to me, n own note, s somebody else's note
EXPECTED: dict[Right, dict[Role, str]] = {
    "desk.see": {"agent": "o-mn", "lead": "o-mn", "analyst": "", "manager": "o-xmn", "admin": "o-xmn"},
    "desk.answer": {"agent": "o-mn", "lead": "o-mn", "analyst": "", "manager": "o-xmn", "admin": "o-xmn"},
    "desk.note": {"agent": "o-mn", "lead": "o-mn", "analyst": "", "manager": "o-xmn", "admin": "o-xmn"},
    "desk.assign": {"agent": "", "lead": "o-mn", "analyst": "", "manager": "o-xmn", "admin": "o-xmn"},
    "desk.approve": {"agent": "", "lead": "o-mn", "analyst": "", "manager": "o-xmn", "admin": "o-xmn"},
}


@pytest.mark.parametrize("right", EXPECTED)
@pytest.mark.parametrize("role", ROLES)
def test_every_cell_of_role_right_and_belonging_is_as_written(right: Right, role: Role) -> None:
    me = Member(id="me", name="Me", roles=(role,), team="baggage")
    found = "".join(letter for letter, of in zip("o-xmns", BELONGINGS.values(), strict=True) if may(me, right, of))
    assert found == EXPECTED[right][role]


@pytest.mark.parametrize("right", RIGHTS)
def test_nobody_and_who_is_gone_may_nothing(right: Right) -> None:
    gone = Member(id="gone", name="Gone", roles=("admin",), is_active=False)
    assert not may(NOBODY, right)
    assert not may(gone, right)
    assert may(YOU, right)


@pytest.mark.parametrize("role", ROLES)
def test_a_program_has_no_right_that_its_member_has_not(role: Role) -> None:
    program = Member(id="p", name="P", roles=(role,), only=("see.posts", "team.manage"))
    granted = {right for right in RIGHTS if may(program, right)}
    assert granted == GRANTS[role] & {"see.posts", "team.manage"}
