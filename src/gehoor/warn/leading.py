"""What leads a burst, in words: the channel, motive, need, word or link that stands out most, and links going round."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from gehoor.core.alert import Lead, SharedLink
from gehoor.core.post import Post
from gehoor.core.words import buckets_of_words
from gehoor.warn.spread_links import LINK_BITS, link_name, links_in

__all__ = ["lead_of", "shared_links"]

_LEAST_PEOPLE, _MOST_LINKS = 3, 3
_LONGEST_LINK = 500
_WORD = re.compile(r"[^\W\d_]{3,}")


def shared_links(posts: Sequence[Post]) -> list[SharedLink]:
    """Return the links that at least three people shared, most first, at most three; each as it was written first."""
    written: dict[int, str] = {}
    people: defaultdict[int, set[str]] = defaultdict(set)
    for post in sorted(posts, key=lambda post: post.seq):
        for link in links_in(post.text or ""):
            name = link_name(link)
            if name is not None and len(link) <= _LONGEST_LINK:
                written.setdefault(name, link)
                people[name].add(post.actor or post.id)
    ranked = sorted(people, key=lambda name: (-len(people[name]), written[name]))
    return [
        SharedLink(url=written[name], n_people=len(people[name]))
        for name in ranked[:_MOST_LINKS]
        if len(people[name]) >= _LEAST_PEOPLE
    ]


def lead_of(lead: tuple[str, str | int] | None, posts: Sequence[Post], links: Sequence[SharedLink]) -> Lead | None:
    """Return what leads, as people read it; None where nothing does, or fewer than three people said it.

    Parameters
    ----------
    lead : (str, str or int), optional
        As `judge.Judged` has it: a word by its bucket, a link by the lowest bits of its name.
    posts, links : sequence
        What was said in the burst, and which links go round in it.
    """
    if lead is None:
        return None
    kind, value = lead
    if kind == "link":
        mask = (1 << LINK_BITS) - 1
        found = (one.url for one in links if (link_name(one.url) or 0) & mask == value)
        return next((Lead("link", url) for url in found), None)
    if kind == "term":
        word = _word_of(int(value), posts)
        return Lead("term", word) if word else None
    return Lead("channel" if kind == "channel" else "need" if kind == "need" else "motive", str(value))


def _word_of(bucket: int, posts: Iterable[Post]) -> str | None:
    people: defaultdict[str, set[str]] = defaultdict(set)
    for post in posts:
        for word in set(_WORD.findall((post.text or "").lower())):
            people[word].add(post.actor or post.id)
    words = [word for word, who in people.items() if len(who) >= _LEAST_PEOPLE]
    found = [word for word, number in zip(words, buckets_of_words(words), strict=True) if number == bucket]
    return max(found, key=lambda word: (len(people[word]), word), default=None)
