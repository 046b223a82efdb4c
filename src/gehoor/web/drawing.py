"""A curve in words, numbers and addresses: for who cannot see it, for the table beside it, for the picture."""

import json
from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from gehoor.core.clock import SECOND_US
from gehoor.core.reader import PostFilter
from gehoor.web.curve import Expected, Point
from gehoor.web.filters import posts_path
from gehoor.web.period import Period
from gehoor.web.speech import Speech

__all__ = ["Drawing", "Mark", "when"]

_DAY_S = 86_400
_HOUR_US = 3_600 * SECOND_US


class Mark(msgspec.Struct, frozen=True):
    """An alert on a curve: its moment (microseconds), level, words, and its own page."""

    at: int
    level: int
    text: str
    href: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """What the template of a curve draws.

    Attributes
    ----------
    points : list of Point
        In steps of `period`.
    base : PostFilter
        Whose posts are counted.
    expected : Expected, optional
        What is normal, by hour of the day.
    marks : sequence of Mark
        Alerts, oldest first.
    """

    period: Period
    points: list[Point]
    base: PostFilter
    speech: Speech
    now: int
    expected: Expected | None = None
    marks: Sequence[Mark] = ()

    @property
    def text(self) -> Markup:
        """What the curve shows, its peak, its end."""
        peak = max(self.points, key=lambda point: (not point.is_running, point.n))
        return self.speech.say(
            "today.curve.text", step=self.speech.say(f"step.{self.period.step_s}"),
            when=when(self.period, self.speech, self.now), peak_at=self.name(peak), peak=peak.n, last=self.last,
        )  # fmt: skip

    @property
    def band(self) -> str:
        """Milliseconds since the beginning, low and high of what is normal in one step, as JSON; empty when unknown."""
        if self.expected is None:
            return ""
        length = self.period.until - self.period.since
        moments = [0, *range(_HOUR_US // 2, length, _HOUR_US), length]
        return json.dumps([[at // 1000, *self._normal(self.period.since + min(at, length - 1))] for at in moments])

    @property
    def marked(self) -> str:
        """The marks as JSON: milliseconds since the beginning, level, words, address."""
        return json.dumps([[(m.at - self.period.since) // 1000, m.level, m.text, m.href] for m in self.marks])

    def marks_in(self, point: Point) -> list[Mark]:
        """Return the marks of a step."""
        return [mark for mark in self.marks if point.at <= mark.at < point.until]

    @property
    def last(self) -> int:
        """How many in the last step that is complete."""
        return next((point.n for point in reversed(self.points) if not point.is_running), 0)

    @property
    def is_live(self) -> bool:
        """Whether the last point is about now."""
        late_us = 2 * self.period.step_s * SECOND_US
        return not self.period.is_past and self.points[-1].until >= self.now - late_us

    def normal(self, point: Point) -> Markup | None:
        """Return what is normal for a step, in words."""
        if self.expected is None:
            return None
        low, high = self._normal(point.at)
        digits = 1 if high < 10 else 0
        return self.speech.say("range", low=self.speech.number(low, digits), high=self.speech.number(high, digits))

    def name(self, point: Point) -> str:
        """Return what a step is called: 14:20, or its day."""
        if self.period.step_s >= _DAY_S:
            return self.speech.day(point.at, self.now)
        name = self.speech.moment(point.at, self.points[-1].at)
        is_rolling = point is self.points[-1] and self.points[-2:-1] and self.points[-2].is_running
        return f"{name}–{self.speech.hour(point.until)}" if is_rolling else name

    def path(self, point: Point) -> str:
        """Return where the posts of a step are."""
        return posts_path(msgspec.structs.replace(self.base, since=point.at, until=point.until))

    def _normal(self, at: int) -> tuple[float, float]:
        assert self.expected is not None
        low, high = self.expected.within(self.speech.local(at).hour, self.period.step_s)
        return round(low, 2), round(high, 2)


def when(period: Period, speech: Speech, now: int) -> Markup:
    """Return which stretch of time it is, in words."""
    since, last = period.since, period.until - 1
    if period.name in ("hour", "alert"):
        return speech.say("when.hour", since=speech.moment(since, now), until=speech.hour(period.until))
    days = {"since": speech.day(since, now), "until": speech.day(last, now), "day": speech.day(since, now)}
    one_day = days["since"] == days["until"]
    return speech.say("when.one_day" if one_day else f"when.{period.name}", **days)
