"""What the store knows of the conversations that some posts may join, fetched at once for all of them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.answer.conversation_groups import MATTER_US, Decided, Group
from gehoor.answer.conversation_rows import NAMES, Said

__all__ = ["Alone", "Stored", "ask", "decisions", "persons_of", "posts_where", "ties_of"]

_CHUNK = 500


def ask(tx: sa.Connection, sql: str, values: Collection[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query for any number of values; `{}` in it stands for some of them."""
    wanted = list(values)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        yield from map(tuple, tx.exec_driver_sql(sql.format(", ".join("?" * len(part))), tuple(part)))


def posts_where(tx: sa.Connection, column: str, values: Collection[int]) -> list[Said]:
    """Return the posts that stand and of which a column has one of some values."""
    sql = f"SELECT {NAMES} FROM conversation_post WHERE {column} IN ({{}}) AND was = ''"
    return [Said._make(row) for row in ask(tx, sql, values)]


def persons_of(tx: sa.Connection, actors: Collection[int]) -> dict[int, int]:
    """Return who some actors are, and all other actors of the same persons; who is not known is left out."""
    sql = "SELECT actor_key, person FROM person_actor WHERE {} IN ({{}})"
    found = _pairs(ask(tx, sql.format("actor_key"), actors))
    return found | _pairs(ask(tx, sql.format("person"), set(found.values())))


def _pairs(rows: Iterable[Any]) -> dict[int, int]:
    return {row[0]: row[1] for row in rows}


def decisions(tx: sa.Connection, conversations: Collection[int]) -> dict[int, list[Decided]]:
    """Return what people decided of the status of some conversations, by the name that each had then."""
    found: dict[int, list[Decided]] = {}
    sql = "SELECT conversation, id, detail FROM desk_event WHERE act = 'status' AND conversation IN ({})"
    for conversation, act, detail in ask(tx, sql, conversations):
        said = msgspec.json.decode(detail)
        found.setdefault(conversation, []).append(Decided(said["seq"], act, said["status"] == "resolved"))
    return found


def ties_of(tx: sa.Connection, seqs: Collection[int], anchors: dict[int, int]) -> dict[int, list[int]]:
    """Return with what people put some posts together; for one that went stands the post that was with it."""
    found: dict[int, list[int]] = {}
    for column in ("conversation", '"into"'):
        for one, into in ask(tx, f'SELECT conversation, "into" FROM desk_tie WHERE {column} IN ({{}})', seqs):
            left, right = anchors.get(one, one), anchors.get(into, into)
            if one == into:
                found.setdefault(left, []).append(left)
            elif left != right:
                found.setdefault(left, []).append(right)
                found.setdefault(right, []).append(left)
    return found


class Alone:
    """Nothing is known but who is who, and what was decided: posts are placed among each other only."""

    def __init__(
        self, persons: dict[int, int], decided: dict[int, list[Decided]], ties: dict[int, list[int]] | None = None
    ) -> None:
        self._persons, self._decided, self._ties = persons, decided, ties or {}

    def posts_named(self, name: int) -> Sequence[tuple[int, int]]:
        """Return nothing."""
        return ()

    def posts_below(self, name: int) -> Sequence[tuple[int, int]]:
        """Return nothing."""
        return ()

    def posts_in_thread(self, name: int) -> Sequence[tuple[int, int]]:
        """Return nothing."""
        return ()

    def talks_of(self, person: int) -> Sequence[int]:
        """Return nothing."""
        return ()

    def posts_of(self, conversation: int) -> list[Said]:
        """Return nothing."""
        return []

    def group(self, conversation: int) -> Group:
        """Return an empty one."""
        return Group(conversation)

    def person_of(self, actor_key: int) -> int:
        """Return who an actor is; who is not known is a person of their own."""
        return self._persons.get(actor_key, actor_key)

    def decided(self, seq: int) -> Sequence[Decided]:
        """Return what was decided under the name of a post."""
        return self._decided.get(seq, ())

    def ties(self, seq: int) -> Sequence[int]:
        """Return with what people put a post together."""
        return self._ties.get(seq, ())

    def home(self, seq: int) -> int | None:
        """Return nothing."""
        return None


def _decided_before(tx: sa.Connection, seqs: Sequence[int]) -> tuple[dict[int, list[Decided]], dict[int, list[int]]]:
    """Return what was decided of posts that are placed anew, also under the name of one that was with them and went."""
    sql = "SELECT seq, -conversation FROM conversation_post WHERE conversation IN ({})"
    anchors = _pairs(ask(tx, sql, [-seq for seq in seqs]))
    names = [*seqs, *anchors]
    found: dict[int, list[Decided]] = {}
    for name, said in decisions(tx, names).items():
        found.setdefault(anchors.get(name, name), []).extend(said)
    return found, ties_of(tx, names, anchors)


