"""The mirror in sentences: what an edition says, for pages, mails and paper alike."""

from collections.abc import Iterable

from markupsafe import Markup

from gehoor.core.edition import DAYS, Channel, Edition, Theme
from gehoor.core.mirror_change import Advice, Driver, Explained, Followed, Lift, Renewed, Shifted
from gehoor.core.mirror_figure import Index
from gehoor.web.mirror_index import IndexTold, lift_told, signed, way_of
from gehoor.web.speech import Speech

__all__ = ["MirrorTold"]

_SHARES = ("retention", "answered")
_ILL = ("negative", "complaint", "leaving")

_OWN_WORDS = {("language", "und"), ("channel", "shop"), ("channel", "mail"), ("channel", "phone")}

_LOW, _HIGH = 16.0, 84.0
"""A standard deviation below and above what is normal in a year."""


class MirrorTold(IndexTold):
    """What an edition says, in one language.

    Parameters
    ----------
    edition : Edition
        Of any period.
    names : dict of str to str
        What brands are called, by their name in `gehoor.toml`.
    """

    def __init__(self, edition: Edition, speech: Speech, names: dict[str, str]) -> None:
        before = str(speech.say(f"mirror.before.{edition.period}"))
        super().__init__(speech, (edition.first_day, edition.last_day), edition.made_at, before)
        self.edition, self._names = edition, names
        self.period = str(speech.say(f"mirror.a.{edition.period}"))

    # -- the first glance ---------------------------------------------------------------------------------------------

    @property
    def headline(self) -> Markup:
        """The page's answer in at most seven words."""
        edition = self.edition
        ways = [way_of(edition.captivating), way_of(edition.binding)]
        if self.is_early:
            return self._speech.say("mirror.head.nothing")
        far = self._far_from_usual() if set(ways) <= {"same", ""} else ""
        if far:
            return self._speech.say(f"mirror.head.{far}", period=self.period)
        if ways[1] == "up" and self._moved(
            "retention", -1
        ):  # who is answered binds too; but nobody may read "they stay"
            ways[1] = "same"
        if ways[0] == "up" and ways[1] != "down" and any(self._moved(ill, 1) for ill in _ILL):
            return self._speech.say("mirror.head.storm")
        return self._speech.say(f"mirror.head.{ways[0] or 'same'}.{ways[1] or 'same'}", period=self.period)

    def _moved(self, measure: str, way: int) -> bool:
        """Tell whether a driver says that a measure rose (1) or fell (-1)."""
        return any(one.measure == measure and (one.now - one.before) * way > 0 for one in self.edition.drivers)

    @property
    def is_early(self) -> bool:
        """Whether there is nothing yet to compare with."""
        return way_of(self.edition.captivating) == way_of(self.edition.binding) == ""

    def _far_from_usual(self) -> str:
        """Return how what did not change stands: `low` or `high` beyond a standard deviation of the year, or `odd`."""
        both = [one.relative for one in (self.edition.captivating, self.edition.binding)]
        low = any(one.high is not None and one.high < _LOW for one in both)
        high = any(one.low is not None and one.low > _HIGH for one in both)
        return "odd" if low and high else "low" if low else "high" if high else ""

    @property
    def standing(self) -> list[Markup]:
        """What a director reads: who was there, the greatest change, who was answered."""
        edition, say = self.edition, self._speech.say
        if not edition.n_posts + edition.n_people:
            return [say("mirror.stand.nothing")]
        found = [say("mirror.stand.people", people=say("mirror.people", n=edition.n_people),
                     posts=say("n_posts", n=edition.n_posts))]  # fmt: skip
        found += [self.driver(driver) for driver in edition.drivers[:1]]
        listening = edition.listening
        if listening.n_asked:
            found.append(say("mirror.stand.answered", n=listening.n_answered, asked=listening.n_asked))
        return found

    def months(self, index: Index) -> list[tuple[str, str]]:
        """Return the curve of an index as a table: each month, newest first, with the mean of its measured days."""
        curve, found = self.edition.curve, dict[str, list[float]]()
        values = curve.captivating if index.name == "captivating" else curve.binding
        for day, value in zip(curve.days, values, strict=True):
            if value is not None:
                found.setdefault(day[:7], []).append(value)
        return [
            (f"{self._speech.say(f'month.{int(month[5:])}')} {month[:4]}", self._speech.number(sum(all_) / len(all_)))
            for month, all_ in reversed(found.items())
        ]

    # -- what changed -------------------------------------------------------------------------------------------------

    def where(self, dimension: str, value: str) -> Markup:
        """Say of which part of the people or posts it is about: `op mastodon`; empty where it is all of them."""
        if not dimension:
            return Markup("")
        if (dimension, value) in _OWN_WORDS:
            return self._speech.say(f"mirror.in.{dimension}.{value}")
        return self._speech.say(f"mirror.in.{dimension}", value=self.name(dimension, value))

    def name(self, dimension: str, value: str) -> Markup | str:
        """Return what a value of a dimension is called."""
        groups = {"need": "need", "motive": "motive", "intent": "facet.intent", "sentiment": "facet.sentiment"}
        if dimension == "brand":
            return self._names.get(value, value)
        if dimension == "language":
            return self._speech.word("tongue", value)
        return self._speech.word(groups[dimension], value) if dimension in groups else Markup("<bdi>{}</bdi>").format(
            value or self._speech.say("mirror.elsewhere")
        )  # fmt: skip

    def driver(self, driver: Driver) -> Markup:
        """Say a driver in a sentence."""
        way = "up" if driver.now >= driver.before else "down"
        return self._speech.say(
            f"mirror.driver.{driver.measure}.{way}", where=_spaced(self.where(driver.dimension, driver.value)),
            now=self.amount(driver.measure, driver.now), before=self.amount(driver.measure, driver.before),
            period=self.period,
        )  # fmt: skip

    def amount(self, measure: str, value: float) -> str:
        """Return a share or a count of a measure."""
        return self._speech.share(value, 1) if measure in _SHARES else self._speech.amount(value)

    @property
    def nothing_changed(self) -> Markup:
        """What is said where no driver is told."""
        return self._speech.say("mirror.why.early" if self.is_early else "mirror.why.none")

    @property
    def nothing_to_do(self) -> Markup:
        """What is said where no advice is given."""
        return self._speech.say("mirror.do.early" if self.is_early else "mirror.do.none")

    @property
    def told_apart(self) -> list[Explained]:
        """How the changes beyond chance are made up: what did not change needs no explanation."""
        changed = {driver.measure for driver in self.edition.drivers}
        return [one for one in self.edition.explained if one.measure in changed]

    def explained(self, one: Explained) -> Markup:
        """Say how a change is made up."""
        names = self.listed(self.name(one.dimension, value) for value in one.values)
        dimension = self._speech.say(f"mirror.dimension.{one.dimension}")
        measure = self._speech.say(f"mirror.measure.{one.measure}")
        if one.rate is None or one.mix is None:
            part = self._speech.share(min(one.explains or 0.0, 1.0), 1)
            return self._speech.say(
                "mirror.explained.count", measure=measure, dimension=dimension, names=names, part=part
            )
        key = "rate" if abs(one.rate) >= abs(one.mix) else "mix"
        rate, mix = (signed(self._speech, 100 * part, 1) for part in (one.rate, one.mix))
        return self._speech.say(f"mirror.explained.{key}", measure=measure, dimension=dimension, rate=rate, mix=mix)

    def shift(self, shift: Shifted) -> Markup:
        """Say from when on a level is another."""
        return self._speech.say(
            f"mirror.shift.{'up' if shift.after > shift.before else 'down'}", day=self.day(shift.day),
            measure=self._speech.say(f"mirror.measure.{shift.measure}"),
            before=self.amount(shift.measure, shift.before), after=self.amount(shift.measure, shift.after),
        )  # fmt: skip

    def moment(self, lift: Lift) -> Markup:
        """Say what a moment brought, and whether that may be chance."""
        told = lift_told(self._speech, lift.lift)
        if lift.is_live:
            return self._speech.say("mirror.moment.live", told=told)
        return told if lift.is_real or lift.lift.value is None else self._speech.say("mirror.moment.chance", told=told)

    def renewal(self, one: Renewed) -> Markup:
        """Say what came of something new."""
        return self._speech.say("mirror.renewal.new") if one.lift is None else lift_told(self._speech, one.lift)

    # -- what to do ---------------------------------------------------------------------------------------------------

    def advice(self, advice: Advice) -> Markup:
        """Say what to do."""
        because = advice.because
        where = _spaced(self.where(because.dimension, because.value))
        return self._speech.say(f"mirror.act.{advice.act}", where=where)

    def followed(self, one: Followed) -> Markup:
        """Say what became of earlier advice."""
        where = _spaced(self.where(one.dimension, one.value))
        did = self._speech.say(f"mirror.act.{one.act}", where=where)
        values = {"before": self.amount(one.measure, one.before), "then": self.amount(one.measure, one.then)}
        if one.now is None or one.helped is None:
            return self._speech.say(f"mirror.followed.{one.state}", did=did)
        key = f"mirror.followed.{'helped' if one.helped else 'not_helped'}"
        return self._speech.say(key, did=did, now=self.amount(one.measure, one.now), **values)

    # -- the rest -----------------------------------------------------------------------------------------------------

    def channel(self, channel: Channel) -> Markup:
        """Say whether a channel fills or empties, and where people went."""
        went = [(name, n) for name, n in channel.went_to if name]
        if channel.way == "emptying" and went:
            name, n = went[0]
            return self._speech.say("mirror.way.went", n=n, where=Markup("<bdi>{}</bdi>").format(name))
        return self._speech.say(f"mirror.way.{channel.way}")

    def growth(self, now: float, before: float) -> str:
        """Return by how much there is more or less: + 41 %."""
        if before <= 0:
            return str(self._speech.say("mirror.new")) if now else "–"
        change = 100 * (now - before) / before
        sign = "+" if change > 0.5 else "−" if change < -0.5 else ""
        whole = min(max(1, round(abs(change))), 999) if sign else 0
        return f"{sign}{self._speech.share(whole, 100)}"

    @property
    def truth(self) -> Markup:
        """Say whether binding tells who stays."""
        truth = self.edition.truth
        if truth.verdict == "too early":
            return self._speech.say("mirror.truth.early", n=truth.n_foretold, needed=truth.n_needed)
        return self._speech.say(f"mirror.truth.{truth.verdict}", n=truth.n_foretold)

    def listed(self, names: Iterable[Markup | str]) -> Markup:
        """Return names one after the other: a, b en c."""
        every = list(names)
        if len(every) < 2:
            return Markup("").join(every)
        return self._speech.say("mirror.and", names=Markup(", ").join(every[:-1]), last=every[-1])

    @property
    def heard(self) -> list[Markup]:
        """Say whether those who were answered sounded glad, and who talks most."""
        hears, say = self.edition.listening, self._speech.say
        found = [say("mirror.talk", ours=hears.n_ours, answers=hears.n_answers, theirs=hears.n_theirs)]
        if hears.thanked.value is not None:
            glad = say("mirror.thanked", share=self.value(hears.thanked), range=self.range_of(hears.thanked))
            found.insert(0, glad)
        return found

    @property
    def society(self) -> Markup | None:
        """Say how much is said of our part in society, and how much of it is angry; None where nothing is."""
        hears = self.edition.listening
        if not hears.society_posts:
            return None
        return self._speech.say("mirror.society", n=hears.society_posts, share=self.value(hears.society))

    def theme(self, theme: Theme) -> Markup:
        """Say of a theme whether there is more of it, and how much of it is angry."""
        grew = self.growth(theme.n, theme.n_before)
        return self._speech.say("mirror.society.theme", grew=grew, share=self.value(theme.negative),
                                range=self.range_of(theme.negative))  # fmt: skip

    @property
    def apart(self) -> list[Markup]:
        """Say who counts as no person: what talks like a machine, and who does not want to be known."""
        edition = self.edition
        both = (("mirror.left_out", edition.n_left_out), ("mirror.objecting", edition.n_objecting))
        return [self._speech.say(key, n=n) for key, n in both if n]

    @property
    def n_days(self) -> int:
        """How many days the period has."""
        return DAYS[self.edition.period]


def _spaced(text: Markup) -> Markup:
    return Markup(" ") + text if text else text
