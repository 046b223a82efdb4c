"""Stories: what people talk about together. Bursts of one brand that overlap are one; a topic of its own is another.

A topic most of which was said in a storm belongs to the storm, so that five hundred posts with one complaint, and all
that was said because of it, are one story.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from gehoor.core.alert import Alert, Level
from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.tables.topic import topic, topic_post
from gehoor.core.topic import Topic, topic_of, topics_since
from gehoor.run.alert_plan import PAUSE_US, stories_of
from gehoor.warn.first_voice import Voice, first_voice

__all__ = ["Story", "StoryPart", "in_which_story", "parts_of", "stories", "story_of"]

_TOPIC = "topic/"
_MINUTE_US = 60 * SECOND_US
_ALERTS, _TOPICS, _PARTS = 200, 60, 30
_LEAST_POSTS, _MOSTLY = 10, 0.5
_LATELY_US, _ALIVE_US = 14 * DAY_US, 6 * 3_600 * SECOND_US
_EVER = 1 << 62


class StoryPart(msgspec.Struct, frozen=True):
    """A topic, and how many of its posts were said in the story."""

    topic: Topic
    n: int


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One story. Times are microseconds UTC.

    Attributes
    ----------
    id : str
        That of its first alert, as messages name it; or `topic/` and the id of its topic. Any alert of it, and any
        topic of it, leads to it.
    brand : str
        About which brand; "" is everything together.
    alerts : tuple of Alert
        What was warned of, oldest first; those that a person called false as well.
    topic : Topic, optional
        Where it is a topic that rang no alarm.
    since, until : int
        From the first voice; until its end, or the moment that was asked for.
    is_over : bool
        Nothing grows any more.
    voice : Voice, optional
        Who began, as far as that is known from what spread.
    """

    id: str
    brand: str = ""
    alerts: tuple[Alert, ...] = ()
    topic: Topic | None = None
    since: int
    until: int
    is_over: bool
    voice: Voice | None = None

    @property
    def base(self) -> PostFilter:
        """Whose posts it is, in whole minutes."""
        if self.topic is not None:
            return PostFilter(kind="say", topic=self.topic.id)
        words = self.alerts[0].words if self.alerts else None
        needs = {alert.need for alert in self.alerts}
        return PostFilter(
            kind="say", brand=self.brand or None, since=self.since, until=self.until, words=words,
            need=needs.pop() if len(needs) == 1 else None,
        )  # fmt: skip

    @property
    def level(self) -> Level | None:
        """How grave the gravest of its alerts is, false ones apart; None where there is none."""
        return max((alert.level for alert in self.alerts if alert.verdict != "false"), default=None)

    @property
    def is_false(self) -> bool:
        """Whether people called all of its alerts false."""
        return bool(self.alerts) and all(alert.verdict == "false" for alert in self.alerts)


def stories(reader: Reader, now: int) -> list[Story]:
    """Return the stories of the last two weeks, storms first, then topics of their own, newest first. Cost: 20 ms."""
    storms = _storms(reader, now)
    inside = Counter[int]()
    for storm in storms:
        inside.update(dict(_counted(reader, storm)))
    apart = [
        _of_topic(one, now)
        for one in topics_since(reader, now - _LATELY_US, _TOPICS)
        if one.n >= _LEAST_POSTS and one.name and inside[one.id] < _MOSTLY * one.n
    ]
    return [*storms, *sorted(apart, key=lambda story: (-story.until, story.id))]


def story_of(reader: Reader, id_: str, now: int) -> Story | None:
    """Return the story that an id names: of itself, of one of its alerts, or of one of its topics.

    Raises
    ------
    SettingError
        A topic has a number.
    """
    storms = _storms(reader, now, id_)
    if not id_.startswith(_TOPIC):
        return next((storm for storm in storms if any(alert.id == id_ for alert in storm.alerts)), None)
    number = id_.removeprefix(_TOPIC)
    if not number.isdecimal() or len(number) > 18:
        raise SettingError(f"{number[:40]!r} is no topic; it must be a whole number.")
    found = topic_of(reader, int(number))
    if found is None:
        return None
    taken_in = (storm for storm in storms if dict(_counted(reader, storm)).get(found.id, 0) >= _MOSTLY * found.n)
    return next(taken_in, None) or _of_topic(found, now)


