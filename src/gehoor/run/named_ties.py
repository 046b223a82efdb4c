"""Who else somebody wrote to us alone that they are: found when a person looks, never a link by itself."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.own_secret import SECRET_NAME, own_secret
from gehoor.core.person_reader import Account, PersonReader
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.tables.person import person_actor, person_choice, person_edge, person_proposal
from gehoor.know.components import APART
from gehoor.know.earlier import earlier_rows
from gehoor.know.identity import MOST_SHARING, Keys
from gehoor.know.named import Named, named_in

__all__ = ["NamedTie", "named_by", "named_lately"]

_LATELY = 500


class NamedTie(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody (`actor_key`) wrote that they are who has `other`; in the post `seq`, in these words."""

    actor_key: int
    other: Account
    kind: str
    quote: str
    seq: int


class _Said(NamedTuple):
    actor_key: int
    seq: int
    text: str


def named_by(reader: Reader, root: Path, actors: Collection[int], now: int) -> list[NamedTie]:
    """Return who else some actors wrote to us that they are: one line a person, from their newest words first."""
    said = [
        _Said(*row)
        for batch in earlier_rows(reader, actors, reader.head())
        for row in zip(*(_ours_alone(batch).column(name).to_pylist() for name in _SAID), strict=True)
    ]
    return _Ties(reader, root, now).of(said[::-1])


def named_lately(reader: Reader, root: Path, since: int, now: int) -> list[NamedTie]:
    """Return who else the writers of mails since a moment wrote that they are; of the 500 newest mails."""
    posts = reader.posts(PostFilter(channel="mail", since=since), _LATELY)
    said = [_Said(digest("mail", post.actor), post.seq, post.text or "") for post in posts
            if post.actor and post.direction == "in"]  # fmt: skip
    return _Ties(reader, root, now).of(said)


_SAID = ("actor_key", "seq", "text")


def _ours_alone(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows that were written to us and nobody else: what is said in public links nobody."""
    is_alone = pc.or_(pc.equal(batch.column("channel"), "mail"), pc.equal(batch.column("visibility"), "direct"))
    is_said = pc.and_(pc.equal(batch.column("direction"), "in"), pc.is_valid(batch.column("text")))
    return batch.filter(pc.and_(is_alone, is_said)).select(_SAID)


class _Ties:
    """Looks up whom messages name."""

    def __init__(self, reader: Reader, root: Path, now: int) -> None:
        self._reader, self._now = reader, now
        self._people = PersonReader(reader)
        # a secret that was never made hashed no key
        self._keys = Keys(own_secret(root)) if (root / SECRET_NAME).exists() else None

    def of(self, said: Sequence[_Said]) -> list[NamedTie]:
        named = [(one, name) for one in said for name in named_in(one.text)]
        known = self._known([one.actor_key for one, _ in named])
        ties: dict[tuple[int, int], NamedTie] = {}
        for one, name in named:
            me = known.get(one.actor_key)
            for account in self._whose(name) if me is not None else ():
                tie = NamedTie(actor_key=one.actor_key, other=account, kind=name.kind, quote=name.quote, seq=one.seq)
                if account.person != me and me is not None:
                    ties.setdefault((me, account.person), tie)
        return [tie for (me, other), tie in ties.items() if not self._is_settled(me, other)]

    def _known(self, actors: Collection[int]) -> dict[int, int]:
        table = person_actor.c
        rows = self._reader.stored(sa.select(table.actor_key, table.person).where(table.actor_key.in_(set(actors))))
        return {row.actor_key: row.person for row in rows}

    def _whose(self, name: Named) -> Iterator[Account]:
        """Yield the accounts that a message names, one a person."""
        if name.kind == "account":
            yield from self._public(name)
            return
        keys = [key for value in name.values for key in self._keys.keys_of({name.kind: value})] if self._keys else []
        edge, theirs = person_edge.c, set[int]()
        for key in keys:
            gave = sa.select(edge.actor_key).where(edge.other == key.digest, edge.kind == key.kind)
            rows = self._reader.stored(gave.limit(MOST_SHARING[key.kind] + 1))
            theirs |= {row.actor_key for row in rows} if len(rows) <= MOST_SHARING[key.kind] else set()
        if name.kind == "customer":  # shops call a customer by the number itself
            like = self._reader.stored(sa.select(person_actor.c.actor_key).where(person_actor.c.actor.in_(name.values)))
            theirs |= {row.actor_key for row in like}
        yield from _one_each(self._people.accounts(person_actor.c.actor_key.in_(theirs)) if theirs else ())

    def _public(self, name: Named) -> Iterator[Account]:
        keys = {digest(name.channel, value): value for value in name.values}
        found = self._people.accounts(person_actor.c.actor_key.in_(keys))
        if found:
            yield from _one_each(found)
            return
        for rows in earlier_rows(self._reader, keys, self._reader.head()):
            key, called = rows.column("actor_key")[0].as_py(), rows.column("actor_name")[0].as_py()
            yield Account(actor_key=key, person=key, channel=name.channel, actor=keys[key], name=called, cells=b"")
            return

    def _is_settled(self, me: int, other: int) -> bool:
        """Tell whether somebody said that the two are not one, or that it is not to be asked yet."""
        mine, theirs = self._actors(me), self._actors(other)
        for table, more in (
            (person_choice, person_choice.c.kind == APART),
            (person_proposal, person_proposal.c.later > self._now),
        ):
            left, right = table.c.left, table.c.right
            either = sa.or_(
                sa.and_(left.in_(mine), right.in_(theirs)), sa.and_(left.in_(theirs), right.in_(mine))
            )  # fmt: skip
            if self._reader.stored(sa.select(left).where(either, more).limit(1)):
                return True
        return False

    def _actors(self, person: int) -> list[int]:
        table = person_actor.c
        rows = self._reader.stored(sa.select(table.actor_key).where(table.person == person))
        return [row.actor_key for row in rows] or [person]


def _one_each(accounts: Iterable[Account]) -> Iterable[Account]:
    return {account.person: account for account in accounts}.values()
