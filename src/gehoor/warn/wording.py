"""How an alert reads in a message: what, since when, how sure, first voice, quotes, what came of others like it."""

from datetime import datetime
from html import escape
from typing import NamedTuple
from urllib.parse import quote as quoted
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.alert import Alert, Earlier, Quote
from gehoor.core.clock import SECOND_US
from gehoor.core.message import Message
from gehoor.core.settings import Settings
from gehoor.warn.wording_words import WORDS

__all__ = ["ended_message", "message_of"]

_HOUR_S = 3_600
_YEARS = (2, 5, 10)  # what is rarer than ten years nobody has measured
_TIMES = 1.5  # below that it is said that it is new


class _Block(NamedTuple):
    """A heading and what stands under it: lines of ours, or quotes."""

    heading: str
    lines: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()


def message_of(alert: Alert, settings: Settings, story: str | None = None) -> Message:
    """Return what is sent when an alert begins, or grows into a crisis: plain text, and HTML, every quote escaped."""
    said = _Said(alert, settings)
    lines = [said.since(), said.sure(), *said.grave()]
    if alert.ended_at is not None:
        lines.append(said.over())
    blocks = [*said.first(), *said.quotes(), *said.earlier()]
    return said.message("alert.began", said.title(), lines, blocks, story)


def ended_message(alert: Alert, settings: Settings, story: str | None = None) -> Message:
    """Return what is sent when a burst is over, to whom it was told."""
    said = _Said(alert, settings)
    return said.message("alert.ended", said.words["ended"].format(brand=said.brand), [said.over()], [], story)


class _Said:
    """One alert in the language and the zone of a workspace."""

    def __init__(self, alert: Alert, settings: Settings) -> None:
        self._alert, self._settings = alert, settings
        self.words, self._zone = WORDS[settings.workspace.interface], ZoneInfo(settings.workspace.timezone)
        known = settings.brands.get(alert.brand)
        self.brand = (known.label if known and known.label else alert.brand) or self.words["everything"]

    def title(self) -> str:
        """Return the first line: the level, the brand, what grows."""
        alert, words = self._alert, self.words
        times = alert.n / alert.expected if alert.expected >= 1 else 0.0
        sort = "silent" if alert.measure == "silence" else "title" if times >= _TIMES else "new"
        if alert.words is not None:
            sort = "beside"
        counted = words.get(alert.measure, words["posts"])
        if alert.need is not None:
            counted = words["about"].format(what=counted, need=words.get(f"need.{alert.need}", alert.need))
        what = words[sort].format(
            brand=self.brand, what=counted,
            times=f"{times:.0f}" if times >= 3 else f"{times:.1f}",
            word=alert.lead.value if alert.lead else "",
        )  # fmt: skip
        return f"{words[f'level.{alert.level}']}: {what}"

    def since(self) -> str:
        """Return since when, and how many."""
        alert = self._alert
        return self.words["since"].format(time=self._time(alert.began_at), n=alert.n, normal=round(alert.expected))

    def sure(self) -> str:
        """Return how sure: how often something as strong comes by chance."""
        weekly = self._alert.false_alarms_per_week
        if weekly >= 1:
            return self.words["sure.often"].format(n=round(weekly))
        weeks = 1 / max(weekly, 1e-9)
        if weeks >= _YEARS[0] * 52:
            return self.words["sure.years"].format(n=max(years for years in _YEARS if weeks >= years * 52))
        return self.words["sure.weeks" if weeks >= 1.5 else "sure.week"].format(n=round(weeks))

    def grave(self) -> list[str]:
        """Return what makes it grave, the two largest shares; nothing where that was not told."""
        crisis = self._alert.crisis
        if crisis is None:
            return []
        ranked = sorted((one for one in crisis.factors if one.share > 0), key=lambda one: -one.share)[:2]
        names = self.words["and"].join(self.words[f"factor.{one.name}"] for one in ranked)
        return [self.words["grave"].format(names=names)] if names else []

    def over(self) -> str:
        """Return when it was over, and how it was at its highest."""
        alert = self._alert
        ended = alert.ended_at if alert.ended_at is not None else alert.detected_at
        return self.words["over"].format(
            time=self._time(ended), lasting=self._lasting(alert.began_at, ended), n=alert.n,
            peak=round(alert.peak_per_minute),
        )  # fmt: skip

    def first(self) -> list[_Block]:
        """Return the first voice."""
        first = self._alert.first
        if first is None or not first.text:
            return []
        return [_Block(self.words["first"].format(time=self._time(first.event_at)), quotes=(first,))]

    def quotes(self) -> list[_Block]:
        """Return what people write."""
        quotes = tuple(quote for quote in self._alert.quotes if quote.text)
        return [_Block(self.words["quotes"], quotes=quotes)] if quotes else []

    def earlier(self) -> list[_Block]:
        """Return what became of alerts of before."""
        lines = tuple(self._line_of(one) for one in self._alert.earlier)
        return [_Block(self.words["earlier"].format(brand=self.brand), lines)] if lines else []

    def _line_of(self, one: Earlier) -> str:
        return self.words["earlier.one"].format(
            day=f"{datetime.fromtimestamp(one.began_at / SECOND_US, self._zone):%d-%m}",
            level=self.words[f"level.{one.level}"].lower(), peak=round(one.peak_per_minute),
            lasting=self._lasting(one.began_at, one.ended_at),
        )  # fmt: skip

    def message(self, kind: str, title: str, lines: list[str], blocks: list[_Block], story: str | None) -> Message:
        """Return the message of these lines and blocks."""
        alert, link = self._alert, self._link()
        text, html = [*lines, ""], [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(line)}</p>" for line in lines)]
        for block in blocks:
            text += [block.heading, *map(_plain, block.quotes), *(f"- {line}" for line in block.lines), ""]
            html += [f"<h2>{escape(block.heading)}</h2>", *map(_quoted, block.quotes)]
            html += [f"<p>{escape(line)}</p>" for line in block.lines]
        look = self.words["look"] if link is None else self.words["look.at"].format(link=link)
        return Message(
            type=kind, at=alert.detected_at if kind == "alert.began" else alert.ended_at or alert.detected_at,
            title=title, text="\n".join([*text, look]), html="\n".join([*html, f"<p>{escape(look)}</p>"]),
            data=msgspec.to_builtins(alert), story=story or alert.id, level=alert.level,
        )  # fmt: skip

    def _link(self) -> str | None:
        base = self._settings.web.public_url
        return f"{base.rstrip('/')}/alerts/{quoted(self._alert.id.replace('/', '~'), safe='~')}" if base else None

    def _time(self, at: int) -> str:
        return datetime.fromtimestamp(at / SECOND_US, self._zone).strftime("%H:%M")

    def _lasting(self, since: int, until: int) -> str:
        seconds = (until - since) / SECOND_US
        if seconds < 2 * _HOUR_S:
            return self.words["minutes"].format(n=max(1, round(seconds / 60)))
        return self.words["hours"].format(n=round(seconds / _HOUR_S))


def _plain(quote: Quote) -> str:
    return f"- {' '.join(quote.text.split())} ({quote.actor_name or '?'}, {quote.channel})"


def _quoted(quote: Quote) -> str:
    return f"<blockquote>{escape(quote.text)}<br><small>{escape(quote.actor_name or '?')}</small></blockquote>"
