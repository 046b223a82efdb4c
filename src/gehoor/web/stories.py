"""What a story says on a page: one sentence, numbers with their ranges, its picture."""

from collections.abc import Sequence
from functools import cached_property
from math import exp, log, sqrt

import msgspec
from markupsafe import Markup

from gehoor.core.clock import SECOND_US
from gehoor.core.post import Post, PostFilter
from gehoor.run.stories import Story
from gehoor.run.story_facts import Claim
from gehoor.run.story_rows import OurWord
from gehoor.web.alerts import name_of
from gehoor.web.filters import posts_path
from gehoor.web.site import Site
from gehoor.web.speech import Speech
from gehoor.web.story_picture import SIZES, Dot, Picture, PictureSource, picture_of
from gehoor.web.story_seen import Seen

__all__ = ["OurEffect", "Range", "StoryTelling", "headline_of", "href_of"]

_HOUR_US = 3_600 * SECOND_US
_NEWS = "feed"
_SURE_EIGHTY, _SURE_95 = 1.2816, 1.96
_RECENT_MIN = 20.0
_ASKING = frozenset(("help", "question"))
_LONGEST_NAME = 24
_QUOTES = 6


class Range(msgspec.Struct, frozen=True):
    """A number with its range; high is None where there is no end in sight."""

    value: float
    low: float
    high: float | None


class OurEffect(msgspec.Struct, frozen=True):
    """What we said, and by how much fewer people asked in the hour after than in the hour before (None: cannot say)."""

    said: OurWord
    fewer: Range | None


def href_of(story: Story) -> str:
    """Return where the page of a story is."""
    return f"/stories/{name_of(story.id)}"


def headline_of(speech: Speech, site: Site, story: Story, name: str) -> Markup:
    """Return what a story is called: its words, and the brand where it is a storm."""
    label = site.brands().get(story.brand, story.brand)
    shown = name[:1].upper() + name[1:] if name else ""
    if not shown:
        return speech.say("story.nameless", brand=label) if label else speech.say("story.nameless.all")
    return Markup("<bdi>{}</bdi>").format(shown)


