"""Which posts tell of a driver: three of them, and the filter that opens all."""

from collections.abc import Iterable
from typing import Any

import msgspec

from gehoor.core.alert import Quote
from gehoor.core.mirror_change import Driver
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.run.mirror.people import People

__all__ = ["LOOK", "place_of", "telling", "with_posts"]

LOOK = 200
"""Among so many posts the telling ones are looked for."""

_TOLD = 3
_SHORT, _LONG = 40, 280
_NARROW = {
    "negative": {"sentiment": "negative"}, "praise": {"intent": "praise"}, "complaint": {"intent": "complaint"},
    "help": {"intent": "help"}, "leaving": {"intent": "leaving"},
}  # fmt: skip
_OPENS = ("channel", "language", "need", "motive", "intent", "sentiment")
_SILENT = """
    SELECT max(t.seq) FROM talk AS t JOIN persons AS p USING (person) JOIN segment AS s USING (person)
    WHERE t.kind = 'say' AND p.was_here = 1 AND p.came_back = 0 AND s.dimension = $dimension AND s.value = $value
      AND t.day > $d - 56 GROUP BY t.person ORDER BY bool_or(t.sentiment = 'negative') DESC, 1 DESC LIMIT 200"""
_UNANSWERED = """
    SELECT max(t.seq) FROM talk AS t JOIN persons AS p USING (person) JOIN segment AS s USING (person)
    WHERE t.is_question AND p.asked = 1 AND p.answered < 1 AND s.dimension = $dimension AND s.value = $value
      AND t.day > $d - 28 GROUP BY t.person ORDER BY 1 DESC LIMIT 200"""


def place_of(seq: int) -> Quote:
    """Return a quote that is a place only; the reader fills in what stands there."""
    return Quote(seq=seq, actor=None, actor_name=None, channel="", event_at=0, text="")


def with_posts(reader: Reader, people: People, driver: Driver, since: int, until: int) -> Driver:
    """Return a driver with its posts, of a stretch of time (microseconds UTC)."""
    brand = people.brand or None
    if driver.measure in ("retention", "answered"):
        query = _SILENT if driver.measure == "retention" else _UNANSWERED
        rows: list[Any] = people.rows(query, dimension=driver.dimension, value=driver.value, d=people.day)
        posts = [post for (seq,) in rows[:20] for post in reader.posts(PostFilter(seq=int(seq)), limit=1)]
        opens = _filter(driver, brand, people.since, until)
    else:
        opens = _filter(driver, brand, since, until)
        posts = reader.posts(opens, limit=LOOK) if opens is not None else []
    return msgspec.structs.replace(driver, quotes=telling(posts), posts=opens)


def _filter(driver: Driver, brand: str | None, since: int, until: int) -> PostFilter | None:
    """Return the filter of all posts behind it; None where none opens exactly them: a region, a segment."""
    if driver.dimension and driver.dimension not in _OPENS:
        return None
    narrow: dict[str, Any] = {driver.dimension: driver.value} if driver.dimension else {}
    return PostFilter(**{**narrow, **_NARROW.get(driver.measure, {}), "kind": "say", "brand": brand}, since=since,
                      until=until)  # fmt: skip


def telling(posts: Iterable[Post]) -> tuple[Quote, ...]:
    """Return three of some posts: no copies, each of somebody else, long enough to say something, the surest first."""
    usable = [post for post in posts if post.text and post.duplicate_of is None]
    order = sorted(usable, key=lambda post: (not _SHORT <= len(post.text or "") <= _LONG, -_sure(post), -post.seq))
    found: list[Post] = []
    for post in order:
        if len(found) < _TOLD and post.actor not in {one.actor for one in found}:
            found.append(post)
    return tuple(place_of(post.seq) for post in found)


def _sure(post: Post) -> float:
    return (post.sentiment_p or 0.0) + (post.intent_p or 0.0)
