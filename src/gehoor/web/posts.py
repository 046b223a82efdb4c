"""What *Posts* shows: the posts of a filter, newest first, and what narrowed it."""

from collections.abc import Mapping

import msgspec

from gehoor.core.reader import PostFilter
from gehoor.core.topic import topic_of
from gehoor.web.cards import Card, cards_of
from gehoor.web.filters import TIMES, chosen, posts_path
from gehoor.web.frame import Frame
from gehoor.web.site import Site

__all__ = ["PAGE", "SIGNS", "Chip", "Listing", "chips_of", "listing_of", "n_newer"]

PAGE = 50
_MOST_NEW = 99
_ROUNDS, _FEW = 5, 20  # a page that a campaign fills is filled up from older ones, a few times
_SINGLE = ("campaign", "duplicate_of", "is_copy", "seq", "actor", "conversation")

SIGNS: Mapping[str, tuple[str, str]] = {"negative": ("neg", "−"), "neutral": ("neu", "○"), "positive": ("pos", "+")}
"""Class and sign of each tone: colour never speaks alone."""


class Chip(msgspec.Struct, frozen=True):
    """One thing that narrows the list, and the address without it."""

    name: str
    value: str
    without: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A page of posts.

    Attributes
    ----------
    newest : int
        The highest offset that was there when the list was made: what comes later is new.
    older : str, optional
        Where the next page is; None at the end.
    """

    cards: list[Card]
    newest: int
    older: str | None


def listing_of(site: Site, wanted: PostFilter, before: int | None) -> Listing:
    """Read one page of posts, and know whether there are older ones."""
    newest, path = site.reader.head(), posts_path(wanted)
    cards: list[Card] = []
    for _ in range(_ROUNDS):
        posts = site.reader.posts(wanted, limit=PAGE + 1, before=before)
        cards = _gathered([*cards, *cards_of(site, posts[:PAGE])], wanted)
        if len(posts) <= PAGE:
            return Listing(cards=cards, newest=newest, older=None)
        before = posts[PAGE - 1].seq
        if len(cards) > _FEW:
            break
    return Listing(cards=cards, newest=newest, older=f"{path}{'&' if '?' in path else '?'}before={before}")


def _gathered(cards: list[Card], wanted: PostFilter) -> list[Card]:
    """Return the cards with one for each campaign, its newest; all where somebody asked for single posts."""
    if any(getattr(wanted, name) is not None for name in _SINGLE):
        return cards
    shown = {card.campaign.first if card.campaign else -card.post.seq: card for card in reversed(cards)}
    return sorted(shown.values(), key=lambda card: -card.post.seq)


def n_newer(site: Site, wanted: PostFilter, after: int) -> int:
    """Return how many posts of the filter came after an offset; 100 stands for more than 99."""
    return sum(post.seq > after for post in site.reader.posts(wanted, limit=_MOST_NEW + 1))


def chips_of(frame: Frame, wanted: PostFilter) -> list[Chip]:
    """Return what narrows the list, in words; a whole number of the record is shown as it is."""
    return [
        Chip(name, _words(frame, name, value), posts_path(msgspec.structs.replace(wanted, **{name: None})))
        for name, value in chosen(wanted)
    ]


def _words(frame: Frame, name: str, value: str | int) -> str:
    if name in TIMES:
        return frame.speech.moment(int(value), frame.now)
    if name == "is_copy":
        return str(frame.speech.say(f"is_copy.{'yes' if value else 'no'}"))
    if name == "conversation":
        return str(frame.speech.say("posts.this"))
    return _named(frame.site, name, str(value)) or str(frame.speech.word(name, str(value)))


def _named(site: Site, name: str, value: str) -> str:
    """Return what is called by a name of its own: a brand, a topic, who writes behind a number."""
    if name == "brand":
        return site.brands().get(value, value)
    if name == "topic":
        topic = topic_of(site.reader, int(value))
        return topic.name or "" if topic is not None else ""
    if name == "actor" and value.startswith("did:"):
        return next((post.actor_name or "" for post in site.reader.posts(PostFilter(actor=value), limit=1)), "")
    return ""
