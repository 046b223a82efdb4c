"""Who may be one person: what the linker proposes and what people write of themselves, for somebody to decide."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from gehoor.core.clock import DAY_US
from gehoor.core.person_reader import Account, PersonReader, name_of_person
from gehoor.core.proposal import Proposal, newest_proposals, proposals_of
from gehoor.core.reader import Reader
from gehoor.core.tables.person import person_actor
from gehoor.run.named_ties import NamedTie, named_by, named_lately
from gehoor.web.people import called

__all__ = ["Pair", "Proposed", "pairs_proposed", "proposed_of"]

_MOST, _MOST_PAIRS = 5, 60
_LATELY_US = 30 * DAY_US


class Proposed(msgspec.Struct, frozen=True):
    """An account of somebody else that may be theirs: how probable, and in what the two agree.

    Attributes
    ----------
    p : float, optional
        None where nothing was compared: they wrote it (`told`, a kind of `know.named.Named`), in the words of `quote`,
        in the post `seq`.
    """

    channel: str
    actor: str
    name: str
    p: float | None
    agrees: tuple[str, ...]
    told: str = ""
    quote: str = ""
    seq: int | None = None


class Pair(msgspec.Struct, frozen=True):
    """Two persons that may be one: the first's address and name, and the other as proposed on the first one's page."""

    id: str
    name: str
    channels: tuple[str, ...]
    other: Proposed
    other_id: str


def proposed_of(reader: Reader, actors: Collection[int], now: int, root: Path | None = None) -> list[Proposed]:
    """Return whom some actors of one person may be as well, one line a person: what they wrote first, then by chance.

    What they wrote is looked through where the `root` of the workspace is given.
    """
    mine = set(actors)
    told = named_by(reader, root, mine, now) if root is not None else []
    persons = {tie.other.person: _told(tie) for tie in told}
    others = {(one.right if one.left in mine else one.left): one for one in reversed(proposals_of(reader, mine, now))}
    accounts = _accounts(reader, others.keys() - mine)
    for key, one in sorted(others.items(), key=lambda pair: -pair[1].p):
        account = accounts.get(key)
        if account is not None:
            persons.setdefault(account.person, _alike(one, account))
    return list(persons.values())[:_MOST]


def pairs_proposed(reader: Reader, root: Path, now: int) -> list[Pair]:
    """Return who may be one person with whom, in the whole workspace: what people wrote these 30 days comes first."""
    ties, alike = named_lately(reader, root, now - _LATELY_US, now), newest_proposals(reader, now, _MOST_PAIRS)
    keys = {tie.actor_key for tie in ties} | {key for one in alike for key in (one.left, one.right)}
    accounts = _accounts(reader, keys)
    found = [(accounts[tie.actor_key], tie.other, _told(tie)) for tie in ties if tie.actor_key in accounts]
    for one in alike:
        left, right = accounts.get(one.left), accounts.get(one.right)
        if left is not None and right is not None and left.person != right.person:
            found.append((left, right, _alike(one, right)))
    return _once(reader, found)[:_MOST_PAIRS]


def _once(reader: Reader, found: Sequence[tuple[Account, Account, Proposed]]) -> list[Pair]:
    """Return a line for two persons, with what they are called."""
    names = called(
        PersonReader(reader), list({account.person for left, right, _ in found for account in (left, right)})
    )
    pairs: dict[tuple[int, ...], Pair] = {}
    for left, right, other in found:
        name, channels = names[left.person]
        known = right.person in names
        shown = msgspec.structs.replace(other, name=names[right.person][0]) if known else other
        other_id = name_of_person(right.person) if known else ""
        pair = Pair(name_of_person(left.person), name, channels, shown, other_id)
        pairs.setdefault(tuple(sorted((left.person, right.person))), pair)
    return list(pairs.values())


def _accounts(reader: Reader, keys: Iterable[int]) -> dict[int, Account]:
    found = PersonReader(reader).accounts(person_actor.c.actor_key.in_(list(keys)))
    return {account.actor_key: account for account in found}


def _alike(one: Proposal, account: Account) -> Proposed:
    return Proposed(account.channel, account.actor, account.name or account.actor, one.p, one.agrees)


def _told(tie: NamedTie) -> Proposed:
    other = tie.other
    name = other.name or other.actor
    return Proposed(other.channel, other.actor, name, None, (), told=tie.kind, quote=tie.quote, seq=tie.seq)
