"""The posts of a topic: it is the store that knows which they are, and the segments what they say."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from gehoor.core.ledger.segment import Segment
from gehoor.core.post import Post, PostFilter
from gehoor.core.post_query import find_posts
from gehoor.core.tables.topic import topic, topic_post

__all__ = ["posts_of_topic"]

_AT_ONCE = 400


def posts_of_topic(
    stored: Callable[[sa.Select[Any]], Sequence[sa.Row[Any]]],
    segments: Sequence[Segment],
    wanted: PostFilter,
    limit: int,
    before: int | None,
) -> list[Post]:
    """Return the newest posts of `wanted.topic`, and of what was merged into it, that the filter lets through.

    Cost: 1 ms for each four hundred posts that are looked at.
    """
    parts = sa.select(topic.c.id).where(sa.or_(topic.c.id == wanted.topic, topic.c.merged_into == wanted.topic))
    newest = sa.select(topic_post.c.seq).where(topic_post.c.topic.in_(parts)).order_by(topic_post.c.seq.desc())
    found: list[Post] = []
    while len(found) < limit:
        page = newest if before is None else newest.where(topic_post.c.seq < before)
        seqs = [row.seq for row in stored(page.limit(_AT_ONCE))]
        if not seqs:
            break
        before = seqs[-1]
        for segment in reversed(segments):
            here = [seq for seq in seqs if seq >= segment.first_seq]
            seqs = seqs[len(here) :]
            if here and len(found) < limit:
                found += find_posts(segment, wanted, limit - len(found), None, here)
    return found
