"""Whether people were helped, as the manager's page tells it: of all, by need and channel, and in their own words."""

from typing import NamedTuple

from markupsafe import Markup

from gehoor.core.interval import Share
from gehoor.run.desk_satisfaction import By, Helped, said_in_words, satisfaction
from gehoor.web.frame import Frame

__all__ = ["Told", "Words", "helped_of"]

_KINDS = ("satisfied", "sounds_well", "came_back", "silent")
_WORDS = 5


class Words(NamedTuple):
    """What somebody said when asked; hostile text."""

    href: str
    score: int
    text: str


class Told(NamedTuple):
    """The card: sentences with the share that a bar draws, a table by need and by channel, and words."""

    shares: list[tuple[Markup, float]]
    groups: list[tuple[str, list[tuple[Markup, Helped]]]]
    words: list[Words]


def helped_of(frame: Frame, since: int) -> Told | None:
    """Return how people were helped since a moment (microseconds UTC); None where nobody had an answer yet."""
    reader, now, speech = frame.site.reader, frame.now, frame.speech

    def of(by: By) -> list[Helped]:
        return satisfaction(reader, since, now, now, by)

    everybody = of("")
    if not everybody:
        return None
    shares = [(_sentence(frame, kind, getattr(everybody[0], kind)), kind) for kind in _KINDS]
    told = [(words, getattr(everybody[0], kind).p) for words, kind in shares if words]
    groups = [
        ("need", [(speech.word("need", one.name or "none"), one) for one in of("need")]),
        ("channel", [(speech.word("channel", one.name), one) for one in of("channel")]),
    ]
    words = [Words(f"/inbox/{id_}", score, text) for id_, score, text in said_in_words(reader, since, now)[:_WORDS]]
    return Told(told, groups, words)


def _sentence(frame: Frame, kind: str, share: Share) -> Markup | None:
    """Return a share in words, with how sure it is; none of what nobody could tell."""
    if not share.n:
        return None
    say, pct = frame.speech.say, frame.speech.share
    return say(f"helped.{kind}", n=share.n_right, all=share.n, low=pct(share.low, 1), high=pct(share.high, 1))
