"""What people say of our part in society: themes, how angry, and three of them in their own words."""

from itertools import chain

from gehoor.core.edition import Society, Theme
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.run.mirror.counts import Counts
from gehoor.run.mirror.quoted_posts import LOOK, telling
from gehoor.run.mirror.share import share
from gehoor.run.mirror.year import YEAR

__all__ = ["SOCIETY", "said_of", "society"]

SOCIETY = ("society", "trust", "energy")
"""Motives that are about more than what we sell."""

_MONTH = 28


def said_of(counts: Counts, measure: str, motive: str, ago: int = 0) -> int:
    """Return how many posts of a measure were about a motive in the 28 days that ended so many days ago."""
    end = YEAR - ago
    return int(counts.of(measure, "motive", motive)[end - _MONTH : end].sum())


def society(reader: Reader, counts: Counts, brand: str, stretch: tuple[int, int]) -> Society:
    """Return what is said of each theme in the last 28 days, most said first.

    Parameters
    ----------
    stretch : (int, int)
        When those days begin and end, microseconds UTC.
    """
    since, until = stretch
    themes = []
    for motive in SOCIETY:
        n = said_of(counts, "posts", motive)
        if n:
            posts = PostFilter(kind="say", motive=motive, brand=brand or None, since=since, until=until)
            themes.append(
                Theme(
                    motive=motive, n=n, n_before=said_of(counts, "posts", motive, _MONTH),
                    negative=share(said_of(counts, "negative", motive), n, "down"), posts=posts,
                )
            )  # fmt: skip
    themes.sort(key=lambda one: (-one.n, one.motive))
    found: chain[Post] = chain.from_iterable(reader.posts(one.posts, limit=LOOK) for one in themes)
    return Society(themes=tuple(themes), quotes=telling(found))
