"""The sentence that answers *Today*'s question: how many, is that normal, what do most of them want."""

import json
from urllib.parse import parse_qsl, urlsplit

import msgspec
from markupsafe import Markup

from gehoor.core.clock import SECOND_US
from gehoor.web.curve import Point
from gehoor.web.filters import posts_path, read_filter
from gehoor.web.frame import open_link
from gehoor.web.period import Period
from gehoor.web.speech import Speech
from gehoor.web.today import ENOUGH_POSTS, Today

__all__ = ["Drawing", "headline", "when"]

_OFTEN = 0.05
_DAY_S = 86_400


def headline(today: Today, speech: Speech) -> Markup:
    """Return the sentence, its numbers being links; it never claims more than was counted."""
    if today.n == 0:
        return speech.say("today.nothing_said")
    return Markup(" ").join([_came(today, speech), _want(today, speech)])


def _came(today: Today, speech: Speech) -> Markup:
    posts = open_link(today.href, speech.say("n_posts", n=today.n))
    if today.expected is None or today.period.is_past or today.brand:
        return speech.say(f"today.came.{today.period.name}", n=today.n, posts=posts)
    low, high = today.expected.so_far
    return speech.say("today.normal", posts=posts, low=round(low), high=round(high))


def _want(today: Today, speech: Speech) -> Markup:
    if today.n < ENOUGH_POSTS:
        return speech.say("today.too_few")
    top = today.wishes[0] if today.wishes else None
    if top is None or top.n < _OFTEN * today.n:
        return speech.say("today.often.none")
    if top.n * 2 > today.n:
        return speech.say("today.most", wish=open_link(top.href, speech.word("wish", top.name)))
    return speech.say("today.often", wish=open_link(top.href, speech.word("wish.often", top.name)))


def when(period: Period, speech: Speech, now: int) -> Markup:
    """Return which stretch of time it is, in words."""
    since, last = period.since, period.until - 1
    if period.name == "hour":
        return speech.say("when.hour", since=speech.moment(since, now), until=speech.hour(period.until))
    days = {"since": speech.day(since, now), "until": speech.day(last, now), "day": speech.day(since, now)}
    one_day = days["since"] == days["until"]
    return speech.say("when.one_day" if one_day else f"when.{period.name}", **days)


class Drawing:
    """The curve in words, numbers and addresses: for who cannot see it, for the table, for the picture."""

    def __init__(self, today: Today, speech: Speech) -> None:
        self._today = today
        self._speech = speech
        self._base = read_filter(dict(parse_qsl(urlsplit(today.href).query)))

    @property
    def text(self) -> Markup:
        """What the curve shows, its peak, its end."""
        today, points = self._today, self._today.points
        peak = max(points, key=lambda point: (not point.is_running, point.n))
        return self._speech.say(
            "today.curve.text", step=self._speech.say(f"step.{today.period.step_s}"),
            when=when(today.period, self._speech, today.now), peak_at=self.name(peak), peak=peak.n, last=self.last,
        )  # fmt: skip

    @property
    def band(self) -> str:
        """Low and high of each hour of the day, a step of the curve each, as JSON."""
        expected = self._today.expected
        if expected is None:
            return ""
        pairs = [expected.within(hour, self._today.period.step_s) for hour in range(24)]
        return json.dumps([[round(low, 2), round(high, 2)] for low, high in pairs])

    @property
    def last(self) -> int:
        """How many in the last step that is complete."""
        return next((point.n for point in reversed(self._today.points) if not point.is_running), 0)

    @property
    def is_live(self) -> bool:
        """Whether the last point is about now."""
        return (
            not self._today.period.is_past
            and self._today.points[-1].until >= self._today.now - 2 * self._today.period.step_s * SECOND_US
        )

    def name(self, point: Point) -> str:
        """Return what a step is called: 14:20, or its day."""
        if self._today.period.step_s >= _DAY_S:
            return self._speech.day(point.at, self._today.now)
        name = self._speech.moment(point.at, self._today.points[-1].at)
        is_rolling = point is self._today.points[-1] and self._today.points[-2:-1] and self._today.points[-2].is_running
        return f"{name}–{self._speech.hour(point.until)}" if is_rolling else name

    def path(self, point: Point) -> str:
        """Return where the posts of a step are."""
        return posts_path(msgspec.structs.replace(self._base, since=point.at, until=point.until))
