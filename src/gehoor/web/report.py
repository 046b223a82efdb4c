"""The manager's page in words and drawings: how the desk stands, and who needs help."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from gehoor.answer.figures import DeskFigures, Load, ReplyTimes
from gehoor.core.clock import SECOND_US
from gehoor.core.settings_desk import Desk
from gehoor.run.desk_figures import OPEN, WAITING
from gehoor.web.money import money
from gehoor.web.report_drawing import COUNTS, SECONDS, HourDrawing, hours_drawn
from gehoor.web.speech import Speech

__all__ = ["Report", "Share", "found_at"]

_WIDE, _NARROW = (460, 220), (300, 200)


class Share(msgspec.Struct, frozen=True):
    """A part of a whole, as a sentence says it and a bar draws it; where its conversations are."""

    words: Markup
    part: float
    href: str


def found_at(view: str) -> str:
    """Return where the conversations of a view are."""
    return f"/inbox?{urlencode({'q': view})}"


class Report:
    """What was counted, told.

    Parameters
    ----------
    names : mapping of str to str
        Of the members of the team, by their id.
    """

    def __init__(self, figures: DeskFigures, desk: Desk, names: Mapping[str, str], speech: Speech) -> None:
        self.figures, self._desk, self._names, self._speech = figures, desk, names, speech

    @property
    def is_empty(self) -> bool:
        """Whether nobody wrote in the weeks that are looked at, and nothing is open."""
        return not (self.figures.n_owed or self.figures.n_open)

    @property
    def sentence(self) -> Markup:
        """The page's answer: how many wait, and whether anybody waits for longer than was promised."""
        found, say = self.figures, self._speech.say
        if found.n_late:  # also a matter that was answered and is not resolved in time
            return say("report.lead.late", n=found.n_waiting, late=found.n_late)
        if not found.n_waiting:
            return say("report.lead.none")
        return say("report.lead.fine" if self._desk.policies else "report.lead.unpromised", n=found.n_waiting)

    @property
    def now(self) -> list[tuple[str, int, str, Markup | None]]:
        """What stands there now: a key of words, how many, where they are, and what is told besides."""
        found = self.figures
        since = found.waiting_since
        longest = self._speech.say("report.longest", time=self._ago(since)) if since is not None else None
        late = None if self._desk.policies else self._speech.say("report.no_promise")
        return [
            ("open", found.n_open, found_at(f"{OPEN} sort:priority"), None),
            ("waiting", found.n_waiting, found_at(f"{WAITING} sort:waiting"), longest),
            ("late", found.n_late, found_at("is:late sort:waiting"), late),
        ]

    def time(self, seconds: float | None, times: ReplyTimes) -> Markup | str:
        """Return how long in words; where too many wait still, that."""
        if seconds is not None:
            return self._speech.lasting(seconds)
        return self._speech.say("report.not_yet") if times.n else "–"

    @property
    def first_says(self) -> Markup:
        """How soon people hear from us first."""
        times, say = self.figures.times, self._speech.say
        if times.p50_s is None:
            return say("report.first.waiting" if times.n else "report.first.none")
        return say("report.first.say", half=self.time(times.p50_s, times), most=self.time(times.p90_s, times))

    @property
    def replies(self) -> dict[str, HourDrawing]:
        """First replies by hour, drawn wide and narrow: half of them, and nine in ten."""
        told = [(one.p50_s, one.p50_s, one.p90_s) for one in self.figures.hours]
        return {"wide": hours_drawn(told, SECONDS, *_WIDE), "narrow": hours_drawn(told, SECONDS, *_NARROW)}

    @property
    def tomorrow(self) -> dict[str, HourDrawing]:
        """What comes tomorrow, drawn wide and narrow."""
        hours = self.figures.ahead.hours if self.figures.ahead else []
        told = [(one.expected, float(one.low), float(one.high)) for one in hours]
        return {"wide": hours_drawn(told, COUNTS, *_WIDE), "narrow": hours_drawn(told, COUNTS, *_NARROW)}

    @property
    def tomorrow_says(self) -> Markup:
        """How much comes, and whether there are people enough."""
        ahead, say = self.figures.ahead, self._speech.say
        if ahead is None:
            return say("report.ahead.none")
        told = say("report.ahead", n=round(ahead.total), low=round(ahead.low), high=round(ahead.high))
        known = [one for one in ahead.hours if one.on_duty is not None]
        if not known:
            return told + " " + say("report.ahead.no_roster")
        short = [one for one in known if one.needed > (one.on_duty or 0)]
        if not short:
            return told + " " + say("report.ahead.enough")
        worst = max(short, key=lambda one: one.needed - (one.on_duty or 0))
        first = {"n": len(short), "hour": f"{worst.hour}:00", "needed": worst.needed, "there": worst.on_duty or 0}
        return told + " " + say("report.ahead.short", **first)

    def name(self, load: Load) -> str:
        """Return who it is."""
        if not load.who:
            return str(self._speech.say("report.nobody"))
        return self._names.get(load.who) or (str(self._speech.say("desk.you")) if load.who == "you" else load.who)

    def loads(self, kind: str) -> list[tuple[Load, str]]:
        """Return what people, or teams, look after, by name; each with where it is."""
        mine = self.figures.members if kind == "assignee" else self.figures.teams
        ordered = sorted(mine, key=lambda load: (not load.who, self.name(load).casefold()))
        return [(load, f'{kind}:"{load.who}"' if load.who else f"{kind}:none") for load in ordered]

    def help(self, load: Load) -> Markup | None:
        """Return why somebody needs help; None where they do not."""
        if load.is_over:
            return self._speech.say("report.help.over", most=load.most or 0)
        return None

    def waited(self, load: Load) -> Markup | str:
        """Return how long the one who waits longest waits."""
        return self._ago(load.waiting_since) if load.waiting_since is not None else "–"

    def cost(self, value: float | None) -> str:
        """Return an amount; nothing where no cost was set."""
        return "–" if value is None else money(self._speech, value, self._desk.currency)

    @property
    def listening(self) -> list[Share]:
        """Answers given to answers owed, and conversations to broadcasts."""
        found, say = self.figures, self._speech.say
        spoken = found.n_talks + found.n_broadcasts
        given = {"given": found.n_given, "owed": found.n_owed, "share": self._of(found.n_given, found.n_owed)}
        talks = {"talks": found.n_talks, "alone": found.n_broadcasts, "share": self._of(found.n_talks, spoken)}
        owing = found_at("is:all is:unanswered")
        shares = [
            Share(say("report.given", **given), found.n_given / (found.n_owed or 1), owing),
            Share(say("report.talks", **talks), found.n_talks / (spoken or 1), found_at("is:all")),
        ]
        return shares if spoken else shares[:1]

    def _of(self, part: int, whole: int) -> str:
        return self._speech.share(part, whole) if whole else "–"

    def _ago(self, since: int) -> Markup:
        return self._speech.lasting((self.figures.at - since) / SECOND_US)
