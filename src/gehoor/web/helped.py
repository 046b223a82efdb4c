"""Whether people were helped, as the manager's page tells it: in all, by need, channel and story, in their words."""

from typing import NamedTuple

from markupsafe import Markup

from gehoor.core.interval import Share
from gehoor.run.desk_satisfaction import Answered, Helped, said_in_words
from gehoor.web.frame import Frame
from gehoor.web.stories import headline_of, href_of
from gehoor.web.story_seen import SeenStories

__all__ = ["Told", "Words", "helped_of"]

_KINDS = ("satisfied", "sounds_well", "came_back", "silent")
_WORDS, _STORIES = 5, 8


class Words(NamedTuple):
    """What somebody said when asked; hostile text."""

    href: str
    score: int
    text: str


class Told(NamedTuple):
    """The card: sentences with the share that a bar draws, and words.

    Tables by need, by channel and by story: of each what it is called, where it is, and how people were helped.
    """

    shares: list[tuple[Markup, float]]
    groups: list[tuple[str, list[tuple[Markup, str, Helped]]]]
    words: list[Words]


def helped_of(frame: Frame, since: int, seen: SeenStories) -> Told | None:
    """Return how people were helped since a moment (microseconds UTC); None where nobody had an answer yet."""
    reader, now, speech = frame.site.reader, frame.now, frame.speech
    answered = Answered(reader, since, now, now)
    everybody = answered.by()
    if not everybody:
        return None
    shares = [(_sentence(frame, kind, getattr(everybody[0], kind)), kind) for kind in _KINDS]
    told = [(words, getattr(everybody[0], kind).p) for words, kind in shares if words]
    groups = [
        ("need", [(speech.word("need", one.name or "none"), "", one) for one in answered.by("need")]),
        ("channel", [(speech.word("channel", one.name), "", one) for one in answered.by("channel")]),
        ("story", _by_story(frame, answered, seen)),
    ]
    words = [Words(f"/inbox/{id_}", score, text) for id_, score, text in said_in_words(reader, since, now)[:_WORDS]]
    return Told(told, [(by, rows) for by, rows in groups if rows], words)


def _by_story(frame: Frame, answered: Answered, seen: SeenStories) -> list[tuple[Markup, str, Helped]]:
    listed = {one.story.id: one for one in seen.listed()}
    found = answered.by_story(one.story for one in listed.values())[:_STORIES]
    known = [(listed[one.name], one) for one in found]
    return [(headline_of(frame.speech, frame.site, one.story, one.name), href_of(one.story), n) for one, n in known]


def _sentence(frame: Frame, kind: str, share: Share) -> Markup | None:
    """Return a share in words, with how sure it is; none of what nobody could tell."""
    if not share.n:
        return None
    say, pct = frame.speech.say, frame.speech.share
    return say(f"helped.{kind}", n=share.n_right, all=share.n, low=pct(share.low, 1), high=pct(share.high, 1))
