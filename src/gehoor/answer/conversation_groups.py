"""Which posts are one conversation: of one person, about one matter. Post by post in the order of the ledger.

A post joins, in this order: what it answers, what answers it (heard before it), its thread, the same person's talk of
the same matter. What links two conversations makes them one, and the earlier id stays. In: posts, and what is known of
conversations that they may join (`Known`). Out: of each post its conversation.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from gehoor.answer.conversation_rows import Said
from gehoor.core.clock import DAY_US

__all__ = ["MATTER_US", "Decided", "Group", "Groups", "Known"]

MATTER_US = 3 * DAY_US
"""Who speaks again within this time, of the same need, goes on with the same conversation."""


class Decided(NamedTuple):
    """That people resolved a conversation, or did not: the last `seq` that there was then, and which act it was."""

    seq: int
    act: int
    is_resolved: bool


class Group:
    """What of a conversation decides who joins it."""

    __slots__ = ("brand", "customer", "decided", "has_start", "id", "last_at", "last_seq", "n_in", "need")

    def __init__(self, id_: int) -> None:
        self.id = id_
        self.customer: int | None = None
        self.brand: str | None = None
        self.need: str | None = None
        self.last_at = self.last_seq = -1
        self.n_in = 0
        self.has_start = False
        self.decided: list[Decided] = []

    @classmethod
    def of(cls, id_: int, posts: Iterable[Said]) -> "Group":
        """Return what some posts are together, in the order of the ledger."""
        group = cls(id_)
        for post in sorted(posts):
            group.add(post)
        return group

    def add(self, post: Said) -> None:
        """Take in its next post."""
        self.last_at = max(self.last_at, post.at)
        self.last_seq = max(self.last_seq, post.seq)
        if post.direction == "out":
            self.has_start |= post.parent_key is None
            return
        if not self.n_in:
            self.customer = post.actor_key
        self.n_in += 1
        self.brand = self.brand or post.brand
        self.need = post.need or self.need

    @property
    def is_broadcast(self) -> bool:
        """Whether it is only what we said to nobody in particular: who answers that begins a conversation."""
        return self.has_start and not self.n_in

    def takes(self, post: Said) -> bool:
        """Tell whether a post of the same person is of the same matter."""
        is_near = abs(post.at - self.last_at) < MATTER_US
        same_brand = self.brand is None or post.brand is None or self.brand == post.brand
        if not (is_near and same_brand and (self.need is None or post.need is None or self.need == post.need)):
            return False
        last = max((one for one in self.decided if one.seq < post.seq), default=None)
        return last is None or not last.is_resolved or last.seq < self.last_seq


class Known(Protocol):
    """What stands in the store of the conversations that some posts may join."""

    def posts_named(self, name: int) -> Sequence[tuple[int, int]]:
        """Return (seq, conversation) of what has this object key."""
        ...

    def posts_below(self, name: int) -> Sequence[tuple[int, int]]:
        """Return (seq, conversation) of what answers this."""
        ...

    def posts_in_thread(self, name: int) -> Sequence[tuple[int, int]]:
        """Return (seq, conversation) of what is in this thread."""
        ...

    def talks_of(self, person: int) -> Sequence[int]:
        """Return the conversations of a person that are not long ago."""
        ...

    def person_of(self, actor_key: int) -> int:
        """Return who an actor is."""
        ...

    def posts_of(self, conversation: int) -> list[Said]:
        """Return the posts of a conversation."""
        ...

    def group(self, conversation: int) -> Group:
        """Return what a conversation is as it stands."""
        ...

    def decided(self, seq: int) -> Sequence[Decided]:
        """Return what people decided under the name of a post that is placed now."""
        ...

    def ties(self, seq: int) -> Sequence[int]:
        """Return the posts with which people put a post together; its own name: they took it out."""
        ...

    def home(self, seq: int) -> int | None:
        """Return the conversation of a post that was placed before."""
        ...


class Groups:
    """Places posts, each after all that were heard before it.

    Parameters
    ----------
    known : Known
        What was placed before.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._groups: dict[int, Group] = {}
        self._became: dict[int, int] = {}
        self._begun: set[int] = set()
        self._where: dict[int, int] = {}
        self._parts: dict[int, set[int]] = {}
        self._posts: dict[int, list[Said]] = {}
        self._named: dict[int, list[int]] = {}
        self._below: dict[int, list[int]] = {}
        self._thread: dict[int, list[int]] = {}
        self._talks: dict[int, list[int]] = {}

    @property
    def merged(self) -> dict[int, int]:
        """Return which conversations became part of which."""
        return {id_: self._id(id_) for id_ in self._became}

    @property
    def begun(self) -> dict[int, list[Said]]:
        """Return the conversations that were not there before, with all of their posts."""
        return {id_: self._posts[id_] for id_ in self._begun if id_ not in self._became}

    def placed(self) -> dict[int, list[Said]]:
        """Return the posts that were placed, by conversation."""
        found: dict[int, list[Said]] = {}
        for id_, posts in self._posts.items():
            found.setdefault(self._id(id_), []).extend(posts)
        return found

    def place(self, post: Said) -> None:
        """Find the conversation of the next post, or begin one."""
        ties = self._known.ties(post.seq)
        joins = set() if post.seq in ties else self._linked(post) or self._in_thread(post) or self._of_person(post)
        homes = (self._where.get(seq) or self._known.home(seq) for seq in ties)
        joins |= {self._id(home) for home in homes if home is not None}
        group = self._united(joins) if joins else self._begin(post.seq)
        group.add(post)
        self._where[post.seq] = group.id
        group.decided += self._known.decided(post.seq)
        self._posts.setdefault(group.id, []).append(post)
        self._named.setdefault(post.object_key, []).append(group.id)
        if post.parent_key is not None:
            self._below.setdefault(post.parent_key, []).append(group.id)
        if post.thread_key is not None:
            self._thread.setdefault(post.thread_key, []).append(group.id)
        if group.customer is not None and group.n_in:
            person = self._known.person_of(group.customer)
            talks = self._talks.setdefault(person, [])
            if group.id not in talks:
                talks.append(group.id)

    # -- what a post may join -----------------------------------------------------------------------------------------

    def _linked(self, post: Said) -> set[int]:
        """Return what it answers, and what answers it."""
        found: set[int] = set()
        if post.parent_key is not None:
            found |= self._open_to(post, self._all(post.parent_key, self._named, self._known.posts_named))
        if post.direction == "in" or post.parent_key is not None:
            found |= self._all(post.object_key, self._below, self._known.posts_below)
        return found

    def _in_thread(self, post: Said) -> set[int]:
        if post.thread_key is None:
            return set()
        begun = self._open_to(post, self._all(post.thread_key, self._named, self._known.posts_named))
        if begun:
            return begun
        near = self._open_to(post, self._all(post.thread_key, self._thread, self._known.posts_in_thread))
        if not post.is_direct:
            person = self._person(post)
            near = {id_ for id_ in near if person is not None and self._customer(id_) == person}
        return self._latest(near)

    def _of_person(self, post: Said) -> set[int]:
        person = self._person(post)
        if person is None or post.direction != "in":
            return set()
        talks = {*map(self._id, self._talks.get(person, ())), *map(self._id, self._known.talks_of(person))}
        return self._latest({
            id_
            for id_ in talks
            if self._group(id_).takes(post)
            and self._customer(id_) == person
        })  # fmt: skip

    def _all(
        self, name: int, here: dict[int, list[int]], known: Callable[[int], Sequence[tuple[int, int]]]
    ) -> set[int]:
        return {*map(self._id, here.get(name, ())), *(self._id(id_) for _, id_ in known(name))}

    def _open_to(self, post: Said, ids: set[int]) -> set[int]:
        """Leave out, for what others say, what we said to nobody in particular."""
        return ids if post.direction == "out" else {id_ for id_ in ids if not self._group(id_).is_broadcast}

    def _latest(self, ids: set[int]) -> set[int]:
        groups = map(self._group, ids)
        return {max(groups, key=lambda group: (group.last_at, group.last_seq)).id} if ids else ids

    def _person(self, post: Said) -> int | None:
        return None if post.actor_key is None else self._known.person_of(post.actor_key)

    def _customer(self, id_: int) -> int | None:
        customer = self._group(id_).customer
        return None if customer is None else self._known.person_of(customer)

    # -- conversations ------------------------------------------------------------------------------------------------

    def _id(self, id_: int) -> int:
        while id_ in self._became:
            id_ = self._became[id_]
        return id_

    def _group(self, id_: int) -> Group:
        if id_ not in self._groups:
            self._groups[id_] = self._known.group(id_)
        return self._groups[id_]

    def _begin(self, seq: int) -> Group:
        self._begun.add(seq)
        self._groups[seq] = Group(seq)
        return self._groups[seq]

    def _united(self, ids: set[int]) -> Group:
        first, *others = sorted(ids)
        if not others:
            return self._group(first)
        stored = {part for id_ in ids for part in self._parts.get(id_, (id_,))}
        posts = [post for id_ in stored for post in self._known.posts_of(id_)]
        decided = [one for id_ in ids for one in self._group(id_).decided]
        for id_ in others:
            self._became[id_] = first
            self._groups.pop(id_)
            self._posts.setdefault(first, []).extend(self._posts.pop(id_, ()))
        self._parts[first] = stored
        group = self._groups[first] = Group.of(first, [*posts, *self._posts.get(first, ())])
        group.decided = decided
        return group
