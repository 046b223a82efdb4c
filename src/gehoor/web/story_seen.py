"""What pages of stories show, looked up once for everybody who looks at the same."""

import threading
from collections import Counter
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from gehoor.core.alert import Alert
from gehoor.core.clock import SECOND_US
from gehoor.core.post import Post, PostFilter
from gehoor.core.story_claim import ClaimNote, claim_notes
from gehoor.core.tables.spread import cascade
from gehoor.run.cascades import CascadeReport, cascade_report, cascades_of
from gehoor.run.stories import Story, stories
from gehoor.run.story_facts import StoryFacts, facts_of
from gehoor.run.story_name import name_of_story
from gehoor.run.story_rows import OurWord, Said, our_words, said_in
from gehoor.web.site import Site

__all__ = ["Listed", "Seen", "SeenStories"]

_FRESH_US = 4 * SECOND_US
_KEPT = 30
_REPORTS, _LOOKED, _CARRIERS, _SIMILAR = 3, 1_500, 3, 3
_HOUR_US = 3_600 * SECOND_US
_STEPS = 24


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A story on the list: how many posts, people, of each tone, in the last hour, and its course in 24 steps."""

    story: Story
    name: str
    n: int
    n_people: int
    n_lately: int
    tones: Counter[str | None]
    course: list[float]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A story with all that its page shows.

    Attributes
    ----------
    reports : list of CascadeReport
        Its largest cascades.
    posts : dict
        The posts that stand out, by offset: the first voice, carriers, quotes.
    carriers : list of (Post, float)
        Who carried it, by the post that brought most, and how many that were.
    similar : list of Listed
        What became of others of the brand.
    """

    story: Story
    name: str
    facts: StoryFacts
    reports: list[CascadeReport]
    posts: dict[int, Post]
    carriers: list[tuple[Post, float]]
    ours: list[OurWord]
    notes: dict[int, ClaimNote]
    similar: list[Listed]
    now: int


