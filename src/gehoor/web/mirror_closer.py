"""A closer look in sentences, and what there is to look at: for the page and the terminal."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from gehoor.core.clock import DAY_US
from gehoor.core.mirror_closer import CloserLook
from gehoor.core.mirror_reader import MirrorReader
from gehoor.core.post import PostFilter
from gehoor.web.mirror_index import IndexTold
from gehoor.web.safe import shorten
from gehoor.web.site import Site
from gehoor.web.speech import Speech
from gehoor.web.stories import headline_of
from gehoor.web.story_seen import Listed

__all__ = ["Choice", "CloserTold", "choices"]

_YEAR, _MOST, _LONGEST = 366, 10, 70
_READ = 200


class CloserTold(IndexTold):
    """What a closer look says, in one language.

    Parameters
    ----------
    now : int
        Microseconds UTC.
    """

    def __init__(self, look: CloserLook, speech: Speech, now: int) -> None:
        super().__init__(speech, (look.first_day, look.last_day), now, str(speech.say("mirror.before.month")))
        self.look = look

    @property
    def name(self) -> Markup:
        """What it is called; words of ours between quotes."""
        look = self.look
        if look.kind == "language":
            return self._speech.word("tongue", look.name)
        key = "mirror.closer.quoted" if look.kind == "utterance" else "mirror.closer.named"
        return self._speech.say(key, name=shorten(look.name, 160))

    @property
    def standing(self) -> list[Markup]:
        """Whom it is of, how often it was seen, and up to when binding was read."""
        look, say = self.look, self._speech.say
        is_group = look.kind in ("channel", "language", "region", "segment")
        key = "group" if is_group else "spoke" if look.kind == "campaign" and not look.n_ours else look.kind
        people = say("mirror.people", n=look.n_people)
        found = [say(f"mirror.closer.of.{key}", people=people, n=look.n_known)]
        if look.n_ours:
            found.append(say("mirror.closer.reactions", n=look.n_reactions))
            if look.views is not None:
                found.append(say("mirror.closer.seen", n=round(look.views)))
        if look.read_on != look.last_day:
            found.append(say("mirror.closer.read_on", day=self.day(look.read_on)))
        return found

    @property
    def unknowns(self) -> list[Markup]:
        """What cannot be known, each in a sentence."""
        return [self.unknown(one) for one in self.look.unknown]

    def lines(self) -> Iterator[Markup | str]:
        """Yield it as text, a line each; an empty one between parts."""
        look, say = self.look, self._speech.say
        yield from (self.name, self.when, "", *self.standing, "")
        for index in (look.captivating, look.binding):
            range_ = self.range_of(index.relative)
            yield f"{say(f'mirror.{index.name}')}: {self.value(index.relative)}{f' ({range_})' if range_ else ''}"
            for part in index.parts:
                share = say("mirror.part.missing") if part.is_missing else self.value(part.share)
                yield f"  {say(f'mirror.part.{part.name}')}: {share}"
        yield from (say("mirror.closer.normal"), "", *self.unknowns)


class Choice(NamedTuple):
    """Something to look at: what an address calls it, its name, and a word about it."""

    of: str
    name: str
    about: str


def choices(site: Site, speech: Speech, listed: Sequence[Listed]) -> dict[str, list[Choice]]:
    """Return what there is to look at: the groups of the newest edition, moments, stories, and what we said last."""
    reader, now = site.reader, site.clock.now()
    mirror = MirrorReader(reader)
    edition = mirror.edition()
    groups = [
        Choice(
            f"{one.dimension}:{one.name}",
            str(speech.word("tongue", one.name)) if one.dimension == "language" else one.name,
            str(speech.say(f"mirror.dimension.{one.dimension}")),
        )
        for one in (edition.slices if edition else ())
    ]
    moments = [
        Choice(
            f"campaign:{one.id}", one.name, f"{speech.word('mirror.moment', one.kind)}, {speech.day(one.since, now)}"
        )
        for one in reversed(mirror.moments(now - _YEAR * DAY_US, now))
    ]
    told = [
        Choice(
            f"story:{one.story.id}",
            headline_of(speech, site, one.story, one.name).striptags(),
            str(speech.say("n_posts", n=one.n)),
        )
        for one in listed
    ]
    ours = [
        Choice(f"utterance:{one.seq}", shorten(one.text or "", _LONGEST), speech.moment(one.event_at, now))
        for one in reader.posts(PostFilter(kind="answer"), _READ)
        if one.in_reply_to is None and one.text
    ]
    return {
        name: found[:_MOST]
        for name, found in (("groups", groups), ("campaigns", moments), ("stories", told), ("ours", ours))
        if found
    }
