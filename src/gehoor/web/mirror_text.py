"""An edition as plain text, in the sentences of the page: for a terminal, and for who reads mail as text."""

import textwrap
from collections.abc import Iterable, Iterator

from markupsafe import Markup

from gehoor.core.alert import Quote
from gehoor.core.edition import Edition
from gehoor.core.mirror_figure import Index
from gehoor.web.mirror_shown import Look
from gehoor.web.mirror_told import MirrorTold
from gehoor.web.safe import plain, shorten
from gehoor.web.speech import Speech

__all__ = ["MirrorText", "bare"]

_WIDE = 78
_QUOTED = 160
_QUOTES = 1


def bare(words: str) -> str:
    """Return a sentence without its markup, on one line; what strangers wrote cannot steer a terminal.

    Examples
    --------
    >>> bare(Markup("De <bdi>Trein &amp; co</bdi>\\n rijdt"))
    'De Trein & co rijdt'
    """
    text = words.striptags() if isinstance(words, Markup) else words
    return " ".join(plain(text).split())


class MirrorText:
    """Says an edition line by line.

    Parameters
    ----------
    look : Look
        What brands are called, and whose mirror it is.
    link : str
        Where the page is; said at the end.
    """

    def __init__(self, edition: Edition, speech: Speech, look: Look, link: str = "") -> None:
        self._edition, self._speech, self._look, self._link = edition, speech, look, link
        self._told = MirrorTold(edition, speech, look.names)

    @property
    def about(self) -> str:
        """Whose mirror it is, and of which days."""
        edition = self._edition
        whose = self._look.names.get(edition.brand, edition.brand) or self._look.name
        return bare(f"{self._say('mirror.mast')}, {whose}: {self._told.when}")

    @property
    def headline(self) -> str:
        """The answer; the subject of a mail."""
        return bare(self._told.headline)

    def __str__(self) -> str:
        edition = self._edition
        lines = [self.about, "", self.headline.upper(), *_wrapped(Markup(" ").join(self._told.standing))]
        for index in (edition.captivating, edition.binding):
            lines += self._section(f"mirror.{index.name}", self._index(index))
        lines += self._section("mirror.why", self._changes())
        lines += self._section("mirror.do", self._advice())
        for key, found in (
            ("mirror.relations", self._relations()), ("mirror.competitors", self._brands()),
            ("mirror.channels", self._channels()), ("mirror.moments", self._moments()),
            ("mirror.listening", self._listening()), ("mirror.society.title", self._society()),
            ("mirror.truth", [self._told.truth]),
            ("mirror.unknown", [self._told.unknown(one) for one in edition.unknown]),
        ):  # fmt: skip
            lines += self._section(key, found)
        lines += ["", *_wrapped(self._made_of())]
        return "\n".join([*lines, *(["", self._link] if self._link else [])]) + "\n"

    def _say(self, key: str, **values: object) -> Markup:
        return self._speech.say(key, **values)

    def _section(self, key: str, found: Iterable[str]) -> list[str]:
        lines = [line for sentence in found for line in _wrapped(sentence)]
        return ["", bare(self._say(key)).upper(), *lines] if lines else []

    def _index(self, index: Index) -> Iterator[str]:
        told = self._told
        if index.relative.value is None:
            yield self._say("mirror.not_yet")
        else:
            yield f"{told.value(index.relative)} ({told.range_of(index.relative)}). {told.changed(index) or ''}"
        if slope := told.slope(index):
            yield f"{_capital(slope)}."
        yield told.normal(index)
        if index.level.value is not None:
            yield f"{self._say('mirror.level')}: {told.value(index.level, 1)} ({told.range_of(index.level, 1)})"
        for part in index.parts:
            share = self._say("mirror.part.missing") if part.is_missing else told.value(part.share)
            mark = f", {self._say('mirror.part.changed')}" if part.name in index.changed else ""
            yield f"- {self._say(f'mirror.part.{part.name}')}: {share}{mark}"

    def _changes(self) -> Iterator[str]:
        edition, told = self._edition, self._told
        if not edition.drivers:
            yield told.nothing_changed
        for driver in edition.drivers:
            yield told.driver(driver)
            yield from (_quoted(quote) for quote in driver.quotes[:_QUOTES])
        yield from (_capital(told.explained(one)) for one in edition.explained)
        yield from (told.shift(one) for one in edition.shifts)

    def _advice(self) -> Iterator[str]:
        if not self._edition.advice:
            yield self._told.nothing_to_do
        for place, one in enumerate(self._edition.advice, 1):
            gain = ""
            if one.gain.value is not None:
                gain = f" {self._told.points(one.gain)} ({self._told.points_between(one.gain)})"
                gain += f" {bare(self._say(f'mirror.{one.index}'))}."
            yield f"{place}. {bare(self._told.advice(one))}.{gain}"
            yield f"   {bare(self._say(f'mirror.effort.{one.effort}'))}"
        yield from (self._told.followed(one) for one in self._edition.followed)

    def _relations(self) -> Iterator[str]:
        for one in self._edition.relations:
            yield f"{self._say(f'role.{one.role}')}: {self._told.value(one.tone)} ({self._people(one.n_people)})"

    def _people(self, n: int) -> Markup:
        return self._say("mirror.people", n=n)

    def _brands(self) -> Iterator[str]:
        for one in self._edition.competitors:
            shown = [("voice", one.voice), ("praise", one.praise), ("leaving", one.leaving)]
            said = ", ".join(f"{bare(self._say(f'mirror.{key}'))} {self._told.value(figure)}" for key, figure in shown)
            yield f"{self._look.names.get(one.brand, one.brand)}: {said}"

    def _channels(self) -> Iterator[str]:
        for one in self._edition.channels:
            grew = self._told.growth(one.n_people, one.n_people_before)
            yield f"{bare(one.name)}: {bare(self._people(one.n_people))}, {grew}, {bare(self._told.channel(one))}"

    def _moments(self) -> Iterator[str]:
        for lift in self._edition.moments:
            yield f"{bare(lift.name)}: {bare(self._told.moment(lift))}"
        for one in self._edition.renewals:
            yield f"{bare(one.name)}: {bare(self._told.renewal(one))}"

    def _listening(self) -> Iterator[str]:
        hears = self._edition.listening
        if not hears.n_spoke:
            yield self._say("mirror.listening.none")
            return
        if hears.n_asked:
            yield self._say("mirror.stand.answered", n=hears.n_answered, asked=hears.n_asked)
        yield from self._told.heard

    def _society(self) -> Iterator[str]:
        if self._told.society is not None:
            yield self._told.society
        for one in self._edition.society.themes:
            yield f"- {bare(self._told.name('motive', one.motive))}: {bare(self._told.theme(one))}"
        yield from (_quoted(quote) for quote in self._edition.society.quotes)

    def _made_of(self) -> Markup:
        edition = self._edition
        made = self._say("mirror.made_of", posts=edition.n_posts, people=edition.n_people)
        return Markup(" ").join([made, *self._told.apart])


def _quoted(quote: Quote) -> str:
    return f"  “{shorten(bare(quote.text), _QUOTED)}”"


def _capital(words: str) -> str:
    text = bare(words)
    return text[:1].upper() + text[1:]


def _wrapped(sentence: str) -> list[str]:
    lead = len(sentence) - len(sentence.lstrip())
    text = bare(sentence)
    return textwrap.wrap(
        text, _WIDE, initial_indent=" " * lead, subsequent_indent=" " * (lead + 2 * (text[:2] == "- "))
    )
