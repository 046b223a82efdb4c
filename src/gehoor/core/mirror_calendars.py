"""How the calendars fare whose moments stand beside the mirror's curve: when each was read, or since when it fails."""

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables.ledger import mark
from gehoor.core.tables.mirror import moment

__all__ = ["CalendarState", "calendar_mark", "calendar_states"]


class CalendarState(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar by address; times are microseconds UTC, None where there was none.

    Attributes
    ----------
    host : str
        Its address may hold a secret: only where it stands is told.
    read_at : int, optional
        When it was read last.
    failed_since : int, optional
        Since when it cannot be read; what it told before stands still.
    n_moments : int
    """

    host: str
    read_at: int | None
    failed_since: int | None
    n_moments: int


def calendar_mark(address: str) -> str:
    """Return what a calendar is called in the store, where no address is kept.

    Examples
    --------
    >>> calendar_mark("https://example.org/a.ics")
    'url:9525c44a2b3b98c4:'
    """
    return f"url:{hashlib.blake2b(address.encode(), digest_size=8).hexdigest()}:"


def calendar_states(reader: Reader, addresses: Sequence[str]) -> list[CalendarState]:
    """Return how each calendar fares, in the order given."""
    known = {row.name: row.value for row in reader.stored(sa.select(mark).where(mark.c.name.like("url:%")))}
    length = len(calendar_mark(""))
    name = sa.func.substr(moment.c.source, 1, length).label("name")
    counted = sa.select(name, sa.func.count().label("n")).where(moment.c.source.like("url:%")).group_by(name)
    n_of = {row.name: row.n for row in reader.stored(counted)}
    return [
        CalendarState(
            host=urlsplit(address).hostname or "",
            read_at=known.get(f"{of}read") or None,
            failed_since=known.get(f"{of}failed") or None,
            n_moments=n_of.get(of, 0),
        )
        for address in addresses
        for of in [calendar_mark(address)]
    ]
