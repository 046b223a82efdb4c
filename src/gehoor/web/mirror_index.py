"""Figures and indices of the mirror in words, whatever they are of: an edition, or a closer look."""

import numpy as np
from markupsafe import Markup

from gehoor.core.clock import DAY_US
from gehoor.core.mirror_figure import Figure, Index, Unknown
from gehoor.web.speech import Speech

__all__ = ["IndexTold", "lift_told", "signed", "way_of"]

_LEAST_POINTS = 1.0
_HALF_A_YEAR = 182


class IndexTold:
    """What figures say, in one language.

    Parameters
    ----------
    days : (str, str)
        First and last day of what they are of, ISO dates.
    now : int
        When they were made, microseconds UTC.
    before : str
        What they are compared with, such as "the day before".
    """

    def __init__(self, speech: Speech, days: tuple[str, str], now: int, before: str) -> None:
        self._speech, self._days, self._now, self.before = speech, days, now, before

    @property
    def when(self) -> str:
        """Of which days it speaks."""
        first, last = (self.day(day) for day in (self._days[0], self._days[1]))
        return last if first == last else str(self._speech.say("range", low=first, high=last))

    def day(self, iso: str) -> str:
        """Return a date as people say it: dinsdag 14 april."""
        noon = self._noon(iso)
        return self._speech.day(noon, max(noon, self._now))

    @staticmethod
    def _noon(iso: str) -> int:
        return int(np.datetime64(iso, "D").astype(int)) * DAY_US + DAY_US // 2

    def value(self, figure: Figure, digits: int = 0) -> str:
        """Return a figure's value, as its unit is written; a dash where there is none."""
        return self._number(figure.value, figure.unit, digits)

    def range_of(self, figure: Figure, digits: int = 0) -> str:
        """Return between which values it lies; empty where nobody knows."""
        if figure.low is None or figure.high is None:
            return ""
        low, high = (self._number(edge, figure.unit, digits) for edge in (figure.low, figure.high))
        return low if low == high else str(self._speech.say("range", low=low, high=high))

    def sure(self, figure: Figure) -> str:
        """Return the range beside a large figure; where both edges round to it, why: few people may all do the same."""
        told = self.range_of(figure)
        if not told or told != self.value(figure):
            return told
        return str(self._speech.say("mirror.sure.end" if told in {"0", "100"} else "mirror.sure.same"))

    def _number(self, value: float | None, unit: str, digits: int) -> str:
        if value is None:
            return "–"
        if unit == "share":
            return self._speech.share(value, 1)
        if unit == "tone":
            return signed(self._speech, value, 2)
        return self._speech.number(value, digits)

    def points(self, figure: Figure) -> str:
        """Return points with their sign: +1,4."""
        return "–" if figure.value is None else signed(self._speech, figure.value, 1)

    def points_between(self, figure: Figure) -> str:
        """Return the edges of points with one digit; empty where nobody knows."""
        if figure.low is None or figure.high is None:
            return ""
        low, high = (signed(self._speech, edge, 1, plus="") for edge in (figure.low, figure.high))
        return str(self._speech.say("range", low=low, high=high))

    def changed(self, index: Index) -> Markup | None:
        """Say how an index went since the period before."""
        change = index.change
        if change.value is None or index.relative.value is None:
            return None
        n = round(abs(change.value))
        way = way_of(index) or "same"
        key = way if way == "same" else f"{way}.points"
        return self._speech.say(f"mirror.change.{key}", n=max(n, 1), before=self.before)

    def slope(self, index: Index) -> Markup | None:
        """Say how an index goes over the year, so that a slow decline shows."""
        slope = index.slope
        if slope.value is None or slope.low is None or slope.high is None or index.n_days < _HALF_A_YEAR:
            return None
        if slope.low <= 0 <= slope.high:
            return self._speech.say("mirror.slope.same")
        way = "up" if slope.value > 0 else "down"
        return self._speech.say(f"mirror.slope.{way}", points=self._speech.amount(abs(slope.value)))

    def normal(self, index: Index) -> Markup:
        """Say what 50 stands for."""
        if index.n_days < 90:  # under a quarter a prior counts for the rest
            return self._speech.say("mirror.normal.guess", n=index.n_days)
        return self._speech.say("mirror.normal", n=index.n_days)

    def unknown(self, one: Unknown) -> Markup:
        """Say what cannot be known yet, and how long that takes."""
        told = self._speech.say(f"mirror.unknown.{one.why}", n=one.n or 0)
        return told if one.days is None else self._speech.say("mirror.unknown.days", told=told, n=one.days)


def way_of(index: Index) -> str:
    """Return `up` or `down` where an index changed beyond chance, `same` where it did not; empty without a reading."""
    change = index.change
    if index.relative.value is None:
        return ""
    if change.value is None or change.low is None or change.high is None:
        return "same"
    if abs(change.value) < _LEAST_POINTS or change.low <= 0 <= change.high:
        return "same"
    return "up" if change.value > 0 else "down"


def signed(speech: Speech, value: float, digits: int, plus: str = "+") -> str:
    """Return a number with its sign, and none for nought: +1,4."""
    text = speech.number(abs(value), digits)
    return text if not text.strip("0.,") else f"{'−' if value < 0 else plus}{text}"


def lift_told(speech: Speech, lift: Figure) -> Markup:
    """Say how much more or less there was than weeks before let expect."""
    if lift.value is None:
        return speech.say("mirror.lift.unknown")
    low, high = (speech.number(edge or 0.0, 1) for edge in (lift.low, lift.high))
    return speech.say("mirror.lift", times=speech.number(lift.value, 1), range=speech.say("range", low=low, high=high))
