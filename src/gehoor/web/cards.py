"""A post as a card shows it: its text with the words that decided marked, its reasons, how often it was repeated."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from markupsafe import Markup, escape

from gehoor.core.campaign import Campaign, campaigns_of
from gehoor.core.post import Post
from gehoor.core.record import digest
from gehoor.web.about import Apart, Told
from gehoor.web.people import persons_of_posts
from gehoor.web.reasons import Why
from gehoor.web.safe import plain, split
from gehoor.web.site import Site

__all__ = ["Card", "cards_of", "marked"]

_TONES = {"negative": "neg", "positive": "pos"}


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One post and what stands around it.

    Attributes
    ----------
    shown, rest : Markup
        The text, escaped, with marks; the rest of a long one apart.
    why : mapping
        The words behind each judgement.
    n_copies : int
        How many later posts nearly repeat it.
    campaign : Campaign, optional
        What it is part of, where several accounts say much the same.
    apart : tuple of Apart
        Brands that it names and yet is not about.
    person : str, optional
        Whose page tells of who said it, where a profile of them is kept.
    """

    post: Post
    shown: Markup
    rest: str
    why: Why
    n_copies: int
    campaign: Campaign | None
    apart: tuple[Apart, ...]
    person: str | None


def cards_of(site: Site, posts: Sequence[Post]) -> list[Card]:
    """Return the cards of these posts, in their order."""
    copies = site.reader.n_copies([post.seq for post in posts])
    campaigns = campaigns_of(site.reader.segments(), [post.campaign or post.seq for post in posts])
    aparts = site.reasons.aparts.of([_told(post) for post in posts])
    actors = [digest(post.channel, post.actor) if post.actor else 0 for post in posts]
    persons = persons_of_posts(site.reader, set(actors))
    return [
        _card(
            post, why, n_copies=copies.get(post.seq, 0), campaign=campaigns.get(post.campaign or post.seq), apart=apart,
            person=persons.get(actor),
        )
        for post, why, apart, actor in zip(posts, site.reasons.of(posts), aparts, actors, strict=True)
    ]  # fmt: skip


def _told(post: Post) -> Told:
    is_said = post.type in ("Create", "Update") and post.direction == "in"
    return Told(post.text if is_said else None, post.language, post.channel, post.brands)


def _card(post: Post, why: Why, **around: Any) -> Card:
    shown, rest = split(plain(post.text))
    kinds = dict.fromkeys(why.get("intent", ()), "need")
    tone = _TONES.get(post.sentiment or "")
    if tone:
        kinds |= dict.fromkeys(why.get("sentiment", ()), tone)
    return Card(post=post, shown=marked(shown, kinds), rest=rest, why=why, **around)


def marked(text: str, kinds: dict[str, str]) -> Markup:
    """Return a text, escaped, with these words marked wherever they stand as whole words.

    Parameters
    ----------
    text : str
        As somebody wrote it.
    kinds : dict
        For each word or phrase the class of its mark.

    Examples
    --------
    >>> str(marked("Koffer <kwijt>!", {"kwijt": "neg"}))
    'Koffer &lt;<mark class="neg">kwijt</mark>&gt;!'
    """
    if not kinds:
        return escape(text)
    pattern = re.compile(rf"(?<!\w)({'|'.join(_patterns(kinds))})(?!\w)", re.IGNORECASE)
    pieces = pattern.split(text)  # odd ones matched
    mark = Markup('<mark class="{}">{}</mark>')
    return Markup("").join(
        mark.format(_kind(piece, kinds), piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )


def _patterns(words: Iterable[str]) -> list[str]:
    """Return the words, longest first; a blank in a phrase may be any in the text."""
    return [r"\s+".join(map(re.escape, word.split())) for word in sorted(words, key=len, reverse=True)]


def _kind(piece: str, kinds: dict[str, str]) -> str:
    return kinds.get(" ".join(piece.casefold().split()), "need")
