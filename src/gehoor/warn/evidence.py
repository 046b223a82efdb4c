"""What an alert shows: first voice, telling posts, who carries it and who they are, reach, what came before."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec

from gehoor.core.alert import Carrier, Earlier, Quote, Role, SharedLink
from gehoor.core.clock import SECOND_US
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.warn.crisis import Spreading
from gehoor.warn.first_voice import first_voice
from gehoor.warn.leading import shared_links
from gehoor.warn.roles import Person, RoleBook, people_of

__all__ = ["Evidence", "gather"]

_MOST, _FIRST = 2_000, 500
_QUOTES, _CARRIERS, _EARLIER = 3, 5, 3
_FIRST_S = 60
_LONGEST = 280
_ALERTS = 50
_MINUTE_US = 60 * SECOND_US
_NOBODY = Settings()


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the ledger of a burst, from its newest 2,000 posts."""

    n_people: int = 0
    first: Quote | None = None
    quotes: Sequence[Quote] = ()
    carriers: Sequence[Carrier] = ()
    channels: dict[str, int] = {}
    reach: int | None = None
    roles: dict[Role, int] = {}
    spreading: Spreading = Spreading(n_people=0)
    earlier: Sequence[Earlier] = ()
    links: Sequence[SharedLink] = ()
    posts: Sequence[Post] = ()


def gather(
    reader: Reader, wanted: PostFilter, detected_at: int, settings: Settings = _NOBODY, apart: Collection[str] = ()
) -> Evidence:
    """Look up what was said in a stretch of time, mostly of a brand; `settings` say who is who.

    `detected_at` is when it was noticed, microseconds UTC. Posts with a word of `apart` are about another matter, and
    left out. Cost: 20 ms at 2,000 posts, and what forty people said before.
    """
    assert wanted.since is not None
    assert wanted.until is not None
    brand, since = wanted.brand or "", wanted.since
    posts = _but(reader.posts(wanted, _MOST), apart)
    if not posts:
        return Evidence()
    first = _taken_up(reader, wanted, detected_at) or _earliest(reader, wanted, posts, apart)
    followers = {post.actor: post.actor_followers for post in posts if post.actor and post.actor_followers is not None}
    roles = RoleBook(reader, settings).roles(people_of(posts), brand, since)
    channels = dict(Counter(post.channel for post in posts).most_common())
    n_people = len({post.actor for post in posts if post.actor})
    return Evidence(
        n_people=n_people,
        first=_quote(first),
        quotes=[_quote(post) for post in _telling(posts, first)],
        carriers=_carriers(posts, roles),
        channels=channels,
        reach=sum(count for count in followers.values() if count) if followers else None,
        roles=dict(Counter(roles.values()).most_common()),
        spreading=_spreading(reader, wanted, posts, n_people),
        earlier=_earlier(reader, brand, since),
        links=shared_links(posts),
        posts=posts,
    )


def _taken_up(reader: Reader, wanted: PostFilter, detected_at: int) -> Post | None:
    """Return the post that others took up, often minutes before there was a burst; of one matter among others none."""
    assert wanted.since is not None
    if wanted.words or wanted.need or not wanted.brand:
        return None
    voice = first_voice(reader, wanted.brand, wanted.since, detected_at)
    return next(iter(reader.posts(PostFilter(seq=voice.seq), 1)), None) if voice else None


def _earliest(reader: Reader, wanted: PostFilter, posts: Sequence[Post], apart: Collection[str]) -> Post:
    """Return the first post of a burst, of which `posts` are the newest."""
    assert wanted.since is not None
    assert wanted.until is not None
    early = msgspec.structs.replace(wanted, until=min(wanted.until, wanted.since + _FIRST_S * SECOND_US))
    return min([*_but(reader.posts(early, _FIRST), apart), *posts], key=lambda post: (post.event_at, post.seq))


def _but(posts: Sequence[Post], apart: Collection[str]) -> list[Post]:
    return [post for post in posts if not any(word in (post.text or "").casefold() for word in apart)]


def _spreading(reader: Reader, wanted: PostFilter, posts: Sequence[Post], n_people: int) -> Spreading:
    """Return how widely it is said, from the rows themselves: people, channels, copies and shares."""
    assert wanted.since is not None
    assert wanted.until is not None
    shares = reader.counts(
        resolution=60, since=wanted.since // _MINUTE_US * _MINUTE_US, until=wanted.until, brand=wanted.brand or "",
        kind="share",
    )  # fmt: skip
    n_shared = 0 if wanted.words else sum(cell.n for cell in shares)  # a share has no words
    n_copies = sum(post.duplicate_of is not None for post in posts)
    return Spreading(
        n_people=n_people,
        n_channels=len({post.channel for post in posts}),
        share_passed_on=(n_copies + n_shared) / (len(posts) + n_shared),
    )


def _earlier(reader: Reader, brand: str, before: int) -> list[Earlier]:
    """Return what became of the last alerts of a brand that were over by then, false alarms left out."""
    return [
        Earlier(
            id=alert.id, began_at=alert.began_at, ended_at=alert.ended_at, level=alert.level,
            peak_per_minute=alert.peak_per_minute,
        )
        for alert in reader.alerts(until=before, limit=_ALERTS)
        if alert.brand == brand and alert.ended_at is not None and alert.ended_at <= before and alert.verdict != "false"
    ][:_EARLIER]  # fmt: skip


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


def _carriers(posts: Sequence[Post], roles: Mapping[Person, Role]) -> list[Carrier]:
    known = {post.actor: post for post in posts if post.actor}
    counted = Counter(post.actor for post in posts if post.actor)
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], -(known[pair[0]].actor_followers or 0), pair[0]))
    return [
        Carrier(
            actor=actor, actor_name=known[actor].actor_name, channel=known[actor].channel, n=n,
            role=roles.get(Person(known[actor].channel, actor, known[actor].actor_name)),
        )
        for actor, n in ranked[:_CARRIERS]
    ]  # fmt: skip
