"""What must be looked at anew when a post goes, changes, or comes in between: all that it can have tied together."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from gehoor.answer.conversation_rows import Said
from gehoor.answer.conversation_sql import ask, persons_of, posts_where, ties_of

__all__ = ["Around", "closure", "place_gone", "unplace"]

_UNPLACE = (
    "UPDATE conversation_post SET conversation = coalesce("
    "(SELECT -min(o.seq) FROM conversation_post o WHERE o.object_key = conversation_post.object_key AND o.was = ''), "
    "(SELECT -min(o.seq) FROM conversation_post o WHERE o.conversation = conversation_post.conversation "
    "AND o.was = ''), conversation) WHERE was <> '' AND conversation > 0"
)
_WHERE = "SELECT DISTINCT conversation FROM conversation_post WHERE was = '' AND seq IN ({})"
_BY_OBJECT = "SELECT object_key, conversation FROM conversation_post WHERE was = '' AND object_key IN ({})"
_BY_SEQ = "SELECT seq, conversation FROM conversation_post WHERE was = '' AND seq IN ({})"


class Around(NamedTuple):
    """Posts that can bear on each other, what stands and what went.

    Attributes
    ----------
    posts : list of Said
        That stood until now.
    conversations : set of int
        In which they stood.
    names : set of int
        All `seq` of these conversations, of what went too: under any of them people may have decided something.
    anchors : dict of int to int
        For each post that went, one that stands in its place, or was with it.
    """

    posts: list[Said]
    conversations: set[int]
    names: set[int]
    anchors: dict[int, int]


def closure(tx: sa.Connection, some: Iterable[Said], gone: Collection[int]) -> Around:
    """Return all posts that are tied to some by an answer, a thread, a conversation or a person, however far.

    `gone` are those that stand no more, though the store has not heard of it.

    Cost: some seven queries for each step away; 20 us a post.
    """
    found: dict[int, Said] = {}
    fresh = list(some)
    conversations: set[int] = set()
    while fresh:
        found |= {post.seq: post for post in fresh}
        near = _tied(tx, fresh)
        here = {row[0] for row in ask(tx, _WHERE, [post.seq for post in near if post.seq not in found])}
        here |= {row[0] for row in ask(tx, _WHERE, [post.seq for post in fresh])}
        near += posts_where(tx, "conversation", here - conversations)
        conversations |= here
        fresh = list({post.seq: post for post in near if post.seq not in found}.values())
    return _around(tx, found, conversations, gone)


def _tied(tx: sa.Connection, posts: Collection[Said]) -> list[Said]:
    own = {post.object_key for post in posts}
    parents = {post.parent_key for post in posts if post.parent_key is not None}
    threads = {post.thread_key for post in posts if post.thread_key is not None}
    actors = {post.actor_key for post in posts if post.actor_key is not None and post.direction == "in"}
    found = posts_where(tx, "object_key", parents | threads | own)
    found += posts_where(tx, "parent_key", own)
    found += posts_where(tx, "thread_key", threads | own)
    tied = ties_of(tx, {post.seq for post in posts}, {})
    found += posts_where(tx, "seq", {seq for some in tied.values() for seq in some})
    theirs = posts_where(tx, "actor_key", actors | set(persons_of(tx, actors)))
    return found + [post for post in theirs if post.direction == "in"]


def _around(tx: sa.Connection, found: dict[int, Said], conversations: set[int], gone: Collection[int]) -> Around:
    sql = "SELECT conversation, seq, object_key, was FROM conversation_post WHERE conversation IN ({})"
    members = [(home, seq, key, was or seq in gone) for home, seq, key, was in ask(tx, sql, conversations)]
    first = {home: seq for home, seq, _, is_gone in sorted(members, reverse=True) if not is_gone}
    other = {post.object_key: post.seq for post in found.values() if post.seq not in gone}
    anchors = {
        seq: other.get(key) or first[home]
        for home, seq, key, is_gone in members
        if is_gone and (key in other or home in first)
    }
    return Around(list(found.values()), conversations, {seq for _, seq, _, _ in members}, anchors)


def unplace(tx: sa.Connection) -> None:
    """Note for each mark of what went a post that was with it: by that it is found again once all is placed anew."""
    tx.exec_driver_sql(_UNPLACE)


def place_gone(tx: sa.Connection, around: Around | None = None) -> dict[int, int]:
    """Put the marks of what went where the rest is; return which conversations have another name now.

    A conversation is named after its first post, also when that one went: people wrote the name down. Without
    `around` it is done for all whose place `unplace` noted.
    """
    homes: dict[int, list[tuple[int, int]]] = {}
    where, values = ("conversation IN ({})", around.conversations) if around else ("conversation < {}", (0,))
    sql = f"SELECT conversation, seq, object_key FROM conversation_post WHERE was <> '' AND {where}"
    for home, seq, key in ask(tx, sql, values):
        homes.setdefault(home, []).append((seq, key))
    marks = [mark for some in homes.values() for mark in some]
    by_object = dict(ask(tx, _BY_OBJECT, [key for _, key in marks]))
    anchors = around.anchors if around else {seq: -home for home, some in homes.items() for seq, _ in some}
    by_anchor = dict(ask(tx, _BY_SEQ, set(anchors.values())))
    moved: list[tuple[int, int]] = []
    for home, some in homes.items():
        anywhere = next((by_object[key] for _, key in some if key in by_object), abs(home))
        moved += [(by_object.get(key) or by_anchor.get(anchors.get(seq, 0), anywhere), seq) for seq, key in some]
    if moved:
        tx.exec_driver_sql("UPDATE conversation_post SET conversation = ? WHERE seq = ?", moved)
    return _rename(tx, moved)


def _rename(tx: sa.Connection, moved: list[tuple[int, int]]) -> dict[int, int]:
    """Name conversations after the first of their posts, where that is one that went."""
    first: dict[int, int] = {}
    for target, seq in moved:
        first[target] = min(first.get(target, target), seq)
    renamed = {target: name for target, name in first.items() if name < target}
    if renamed:
        pairs = [(name, target) for target, name in renamed.items()]
        tx.exec_driver_sql("UPDATE conversation_post SET conversation = ? WHERE conversation = ?", pairs)
    return renamed
