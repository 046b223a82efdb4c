"""Quotes of an edition: kept as places in the ledger, and read anew each time, so that what is gone is not shown."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from gehoor.core.alert import Quote
from gehoor.core.edition import Edition, Society
from gehoor.core.mirror_change import Driver
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader

__all__ = ["with_quotes", "without_words"]

_Told = TypeVar("_Told", Driver, Society)


def without_words(edition: Edition) -> Edition:
    """Return an edition that holds no words and names of anybody: its quotes are places only."""
    return _mapped(edition, _place)


def with_quotes(reader: Reader, edition: Edition) -> Edition:
    """Return an edition with what its quotes say today; those that are gone, or older than the ledger, are out."""
    drivers = [*edition.drivers, *(one.because for one in edition.advice)]
    seqs = {quote.seq for driver in drivers for quote in driver.quotes}
    seqs |= {quote.seq for quote in edition.society.quotes}
    known = _read(reader, seqs)
    return _mapped(edition, lambda quote: known.get(quote.seq))


def _read(reader: Reader, seqs: Iterable[int]) -> Mapping[int, Quote]:
    found = {}
    for seq in seqs:
        for post in reader.posts(PostFilter(seq=seq), limit=1):
            if post.text:
                found[seq] = Quote(
                    seq=seq, actor=post.actor, actor_name=post.actor_name, channel=post.channel,
                    event_at=post.event_at, text=post.text, url=post.url,
                )  # fmt: skip
    return found


def _place(quote: Quote) -> Quote:
    return Quote(seq=quote.seq, actor=None, actor_name=None, channel="", event_at=0, text="")


def _mapped(edition: Edition, change: Callable[[Quote], Quote | None]) -> Edition:
    def changed(told: _Told) -> _Told:
        quotes = (change(quote) for quote in told.quotes)
        return msgspec.structs.replace(told, quotes=tuple(quote for quote in quotes if quote is not None))

    return msgspec.structs.replace(
        edition,
        drivers=tuple(changed(driver) for driver in edition.drivers),
        society=changed(edition.society),
        advice=tuple(msgspec.structs.replace(one, because=changed(one.because)) for one in edition.advice),
    )
