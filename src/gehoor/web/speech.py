"""How the interface speaks: sentences, plurals, numbers, days and durations in Dutch and English."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from gehoor.core.clock import SECOND_US

__all__ = ["LANGUAGES", "Entry", "Language", "Speech", "catalogue", "preferred"]

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Entry = str | dict[Literal["one", "other"], str]

_MARKS: dict[Language, tuple[str, str, str]] = {"nl": (".", ",", "\N{NO-BREAK SPACE}%"), "en": (",", ".", "%")}
_SECOND = 90.0
_MINUTE = 90.0 * 60


@cache
def catalogue(language: Language) -> dict[str, Entry]:
    """Return every sentence of a language by its key."""
    text = files("gehoor.web").joinpath("words", f"{language}.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Entry])


def preferred(accept: str, default: Language) -> Language:
    """Return the language that an Accept-Language header likes best, of those that we speak.

    Examples
    --------
    >>> preferred("fr, en-GB;q=0.8, nl;q=0.5", "nl")
    'en'
    >>> preferred("fr", "nl")
    'nl'
    """
    best, weight = default, 0.0
    for part in accept.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            q = float(quality or 1)
        except ValueError:
            continue
        for language in LANGUAGES:
            if tag.lower().split("-")[0] == language and q > weight:
                best, weight = language, q
    return best


class Speech:
    """One language and one time zone.

    Parameters
    ----------
    language : {"nl", "en"}
        What it speaks.
    zone : ZoneInfo
        Where the workspace's day begins.

    Examples
    --------
    >>> dutch = Speech("nl", ZoneInfo("Europe/Amsterdam"))
    >>> str(dutch.say("n_posts", n=12870)), dutch.share(46, 100)
    ('12.870 berichten', '46\\xa0%')
    """

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language = language
        self.zone = zone
        self._entries = catalogue(language)
        self._thousands, self._decimal, self._percent = _MARKS[language]

    def say(self, key: str, /, **values: object) -> Markup:
        """Return the sentence of a key; `n` chooses the plural, whole numbers are written out, texts are escaped.

        Raises
        ------
        KeyError
            If there is no such sentence: a mistake of ours, found by the tests.
        """
        entry = self._entries[key]
        if isinstance(entry, dict):
            entry = entry["one" if values.get("n") == 1 else "other"]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return Markup(entry).format(**shown)

    def word(self, group: str, name: str | None, n: int = 0) -> Markup:
        """Return our word for a label (`intent`, `help`), or the label itself where we have none."""
        key = f"{group}.{name or 'none'}"
        return self.say(key, n=n) if key in self._entries else Markup.escape(name or "")

    def number(self, value: float, digits: int = 0) -> str:
        """Return 12870 as 12.870 (nl) or 12,870 (en)."""
        text = f"{value:,.{digits}f}"
        return text.translate({ord(","): self._thousands, ord("."): self._decimal})

    def amount(self, value: float) -> str:
        """Return a measure as precisely as somebody would say it: 13, 7,5, 0,4."""
        return self.number(value, 0 if value >= 10 or abs(value - round(value)) < 0.05 else 1)

    def share(self, part: float, whole: float) -> str:
        """Return a part of a whole in per cent; what is not nothing is never written as 0, nor almost all as 100."""
        percent = 100 * part / whole if whole else 0.0
        if 0 < percent < 1:
            return f"< 1{self._percent}"
        if part < whole and percent > 99:
            return f"> 99{self._percent}"
        return f"{percent:.0f}{self._percent}"

    def local(self, at: int) -> datetime:
        """Return a moment (microseconds UTC) on the workspace's own clock."""
        return datetime.fromtimestamp(at / SECOND_US, UTC).astimezone(self.zone)

    def hour(self, at: int) -> str:
        """Return 14:20."""
        return f"{self.local(at):%H:%M}"

    def day(self, at: int, now: int) -> str:
        """Return dinsdag 14 april; with the year when it is another than now's."""
        when = self.local(at)
        weekday = self.say(f"weekday.{when.weekday()}")
        month = self.say(f"month.{when.month}")
        year = "" if when.year == self.local(now).year else f" {when.year}"
        return f"{weekday} {when.day} {month}{year}"

    def brief(self, month: int) -> str:
        """Return 3 as mrt (nl) or Mar (en)."""
        return str(self.say("month.brief")).split()[month - 1]

    def moment(self, at: int, now: int) -> str:
        """Return 14:20 today, else 14 apr 14:20; with the year when it is another than now's."""
        when, today = self.local(at), self.local(now)
        if when.date() == today.date():
            return f"{when:%H:%M}"
        month = self.brief(when.month)
        year = "" if when.year == today.year else f" {when.year}"
        return f"{when.day} {month}{year} {when:%H:%M}"

    def lasting(self, seconds: float) -> Markup:
        """Return how long in the unit that a person would use: 40 s, 3 min, 5 u, 12 dagen."""
        if seconds < _SECOND:
            return self.say("lasting.seconds", n=round(max(seconds, 0)))
        if seconds < _MINUTE:
            return self.say("lasting.minutes", n=round(seconds / 60))
        if seconds < 48 * 3600:
            return self.say("lasting.hours", n=round(seconds / 3600))
        return self.say("lasting.days", n=round(seconds / 86400))