def in_which_story(alerts: Sequence[Alert]) -> dict[str, list[Alert]]:
    """Return alerts by the id of their story, each story's oldest first.

    Those about everything together join the story of a brand that began while they went on.
    """
    groups: defaultdict[str, list[Alert]] = defaultdict(list)
    for one, name in stories_of(alerts).items():
        groups[name].append(next(alert for alert in alerts if alert.id == one))
    for name in [name for name, mine in groups.items() if not mine[0].brand]:
        at, end = groups[name][0].began_at - PAUSE_US, max(map(_end, groups[name]))
        of_brand = [
            other for other, mine in groups.items() if mine[0].brand and mine[0].began_at < end and _end(mine[-1]) > at
        ]
        if of_brand:
            groups[max(of_brand, key=lambda other: sum(a.n for a in groups[other]))] += groups.pop(name)
    return {
        (mine := sorted(group, key=lambda alert: (not alert.brand, alert.began_at, alert.id)))[0].id: mine
        for group in groups.values()
    }


def parts_of(reader: Reader, story: Story) -> list[StoryPart]:
    """Return the topics that a story consists of, largest first: those most of which was said in it."""
    if story.topic is not None:
        return [StoryPart(story.topic, story.topic.n)]
    counted = _counted(reader, story)[:_PARTS]
    found = ((topic_of(reader, id_), n) for id_, n in counted if n >= 3)
    return [StoryPart(one, n) for one, n in found if one is not None and one.name and n >= _MOSTLY * one.n]


def _end(alert: Alert) -> int:
    return _EVER if alert.ended_at is None else alert.ended_at


def _storms(reader: Reader, now: int, id_: str = "") -> list[Story]:
    alerts = [
        alert
        for alert in reader.alerts(limit=_ALERTS)
        if alert.measure != "silence" and (_end(alert) > now - _LATELY_US or alert.id == id_ or not id_)
    ]
    found = [_storm(reader, name, mine, now) for name, mine in in_which_story(alerts).items()]
    return sorted(found, key=lambda story: (-story.since, story.id))


def _storm(reader: Reader, id_: str, alerts: Sequence[Alert], now: int) -> Story:
    first = min(alerts, key=lambda alert: alert.began_at)
    is_over = all(alert.ended_at is not None for alert in alerts)
    until = max(max(_end(alert) for alert in alerts) if is_over else now, first.detected_at) + 1
    voice = first_voice(reader, first.brand, first.began_at, first.detected_at)
    since = min(first.began_at, voice.at) if voice is not None else first.began_at
    return Story(
        id=id_, brand=alerts[0].brand, alerts=tuple(sorted(alerts, key=lambda alert: (alert.began_at, alert.id))),
        since=since // _MINUTE_US * _MINUTE_US, until=-(-until // _MINUTE_US) * _MINUTE_US, is_over=is_over,
        voice=voice,
    )  # fmt: skip


def _of_topic(one: Topic, now: int) -> Story:
    return Story(
        id=f"{_TOPIC}{one.id}",
        topic=one,
        since=one.began_at,
        until=one.last_at + 1,
        is_over=one.last_at < now - _ALIVE_US,
    )


def _counted(reader: Reader, story: Story) -> list[tuple[int, int]]:
    """Return how many posts of each topic came while a story went on, most first."""
    low, high = _edges(reader, story.since, story.until)
    final = sa.func.coalesce(topic.c.merged_into, topic.c.id).label("topic")
    n = sa.func.count().label("n")
    both = topic_post.join(topic, topic.c.id == topic_post.c.topic)
    found = sa.select(final, n).select_from(both).where(topic_post.c.seq >= low, topic_post.c.seq <= high)
    wanted = cast("sa.Select[Any]", found)
    return [(row.topic, row.n) for row in reader.stored(wanted.group_by(final).order_by(n.desc(), final))]


def _edges(reader: Reader, since: int, until: int) -> tuple[int, int]:
    """Return the first and last offset of what was published in a stretch of time."""
    sql = "SELECT min(seq), max(seq) FROM activity WHERE published >= ? AND published < ?"
    found = [row for segment in reader.segments() for row in segment.query(sql, (since, until)) if row[0] is not None]
    return (min(row[0] for row in found), max(row[1] for row in found)) if found else (0, -1)
