"""A burst of one need, while all else said of a brand is as ever: complaints about delivery, known by their series."""

from collections.abc import Sequence

import numpy as np

from gehoor.core.clock import SECOND_US
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.warn.base import Floats
from gehoor.warn.burst_state import Burst, began_of, per_bucket
from gehoor.warn.counting import MEASURES, STEP_S, Closed
from gehoor.warn.finer import Finer

__all__ = ["narrow", "need_counts", "widen"]

_LOOK_S, _MOST = 1_800, 500
_NEGATIVE = MEASURES.index("negative")


def narrow(burst: Burst, reader: Reader, need: str, usual: float) -> None:
    """Let a burst that was seen just now be about one need: it began, and counts, as the posts with that need do.

    Cost: one search for at most 500 posts, once a burst.

    Parameters
    ----------
    burst : Burst
        Of a brand, as its measures have it.
    reader : Reader
        Of the workspace.
    need : str
        What stands out.
    usual : float
        Posts with that need which were to be expected in ten seconds.
    """
    since, until = burst.detected_at - _LOOK_S, burst.detected_at
    wanted = PostFilter(
        kind="say", brand=burst.brand or None, need=need, since=since * SECOND_US, until=until * SECOND_US
    )
    posts = reader.posts(wanted, _MOST)
    at = np.array([post.event_at // SECOND_US - since for post in posts], np.int64) // STEP_S
    is_bad = np.array([post.sentiment == "negative" for post in posts], np.bool_)
    n, n_negative = (np.bincount(moments, minlength=_LOOK_S // STEP_S) for moments in (at, at[is_bad]))
    ago = began_of(n.tolist(), usual)
    burst.need, burst.usual, burst.began_at = need, usual, until - (ago + 1) * STEP_S
    _count_anew(burst, list(zip(n[-ago - 1 :].tolist(), n_negative[-ago - 1 :].tolist(), strict=True)), usual)


def widen(burst: Burst, kept: Sequence[tuple[int, Floats]], code: int, normal: float) -> None:
    """Let a burst of one need be of the whole brand from now on, whose measures stand out as well.

    `kept` are the newest buckets before this one: when each began, and its counts.
    """
    counts = [counts for at, counts in kept if at >= burst.began_at]
    posts, negative = per_bucket(counts, code, 0), per_bucket(counts, code, _NEGATIVE)
    burst.need = None
    _count_anew(burst, list(zip(posts, negative, strict=True)), normal)


def need_counts(burst: Burst, code: int, one: Closed, finer: Finer) -> tuple[float, float]:
    """Return how many posts of a bucket have the need of a burst, and how many of them are likely negative."""
    place = finer.place_of(code, "need", burst.need or "")
    n = float(one.finer[place]) if 0 <= place < len(one.finer) else 0.0
    return n, n * burst.n_negative / max(burst.n, 1.0)


def _count_anew(burst: Burst, buckets: Sequence[tuple[float, float]], normal: float) -> None:
    burst.n = burst.n_negative = burst.expected = burst.peak_per_minute = 0.0
    burst.recent, burst.quiet_s = [], 0
    for n, n_negative in buckets:
        burst.add(n, n_negative, normal)