class SeenStories:
    """Keeps what was last looked up for some seconds, or for as long as nothing is heard.

    Parameters
    ----------
    site : Site
        The workspace.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[tuple[int, ...], int, Seen]] = {}
        self._listed: dict[str, tuple[tuple[int, ...], Listed]] = {}
        self._list: tuple[int, int, list[Listed]] | None = None

    def now(self) -> int:
        """Return the moment of the stories: now, or the end of what was heard where that is longer ago."""
        now, heard = self._site.clock.now(), self._site.reader.period()
        return now if heard is None else min(now, heard[1] + _HOUR_US)

    def listed(self) -> list[Listed]:
        """Return all stories, those that grow fastest first."""
        now, head = self._site.clock.now(), self._site.reader.head()
        with self._lock:
            if self._list is None or (self._list[0] != head and not 0 <= now - self._list[1] < _FRESH_US):
                moment = self.now()
                found = [self._row(story, moment) for story in stories(self._site.reader, moment)]
                self._list = (head, now, sorted((one for one in found if one.n), key=_order))
            alerts = {alert.id: alert for alert in self._site.reader.alerts(limit=200)}
            return [_judged(one, alerts) for one in self._list[2]]

    def _row(self, story: Story, now: int) -> Listed:
        """Return a story as the list shows it; what is over does not change any more."""
        state = (story.since, story.until, story.topic.n if story.topic else 0)
        known = self._listed.get(story.id)
        if known is not None and story.is_over and known[0] == state:
            return msgspec.structs.replace(known[1], story=story)
        said = said_in(self._site.reader, story.base)
        row = Listed(
            story=story, name=name_of_story(self._site.reader, self._site.settings, story, said), n=len(said),
            n_people=len({one.actor_key for one in said}), n_lately=sum(one.at >= now - _HOUR_US for one in said),
            tones=Counter(one.sentiment for one in said), course=_course(said),
        )  # fmt: skip
        self._listed[story.id] = (state, row)
        return row

    def name(self, story: Story) -> str:
        """Return what a story is called, as it was last looked up."""
        with self._lock:
            known = self._listed.get(story.id)
            return known[1].name if known is not None else self._row(story, self.now()).name

    def seen(self, story: Story) -> Seen:
        """Return a story as its page shows it. Cost: 150 ms at 10,000 posts, nothing while it stays the same."""
        site, now = self._site, self._site.clock.now()
        state = (site.reader.head(), story.since, *(hash((a.verdict, a.level, a.ended_at)) for a in story.alerts))
        with self._lock:
            known = self._seen.get(story.id)
            if known is None or (known[0] != state and (known[0][1:] != state[1:] or now - known[1] >= _FRESH_US)):
                seen = self._look(story, self.now())
                latest = list(self._seen.items())[-_KEPT:]
                self._seen = {**dict(latest), story.id: (state, now, seen)}
            else:
                seen = known[2]
        topics = [claim.part.topic.id for claim in seen.facts.claims]
        return msgspec.structs.replace(seen, notes=claim_notes(site.reader, topics), similar=self._similar(story))

    def _look(self, story: Story, now: int) -> Seen:
        reader = self._site.reader
        facts = facts_of(reader, self._site.settings, story, now)
        reports = self._reports(story, facts, now)
        carried = sorted((one for report in reports for one in report.carriers), key=lambda one: -one.brought)
        first = {story.voice.seq} if story.voice else set()
        best = [one for one in carried if one.seq not in first][:_CARRIERS]
        quoted = [
            quote.seq for alert in story.alerts[-3:] for quote in (*alert.quotes, alert.first) if quote and quote.text
        ]
        telling = [claim.part.topic.telling for claim in facts.claims if claim.part.topic.telling]
        wanted = {*first, *(one.seq for one in best), *quoted[:6], *telling, *(seq for seq, _ in facts.against[:2])}
        posts = {seq: post for seq in wanted for post in reader.posts(PostFilter(seq=seq), 1)}
        return Seen(
            story=story, name=name_of_story(reader, self._site.settings, story, facts.said), facts=facts,
            reports=reports, posts=posts, notes={}, similar=[], now=now,
            carriers=[(posts[one.seq], one.brought) for one in best if one.seq in posts],
            ours=our_words(reader, story.since, story.until) if story.alerts else [],
        )  # fmt: skip

    def _reports(self, story: Story, facts: StoryFacts, now: int) -> list[CascadeReport]:
        reader, said = self._site.reader, facts.said
        step = max(1, len(said) // _LOOKED)
        seqs = [one.seq for one in said[::step]] + ([story.voice.seq] if story.voice else [])
        counted = Counter(cascades_of(reader, seqs).values())
        is_young = (cascade.c.id.in_(list(counted)), cascade.c.began >= story.since)
        young = {row.id for row in reader.stored(sa.select(cascade.c.id).where(*is_young))}
        first = [story.voice.seq] if story.voice else []
        ids = [*first, *(id_ for id_, _ in counted.most_common() if id_ in young and id_ not in first)][:_REPORTS]
        return [report for id_ in ids if (report := cascade_report(reader, id_, now)) is not None]

    def _similar(self, story: Story) -> list[Listed]:
        """Return what became of the last three storms of the same brand that were over before this one."""
        if not story.alerts:
            return []
        now = self.now()
        past = [
            one
            for one in stories(self._site.reader, now)
            if one.alerts and one.is_over and one.brand == story.brand and one.until <= story.since and not one.is_false
        ]
        with self._lock:
            rows = [self._row(one, now) for one in sorted(past, key=lambda one: -one.since)[:_SIMILAR]]
        return [row for row in rows if row.n]


def _judged(one: Listed, alerts: dict[str, Alert]) -> Listed:
    """Return a row with the alerts of its story as they are judged now."""
    now = tuple(alerts.get(alert.id, alert) for alert in one.story.alerts)
    return msgspec.structs.replace(one, story=msgspec.structs.replace(one.story, alerts=now))


def _order(one: Listed) -> tuple[bool, bool, int, int]:
    return (one.story.is_over, not one.story.alerts, -one.n_lately, -one.story.until)


def _course(said: Sequence[Said]) -> list[float]:
    """Return the course from first to last post, as shares of the highest of 24 steps."""
    if not said:
        return [0.0] * _STEPS
    since, length = said[0].at, max(said[-1].at - said[0].at, 1)
    counted = Counter(min((one.at - since) * _STEPS // length, _STEPS - 1) for one in said)
    most = max(counted.values())
    return [round(counted[step] / most, 3) for step in range(_STEPS)]
