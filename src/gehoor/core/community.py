"""Communities, for whoever shows them: which there are, and who stands between them."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables.community import community as table
from gehoor.core.tables.community import community_member as member

__all__ = ["Community", "bridges", "communities", "communities_of", "forget_member"]


class Community(msgspec.Struct, frozen=True, kw_only=True):
    """People who speak of the same topics.

    Attributes
    ----------
    id : int
        Stays from night to night, as long as most of its people do.
    n : int
        People.
    found_at : int
        When it was last found, microseconds UTC.
    by_language : float
        How much of all communities language tells, 0 to 1: near 0 they meet by interest and not by border.
    by_country : float, optional
        The same of country; None where fewer than fifty people say in which they are.
    """

    id: int
    n: int
    found_at: int
    by_language: float
    by_country: float | None


def communities(reader: Reader, limit: int = 50) -> list[Community]:
    """Return the largest communities, largest first."""
    rows = reader.stored(sa.select(table).order_by(table.c.n.desc(), table.c.id).limit(limit))
    return [Community(**{name: getattr(row, name) for name in Community.__struct_fields__}) for row in rows]


def communities_of(reader: Reader, actor_keys: Sequence[int]) -> dict[int, int]:
    """Return the community of each of these actors; those without one are out."""
    rows = reader.stored(sa.select(member).where(member.c.actor_key.in_(actor_keys)))
    return {row.actor_key: row.community for row in rows}


def bridges(reader: Reader, limit: int = 20) -> list[tuple[int, float]]:
    """Return the actors whose ties are spread most evenly over communities, with how evenly, 0 to 1."""
    rows = reader.stored(sa.select(member).order_by(member.c.participation.desc(), member.c.actor_key).limit(limit))
    return [(row.actor_key, row.participation) for row in rows if row.participation > 0]


def forget_member(tx: sa.Connection, key: int) -> None:
    """Take an actor out of their community at once."""
    theirs = sa.select(member.c.community).where(member.c.actor_key == key).scalar_subquery()
    tx.execute(sa.update(table).where(table.c.id == theirs).values(n=table.c.n - 1))
    tx.execute(sa.delete(member).where(member.c.actor_key == key))
