"""What an alert shows: the first voice, three telling posts, who carries it, which channels, how far it goes."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from gehoor.core.alert import Carrier, Quote
from gehoor.core.clock import SECOND_US
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader

__all__ = ["Evidence", "gather"]

_MOST, _FIRST = 2_000, 500
_QUOTES, _CARRIERS = 3, 5
_FIRST_S = 60
_LONGEST = 280


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the ledger of a burst, from its newest 2,000 posts."""

    n_people: int = 0
    first: Quote | None = None
    quotes: Sequence[Quote] = ()
    carriers: Sequence[Carrier] = ()
    channels: dict[str, int] = {}
    reach: int | None = None


def gather(reader: Reader, brand: str, since: int, until: int) -> Evidence:
    """Look up what was said of a brand in a stretch of time, microseconds UTC. Cost: 20 ms at 2,000 posts."""
    wanted = PostFilter(kind="say", brand=brand or None, since=since, until=until)
    posts = reader.posts(wanted, _MOST)
    if not posts:
        return Evidence()
    early = msgspec.structs.replace(wanted, until=min(until, since + _FIRST_S * SECOND_US))
    first = min([*reader.posts(early, _FIRST), *posts], key=lambda post: (post.event_at, post.seq))
    followers = {post.actor: post.actor_followers for post in posts if post.actor and post.actor_followers is not None}
    return Evidence(
        n_people=len({post.actor for post in posts if post.actor}),
        first=_quote(first),
        quotes=[_quote(post) for post in _telling(posts, first)],
        carriers=_carriers(posts),
        channels=dict(Counter(post.channel for post in posts).most_common()),
        reach=sum(count for count in followers.values() if count) if followers else None,
    )


def _quote(post: Post) -> Quote:
    return Quote(
        seq=post.seq, actor=post.actor, actor_name=post.actor_name, channel=post.channel, event_at=post.event_at,
        text=(post.text or "")[:_LONGEST], url=post.url,
    )  # fmt: skip


def _telling(posts: Sequence[Post], first: Post) -> list[Post]:
    """Return three posts of different people: most repeated and answered first, then negative ones of some length."""
    echoes = Counter(post.duplicate_of for post in posts) + Counter(post.in_reply_to for post in posts)
    ranked = sorted(
        (post for post in posts if post.text and post.duplicate_of is None and post.seq != first.seq),
        key=lambda post: (
            -(echoes[post.seq] + echoes[post.id]), post.sentiment != "negative", not 40 <= len(post.text or "") <= 240,
            post.seq,
        ),
    )  # fmt: skip
    chosen: dict[str, Post] = {}
    for post in ranked:
        chosen.setdefault(post.actor or post.id, post)
        if len(chosen) == _QUOTES:
            break
    return list(chosen.values())


def _carriers(posts: Sequence[Post]) -> list[Carrier]:
    known = {post.actor: post for post in posts if post.actor}
    counted = Counter(post.actor for post in posts if post.actor)
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], -(known[pair[0]].actor_followers or 0), pair[0]))
    return [
        Carrier(actor=actor, actor_name=known[actor].actor_name, channel=known[actor].channel, n=n)
        for actor, n in ranked[:_CARRIERS]
    ]
