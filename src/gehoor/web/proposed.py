"""Who else this person may be: what the linker proposes on their page, for somebody to say yes, no or later."""

from collections.abc import Collection

import msgspec

from gehoor.core.person_reader import PersonReader
from gehoor.core.proposal import proposals_of
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person_actor

__all__ = ["Proposed", "proposed_of"]

_MOST = 5


class Proposed(msgspec.Struct, frozen=True):
    """An account of somebody else that may be theirs: how probable, and in what the two agree."""

    channel: str
    actor: str
    name: str
    p: float
    agrees: tuple[str, ...]


def proposed_of(reader: Reader, actors: Collection[int], now: int) -> list[Proposed]:
    """Return whom some actors of one person may be as well, one line a person, the most probable first."""
    mine = set(actors)
    others = {(one.right if one.left in mine else one.left): one for one in reversed(proposals_of(reader, mine, now))}
    accounts = {
        account.actor_key: account
        for account in PersonReader(reader).accounts(person_actor.c.actor_key.in_(list(others.keys() - mine)))
    }
    persons: dict[int, Proposed] = {}
    for key, one in sorted(others.items(), key=lambda pair: -pair[1].p):
        account = accounts.get(key)
        if account is not None:
            name = account.name or account.actor
            persons.setdefault(account.person, Proposed(account.channel, account.actor, name, one.p, one.agrees))
    return list(persons.values())[:_MOST]