class StoryTelling:
    """A story in words; hostile text in it stays text.

    Parameters
    ----------
    site : Site
        The workspace.
    seen : Seen
        What was looked up.
    speech : Speech
        In which language.
    """

    def __init__(self, site: Site, seen: Seen, speech: Speech) -> None:
        self.seen, self.story, self.facts = seen, seen.story, seen.facts
        self._site, self._speech = site, speech

    @property
    def href(self) -> str:
        """Where its own page is."""
        return href_of(self.story)

    @property
    def base(self) -> PostFilter:
        """Whose posts it is."""
        return self.story.base

    @property
    def posts_href(self) -> str:
        """Where its posts are."""
        return posts_path(self.base)

    @property
    def headline(self) -> Markup:
        """What it is called."""
        return headline_of(self._speech, self._site, self.story, self.seen.name)

    @cached_property
    def n(self) -> int:
        """How many posts."""
        return len(self.facts.said)

    @property
    def first(self) -> Post | None:
        """Who began: the first voice where that is known, else the first post of a topic."""
        voice = self.story.voice
        return self.seen.posts.get(voice.seq) if voice else None

    @property
    def sentence(self) -> Markup:
        """Who began, when the alarm went, when it was in the news."""
        speech, first = self._speech, self.first
        if first is None:
            return speech.say("story.since", time=speech.moment(self.story.since, self.seen.now))
        who = Markup('<a class="open" href="{}"><bdi>{}</bdi></a>').format(
            posts_path(PostFilter(seq=first.seq)), first.actor_name or first.actor or speech.say("posts.nobody")
        )
        return speech.say("story.first", who=who, time=speech.hour(first.event_at), channel=first.channel.capitalize())

    @property
    def alarm(self) -> Markup | None:
        """After how long the alarm went, and it was in the news."""
        speech, alerts = self._speech, self.story.alerts
        if not alerts:
            return None
        began = self.first.event_at if self.first else min(alert.began_at for alert in alerts)
        lasting = speech.lasting((min(alert.detected_at for alert in alerts) - began) / SECOND_US)
        news = next((one.at for one in self.facts.said if one.channel == _NEWS), None)
        if news is None or news <= began:
            return speech.say("story.alarm", lasting=lasting)
        return speech.say("story.alarm.news", lasting=lasting, news=speech.lasting((news - began) / SECOND_US))

    @property
    def going(self) -> Markup:
        """How it goes on: over, by itself, or how many each ten posts bring."""
        speech, outlook = self._speech, self.facts.outlook
        if self.story.is_over or outlook is None:
            return speech.say("story.over", lasting=speech.lasting((self.story.until - self.story.since) / SECOND_US))
        if outlook.is_supercritical:
            return speech.say("story.grows")
        return speech.say(
            "story.fades" if outlook.contagion < 1 else "story.turns", n=max(0, round(10 * outlook.contagion))
        )

    @property
    def expected(self) -> Range | None:
        """How large it becomes, eight times in ten; None once it is over."""
        outlook = self.facts.outlook
        if self.story.is_over or outlook is None:
            return None
        return Range(outlook.expected, outlook.expected_low, outlook.expected_high)

    @property
    def doubling(self) -> Range | None:
        """In how many seconds it doubles, with a range; None where it hardly grows."""
        outlook = self.facts.outlook
        if self.story.is_over or outlook is None or outlook.doubling_s is None or self.n < 5:
            return None
        recent = 60 * self.n * _RECENT_MIN / outlook.doubling_s
        off = _SURE_EIGHTY / sqrt(recent)
        high = outlook.doubling_s / (1 - off) if off < 1 else None
        return Range(outlook.doubling_s, outlook.doubling_s / (1 + off), high)

    @cached_property
    def quotes(self) -> list[Post]:
        """Who began, who carried it, what was telling: each author once."""
        order = [self.first, *(post for post, _ in self.seen.carriers), *self.seen.posts.values()]
        chosen: dict[str, Post] = {}
        for post in order:
            if post is not None and post.text and post.direction == "in":
                chosen.setdefault(post.actor or post.id, post)
        return list(chosen.values())[:_QUOTES]

    def shared(self, post: Post) -> int:
        """Return how many followed a post, as far as its cascade is known."""
        return next((report.n - 1 for report in self.seen.reports if report.first.seq == post.seq), 0)

    @property
    def claims(self) -> list[tuple[Claim, str]]:
        """What many say alike, and where those posts are."""
        return [
            (claim, posts_path(msgspec.structs.replace(self.base, topic=claim.part.topic.id)))
            for claim in self.facts.claims
        ]

    @cached_property
    def ours(self) -> list[OurEffect]:
        """What we said to all, the same words once, and how many asked before and after."""
        said: dict[str, OurWord] = {}
        for word in self.seen.ours:
            said.setdefault(word.text, word)
        return [OurEffect(word, self._fewer(word.at)) for word in said.values()]

    def _fewer(self, at: int) -> Range | None:
        """Return by which share fewer people asked in the hour after; None where the hour is not over, or few asked."""
        if min(self.seen.now, self.story.until) < at + _HOUR_US:
            return None
        asked = [one.at for one in self.facts.said if one.intent in _ASKING and at - _HOUR_US <= one.at < at + _HOUR_US]
        after = sum(moment >= at for moment in asked)
        before = len(asked) - after
        if before < 10 or after < 3:
            return None
        off = _SURE_95 * sqrt(1 / before + 1 / after)
        ratio = log(after / before)
        return Range(1 - exp(ratio), 1 - exp(ratio + off), 1 - exp(ratio - off))

    @cached_property
    def pictures(self) -> list[Picture]:
        """How it spread, drawn wide, middle and narrow."""
        source = PictureSource(
            since=self.story.since, until=min(self.story.until, self.seen.now), said=self.facts.said,
            tree=[one for report in self.seen.reports for one in report.posts], dots=self._dots(),
        )  # fmt: skip
        return [picture_of(source, size, self.facts.channels.most_common()) for size in SIZES]

    def _dots(self) -> Sequence[Dot]:
        speech, first = self._speech, self.first
        found = [
            Dot(post.seq, post.event_at, post.channel, "carrier", _short(post), "") for post, _ in self.seen.carriers
        ]
        if first is not None:
            voice = str(speech.say("story.voice"))
            found.append(Dot(first.seq, first.event_at, first.channel, "first", voice, speech.hour(first.event_at)))
        told: set[str] = set()
        for number, word in enumerate(self.seen.ours):
            is_named = word.text not in told and number < 4
            told.add(word.text)
            name = str(speech.say("story.we")) if is_named else ""
            found.append(Dot(word.seq, word.at, word.channel, "ours", name, speech.hour(word.at)))
        return found


def _short(post: Post) -> str:
    name = post.actor_name or post.actor or ""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