class Stored(Alone):
    """The surroundings of some new posts: what they answer, what answers them, what their persons said of late.

    Cost: some six queries for each five hundred posts.
    """

    def __init__(self, tx: sa.Connection, posts: Sequence[Said]) -> None:
        self._tx = tx
        parents = {post.parent_key for post in posts if post.parent_key is not None}
        threads = {post.thread_key for post in posts if post.thread_key is not None}
        self._named = self._places("object_key", parents | threads)
        self._below = self._places("parent_key", {post.object_key for post in posts})
        self._thread = self._places("thread_key", threads)
        actors = {post.actor_key for post in posts if post.actor_key is not None and post.direction == "in"}
        super().__init__(persons_of(tx, actors), *_decided_before(tx, [post.seq for post in posts]))
        tied = {seq for some in self._ties.values() for seq in some}
        self._homes = _pairs(ask(tx, "SELECT seq, conversation FROM conversation_post WHERE seq IN ({})", tied))
        self._talks: dict[int, list[int]] = {}
        self._groups: dict[int, Group] = {}
        self._fetch(posts, actors)

    def _places(self, column: str, names: Collection[int]) -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        sql = f"SELECT {column}, seq, conversation FROM conversation_post WHERE {column} IN ({{}}) AND was = ''"
        for name, seq, conversation in ask(self._tx, sql, names):
            found.setdefault(name, []).append((seq, conversation))
        return found

    def _fetch(self, posts: Sequence[Said], actors: set[int]) -> None:
        """Fetch the conversations that may be joined."""
        early, late = min(post.at for post in posts) - MATTER_US, max(post.at for post in posts) + MATTER_US
        near = f"max(last_in_at, coalesce(last_out_at, 0)) BETWEEN {early} AND {late}"
        talks = list(self._rows(f"actor_key IN ({{}}) AND {near}", actors | set(self._persons)))
        for row in talks:
            self._talks.setdefault(self.person_of(row[1]), []).append(row[0])
        places = (*self._named.values(), *self._below.values(), *self._thread.values())
        linked = {conversation for found in places for _, conversation in found} | set(self._homes.values())
        linked -= {row[0] for row in talks}
        rows = [*talks, *self._rows("id IN ({})", linked)]
        self._persons |= persons_of(self._tx, {row[1] for row in rows if row[1] is not None} - set(self._persons))
        decided = self._decisions([row[0] for row in rows])
        for id_, customer, brand, need, n_in, last_in, last_out, last_seq in rows:
            group = self._groups[id_] = Group(id_)
            group.customer, group.brand, group.need, group.n_in = customer, brand, need, n_in
            group.last_at, group.last_seq = max(last_in, last_out or 0), last_seq
            group.decided = decided.get(id_, [])

    def _rows(self, where: str, values: Iterable[int]) -> Iterator[Any]:
        names = "id, actor_key, brand, need, n_in, last_in_at, last_out_at, last_seq"
        return ask(self._tx, f"SELECT {names} FROM conversation WHERE {where}", list(values))

    def _decisions(self, ids: Collection[int]) -> dict[int, list[Decided]]:
        """Return what was decided of conversations, also under names that they had before."""
        sql = (
            "SELECT p.conversation, e.id, e.detail FROM conversation_post p JOIN desk_event e "
            "ON e.conversation = p.seq WHERE p.conversation IN ({}) AND e.act = 'status'"
        )
        found: dict[int, list[Decided]] = {}
        for conversation, act, detail in ask(self._tx, sql, ids):
            said = msgspec.json.decode(detail)
            found.setdefault(conversation, []).append(Decided(said["seq"], act, said["status"] == "resolved"))
        return found

    def posts_named(self, name: int) -> Sequence[tuple[int, int]]:
        """Return (seq, conversation) of what has this object key."""
        return self._named.get(name, ())

    def posts_below(self, name: int) -> Sequence[tuple[int, int]]:
        """Return (seq, conversation) of what answers this."""
        return self._below.get(name, ())

    def posts_in_thread(self, name: int) -> Sequence[tuple[int, int]]:
        """Return (seq, conversation) of what is in this thread."""
        return self._thread.get(name, ())

    def talks_of(self, person: int) -> Sequence[int]:
        """Return the conversations of a person that are not long ago."""
        return self._talks.get(person, ())

    def home(self, seq: int) -> int | None:
        """Return the conversation of a post; below 0: of one that went, and is not placed yet."""
        found = self._homes.get(seq, -1)
        return found if found > 0 else None

    def posts_of(self, conversation: int) -> list[Said]:
        """Return the posts of a conversation."""
        return posts_where(self._tx, "conversation", [conversation])

    def group(self, conversation: int) -> Group:
        """Return what a conversation is as it stands; what we said to nobody in particular has no row of its own."""
        known = self._groups.get(conversation)
        return Group.of(conversation, self.posts_of(conversation)) if known is None else known
