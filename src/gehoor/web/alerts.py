"""What an alert says on a page: one sentence, how strong, since when, who began; and its curve."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from math import sqrt
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from gehoor.core.alert import Alert, Carrier, Role
from gehoor.core.clock import SECOND_US
from gehoor.core.needs import count_needs
from gehoor.core.reader import Cell, PostFilter
from gehoor.core.role import key_of, role_of, roles_query
from gehoor.web.curve import Expected, curve_of
from gehoor.web.drawing import Drawing, Mark
from gehoor.web.filters import posts_path
from gehoor.web.period import Period
from gehoor.web.site import Site
from gehoor.web.speech import Speech

__all__ = ["OPEN_ONLY", "Telling", "id_of", "name_of", "open_alerts", "telling_of"]

_MINUTE_US = 60 * SECOND_US
_HOUR_US = 60 * _MINUTE_US
_STEPS_S = (60, 600, 3600)
_MOST_STEPS, _MOST_READ = 300, 5_000
_FEW = 0.5
_SUREST = 0.99
_TWICE = 1.5
_WEEKS_A_YEAR, _YEARS = 52, (2, 5, 10)  # what is rarer than ten years nobody has measured
_90_PERCENT = 1.645  # of a count around its mean, either side
OPEN_ONLY = 1 << 62
"""Asked for as `since`: only what has not ended lasts until then."""


class Telling:
    """An alert in words; hostile text in it stays text.

    Parameters
    ----------
    site : Site
        The workspace.
    alert : Alert
        What grew.
    speech : Speech
        In which language.
    now : int
        Microseconds UTC.
    """

    def __init__(self, site: Site, alert: Alert, speech: Speech, now: int) -> None:
        self.alert = alert
        self._site, self._speech, self._now = site, speech, now

    @property
    def href(self) -> str:
        """Where its own page is."""
        return f"/alerts/{name_of(self.alert.id)}"

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.alert.ended_at is not None

    @property
    def sentence(self) -> Markup:
        """What grew, about whom."""
        label = self._site.brands().get(self.alert.brand, self.alert.brand)
        about = self._speech.say("alert.about", brand=Markup("<bdi>{}</bdi>").format(label)) if label else Markup("")
        if self.alert.beside is not None and self.alert.lead is not None:
            word = Markup("<bdi>{}</bdi>").format(self.alert.lead.value)
            return self._speech.say("alert.what.beside", about=about, word=word)
        if self.alert.need is not None:
            return self._speech.say("alert.what.need", about=about, need=self._speech.word("need", self.alert.need))
        return self._speech.say(f"alert.what.{self.alert.measure}", about=about)

    @property
    def lead(self) -> Markup | None:
        """Which channel, motive, need, word or link stood out most, where one did."""
        lead, speech = self.alert.lead, self._speech
        if lead is None:
            return None
        if self.alert.need is not None:
            return speech.say("alert.lead.need.alone")
        value = speech.word(lead.kind, lead.value) if lead.kind in ("motive", "need") else lead.value
        shown = Markup("<bdi>{}</bdi>").format(value.capitalize() if lead.kind == "channel" else value)
        return speech.say(f"alert.lead.{lead.kind}", value=shown)

    @property
    def since(self) -> Markup:
        """Since when, or from when until when."""
        alert, speech = self.alert, self._speech
        began = speech.moment(alert.began_at, self._now)
        if alert.ended_at is None:
            return speech.say("alert.since", time=began)
        is_same_day = speech.local(alert.began_at).date() == speech.local(alert.ended_at).date()
        ended = speech.hour(alert.ended_at) if is_same_day else speech.moment(alert.ended_at, self._now)
        return speech.say("alert.from_until", since=began, until=ended)

    @property
    def strength(self) -> Markup:
        """How much more than what is normal."""
        alert, speech = self.alert, self._speech
        if alert.expected < _FEW:
            return speech.say("alert.strength.new")
        times = alert.n / alert.expected
        if times < _TWICE:
            return speech.say("alert.strength.more", share=speech.share(times - 1, 1))
        return speech.say("alert.strength.times", times=speech.amount(times))

    @property
    def sure(self) -> Markup:
        """How sure we are."""
        return self._speech.say("alert.sure", share=self._speech.share(min(self.alert.probability, _SUREST), 1))

    @property
    def sure_sentence(self) -> Markup:
        """The same in a sentence of its own."""
        return self._speech.say("alert.sure.long", share=self._speech.share(min(self.alert.probability, _SUREST), 1))

    @property
    def chance(self) -> Markup:
        """How sure we are, as anybody can picture it: how often something as strong comes by chance."""
        weekly, say = self.alert.false_alarms_per_week, self._speech.say
        if weekly >= 1:
            return say("alert.chance.often", n=round(weekly))
        weeks = 1 / max(weekly, 1e-9)
        if weeks >= _YEARS[0] * _WEEKS_A_YEAR:
            return say("alert.chance.years", n=max(years for years in _YEARS if weeks >= years * _WEEKS_A_YEAR))
        return say("alert.chance.weeks" if weeks >= _TWICE else "alert.chance.week", n=round(weeks))

    @property
    def is_snoozed(self) -> bool:
        """Whether somebody asked for silence about it until later."""
        return self.alert.snoozed_until is not None and self.alert.snoozed_until > self._now

    @property
    def state(self) -> Markup:
        """How it stands, in a word or two."""
        alert, speech = self.alert, self._speech
        if alert.verdict:
            return speech.word("alert.verdict", alert.verdict)
        if self.is_over:
            return speech.say("alerts.state.over")
        if self.is_snoozed:
            return speech.say("alert.snoozed", time=speech.moment(alert.snoozed_until or 0, self._now))
        if alert.acknowledged_at is not None:
            return speech.say("alert.seen.at", time=speech.moment(alert.acknowledged_at, self._now))
        return speech.say("alert.going")

    @property
    def over(self) -> Markup | None:
        """When it was over, and after how long; None while it goes on."""
        alert, speech = self.alert, self._speech
        if alert.ended_at is None:
            return None
        lasting = speech.lasting((alert.ended_at - alert.began_at) / SECOND_US)
        return speech.say("alert.over", time=speech.moment(alert.ended_at, self._now), lasting=lasting)

    @cached_property
    def roles(self) -> dict[Carrier, Role | None]:
        """Who those are who carry it: as people said since, else as it was known then."""
        keys = {key_of(one.channel, one.actor): one for one in self.alert.carriers}
        said = {row.actor_key: row.role for row in self._site.reader.stored(roles_query(keys))} if keys else {}
        return {one: role_of(said[key]) if key in said else one.role for key, one in keys.items()}

    @property
    def base(self) -> PostFilter:
        """Whose posts were counted, in whole minutes."""
        alert = self.alert
        until = alert.ended_at if alert.ended_at is not None else max(self._now, alert.detected_at) + 1
        is_wish = alert.measure not in ("posts", "authors", "negative", "silence")
        return PostFilter(
            kind="say", brand=alert.brand or None, words=alert.words, need=alert.need,
            sentiment="negative" if alert.measure == "negative" else None, intent=alert.measure if is_wish else None,
            since=alert.began_at // _MINUTE_US * _MINUTE_US,
            until=-(-until // _MINUTE_US) * _MINUTE_US,
        )  # fmt: skip

    @property
    def posts_href(self) -> str:
        """Where its posts are."""
        return posts_path(self.base)

    @cached_property
    def n(self) -> int:
        """How many posts stand behind it now: as many as `posts_href` opens; 0 when its day was dropped."""
        return sum(cell.n for cell in self._cells(self.base, 60))

    @property
    def curve(self) -> Drawing:
        """Its course, from some time before it until some time after."""
        period = self._period()
        cells = self._cells(
            msgspec.structs.replace(self.base, since=period.since, until=period.until), period.resolution
        )
        mean = self.alert.normal_per_minute * period.step_s / 60
        reach = _90_PERCENT * sqrt(mean)
        an_hour = 3600 / period.step_s
        normal = (max(0.0, mean - reach) * an_hour, (mean + reach) * an_hour)
        points = curve_of(cells, period, min(self._now, period.until), self._site.zone)
        return Drawing(
            period=period, points=points, base=self.base, speech=self._speech, now=self._now,
            expected=Expected([normal] * 24, normal, 0), marks=[self.mark],
        )  # fmt: skip

    @property
    def mark(self) -> Mark:
        """Where it stands on a curve."""
        at = self.alert.detected_at
        return Mark(at, self.alert.level, str(self._speech.say("alert.mark", time=self._speech.hour(at))), self.href)

    def _period(self) -> Period:
        base = self.base
        assert base.since is not None
        assert base.until is not None
        lead = max(_HOUR_US, min(base.until - base.since, 24 * _HOUR_US))
        step = next((s for s in _STEPS_S if (base.until - base.since + 2 * lead) <= _MOST_STEPS * s * SECOND_US), 3600)
        step_us = step * SECOND_US
        since = (base.since - lead) // step_us * step_us
        until = -(-(min(base.until + lead // 2, max(self._now, base.until))) // step_us) * step_us
        return Period(name="alert", since=since, until=until, step_s=step, is_past=self.is_over)

    def _cells(self, base: PostFilter, resolution: int) -> list[Cell]:
        assert base.since is not None
        assert base.until is not None
        if base.words is not None:  # sums know no words
            step = resolution * SECOND_US
            moments = [post.event_at // step * step for post in self._site.reader.posts(base, _MOST_READ)]
            return [Cell(at=at, n=n, n_copies=0) for at, n in sorted(Counter(moments).items())]
        if base.need is not None:
            counts = count_needs(
                self._site.reader, resolution=60 if resolution < 3600 else 3600,
                since=base.since, until=base.until, by=("at",), brand=base.brand or "",
            )  # fmt: skip
            return [Cell(at=one.at, n=one.n, n_copies=0) for one in counts if one.need == base.need]
        cells = self._site.reader.counts(
            resolution=resolution, since=base.since, until=base.until,
            by=("at", "sentiment", "intent"), brand=base.brand or "",
        )  # fmt: skip
        return [
            cell for cell in cells if base.sentiment in (None, cell.sentiment) and base.intent in (None, cell.intent)
        ]

    @property
    def channels(self) -> list[tuple[str, int]]:
        """Posts by channel, most first."""
        return sorted(self.alert.channels.items(), key=lambda pair: (-pair[1], pair[0]))


def name_of(id_: str) -> str:
    """Return what an alert is called in an address: its id has slashes, and a path would break at them.

    Examples
    --------
    >>> name_of("acme/help/1776168000"), id_of("acme~help~1776168000")
    ('acme~help~1776168000', 'acme/help/1776168000')
    """
    return quote(id_.replace("/", "~"), safe="~")


def id_of(name: str) -> str:
    """Return the id of an alert that an address names."""
    return name.replace("~", "/")


def telling_of(site: Site, speech: Speech, now: int, alerts: Iterable[Alert]) -> list[Telling]:
    """Return alerts in words, in their order."""
    return [Telling(site, alert, speech, now) for alert in alerts]


def open_alerts(alerts: Sequence[Alert], now: int = 0) -> list[Alert]:
    """Return those that go on, that nobody called false and that are not put off until later than `now` (0: no matter).

    The gravest first, then the newest.
    """
    going = [
        alert
        for alert in alerts
        if alert.ended_at is None and alert.verdict != "false" and not (now and (alert.snoozed_until or 0) > now)
    ]
    return sorted(going, key=lambda alert: (-alert.level, -alert.began_at, alert.id))
