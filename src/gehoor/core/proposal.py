"""Two accounts that may be one person: what the linker proposes, for somebody to decide."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables.person import person_actor, person_choice
from gehoor.core.tables.person import person_proposal as table

__all__ = ["Proposal", "newest_proposals", "proposals_of", "put_off", "write_proposals"]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Two actors, the smaller key first, and why they may be one person.

    Attributes
    ----------
    p : float
        How probable it is that they are.
    agrees : tuple of str
        Kinds of `run.identity_columns.KINDS` in which they are alike.
    at : int
        When it was found, microseconds UTC.
    """

    left: int
    right: int
    p: float
    agrees: tuple[str, ...]
    at: int


def proposals_of(reader: Reader, actors: Collection[int], now: int) -> list[Proposal]:
    """Return what is proposed of some actors and not put off, the most probable first."""
    mine = sa.or_(table.c.left.in_(actors), table.c.right.in_(actors))
    asked = (mine, table.c.later <= now, table.c.p > 0)
    return list(map(_proposal, reader.stored(sa.select(table).where(*asked).order_by(table.c.p.desc()))))


def write_proposals(tx: sa.Connection, proposals: Iterable[Proposal], at: int) -> None:
    """Replace what was proposed before `at`; what is put off stays so, and what was decided is not asked again.

    What somebody wrote of themselves and is put off (`put_off`) is no work of the linker: it stays until it is due.
    """
    for one in proposals:
        row = {"left": one.left, "right": one.right, "p": one.p, "agrees": " ".join(one.agrees), "at": at}
        put_off_at = sa.select(table.c.later).where(*_is(one.left, one.right))
        later = tx.execute(put_off_at).scalar() or 0
        tx.execute(sa.insert(table).prefix_with("OR REPLACE").values(**row, later=later))
    tx.execute(sa.delete(table).where(table.c.at != at, table.c.later <= at))
    choice, actor = person_choice.c, sa.select(person_actor.c.actor_key)
    decided = sa.select(choice.left).where(choice.left == table.c.left, choice.right == table.c.right).exists()
    # somebody may have been forgotten while it was counted
    gone = sa.or_(table.c.left.not_in(actor), table.c.right.not_in(actor))
    tx.execute(sa.delete(table).where(sa.or_(decided, sa.and_(table.c.at == at, gone))))


def put_off(tx: sa.Connection, pairs: Sequence[tuple[int, int]], until: int) -> None:
    """Ask no more of any of these pairs until a moment; of the first, where only they proposed it (p = 0)."""
    asked = [tuple(sorted(pair)) for pair in pairs]
    changed = [tx.execute(sa.update(table).where(*_is(*pair)).values(later=until)).rowcount for pair in asked]
    if until and not any(changed):
        left, right = asked[0]
        tx.execute(sa.insert(table).values(left=left, right=right, p=0.0, agrees="", at=0, later=until))


def newest_proposals(reader: Reader, now: int, limit: int) -> list[Proposal]:
    """Return what is proposed of anybody and not put off, the most probable first."""
    asked = (table.c.later <= now, table.c.p > 0)
    rows = reader.stored(sa.select(table).where(*asked).order_by(table.c.p.desc()).limit(limit))
    return list(map(_proposal, rows))


def _proposal(row: sa.Row[Any]) -> Proposal:
    return Proposal(left=row.left, right=row.right, p=row.p, agrees=tuple(row.agrees.split()), at=row.at)


def _is(left: int, right: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return table.c.left == left, table.c.right == right
