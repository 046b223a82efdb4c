"""Who people said that somebody is: press, staff, a customer ...; by the digest of the actor, never by name."""

from collections.abc import Collection

import sqlalchemy as sa

from gehoor.core.alert import ROLES, Role
from gehoor.core.errors import SettingError
from gehoor.core.record import digest
from gehoor.core.store import put
from gehoor.core.tables.ledger import role as table

__all__ = ["forget_role", "key_of", "role_of", "roles_query", "say_role"]


def key_of(channel: str, actor: str) -> int:
    """Return the digest under which a role is kept."""
    return digest(channel, actor)


def say_role(tx: sa.Connection, key: int, role: str | None, at: int) -> bool:
    """Note who somebody is; "" is nobody in particular, None takes it back.

    Raises
    ------
    SettingError
        There is no such role.
    """
    if role and role not in ROLES:
        raise SettingError(f"There is no role {role!r}. Known: {', '.join(ROLES)}.")
    if role is None:
        return tx.execute(sa.delete(table).where(table.c.actor_key == key)).rowcount == 1
    put(tx, table, actor_key=key, role=role, at=at)
    return True


def forget_role(tx: sa.Connection, key: int) -> int:
    """Remove what was said of an actor; return how much that was."""
    return tx.execute(sa.delete(table).where(table.c.actor_key == key)).rowcount


def roles_query(keys: Collection[int]) -> sa.Select[tuple[int, str]]:
    """Return the question who some actors were said to be: (actor_key, role)."""
    return sa.select(table.c.actor_key, table.c.role).where(table.c.actor_key.in_(list(keys)))


def role_of(name: str) -> Role | None:
    """Return the role of a name that stands in the table; None for nobody in particular."""
    return next((role for role in ROLES if role == name), None)
