"""Visits feeds: RSS, Atom, JSON Feed, and the comments of a WordPress site."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

import msgspec

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.page import RawPage
from gehoor.core.secret import secret_of
from gehoor.core.settings import Settings
from gehoor.listen.feed_cursor import FeedCursor
from gehoor.listen.feed_entry import shown, web_address
from gehoor.listen.feed_push import Push
from gehoor.listen.feed_visit import FeedVisit, Visiting
from gehoor.listen.http import Http
from gehoor.listen.meter import Meter

__all__ = ["FeedOptions", "FeedSource"]

_MAX_BYTES = 4_000_000
_Price = Annotated[float, msgspec.Meta(ge=0)]


class FeedOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.<name>]` with `type = "feed"`.

    Attributes
    ----------
    url : str, optional
        The feed's address.
    urls : list of str
        More of them.
    every_s : float
        How often each is visited; a feed that asks for longer pauses (ttl, sy:updatePeriod, Retry-After) gets them.
    channel : str
        The channel that its entries get.
    comments : bool
        Also read the comments of each post, where the feed says where they are (WordPress does).
    token : str, optional
        Sent as `Authorization: Bearer <token>`; `$NAME` is read from the environment.
    headers : dict of str to str
        Sent along; values may be `$NAME` too.
    allow_private : bool
        Also visit addresses of your own network.
    price_per_read : float
        What an entry costs, where reading has a price.
    cap_per_month : float, optional
        What may be spent in a calendar month; then reading stops until the next.
    """

    argument: ClassVar[str] = "urls"

    url: str | None = None
    urls: tuple[str, ...] = ()
    every_s: Annotated[float, msgspec.Meta(ge=10)] = 300.0
    channel: Annotated[str, msgspec.Meta(min_length=1)] = "feed"
    comments: bool = False
    token: str | None = None
    headers: dict[str, str] = {}
    allow_private: bool = False
    price_per_read: _Price = 0.0
    cap_per_month: _Price | None = None

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ValueError('url is missing: write the feed\'s address, such as url = "https://example.org/feed"')
        for address in self.addresses:
            if web_address(address) != address or not urlsplit(address).hostname:
                raise ValueError(f"url {address!r} is no web address: it begins with https:// and a server's name")

    def __repr__(self) -> str:
        """Show the options without secrets, which must be in no log."""
        return f"FeedOptions(urls={[shown(address) for address in self.addresses]!r}, channel={self.channel!r})"

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses, each once."""
        return tuple(dict.fromkeys([*([self.url] if self.url else []), *self.urls]))


class FeedSource:
    """Visit feeds and yield the documents that hold something new, as they came.

    An entry whose words are the same as at the last visit is not sent again; one whose words changed becomes an update.
    A feed that cannot be read keeps no other waiting: only when all of them fail the source itself is in trouble.

    Parameters
    ----------
    pause : callable
        What waits a number of seconds between visits; for tests.

    Attributes
    ----------
    note : str, optional
        What the operator should know though the source works: a feed that moved, or one of several that fails.
    visits : list of FeedVisit
        The feeds, while it reads.
    """

    Options = FeedOptions

    def __init__(
        self,
        name: str,
        options: FeedOptions,
        clock: Clock,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.note: str | None = None
        self.visits: list[FeedVisit] = []
        self._options, self._clock, self._pause = options, clock, pause
        self._waits: dict[str, tuple[int, str]] = {}
        self._push: Push | None = None

    def take_settings(self, settings: Settings) -> None:
        """Have news pushed where feeds offer it, if the settings say how hubs reach us."""
        self._push = Push.of(settings, self._clock)

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield documents with news, for ever.

        Raises
        ------
        TransientError
            When no feed can be read now.
        SettingError
            When every feed is gone for good (410), or the environment lacks the token.
        """
        options, place = self._options, FeedCursor.of(cursor)
        headers = {name.lower(): secret_of(value) or "" for name, value in options.headers.items()}
        if options.token:
            headers["authorization"] = f"Bearer {secret_of(options.token)}"
        meter = Meter(options.price_per_read, options.cap_per_month, place.meter) if options.price_per_read else None
        http = Http(clock=self._clock, max_bytes=_MAX_BYTES, allow_private=options.allow_private, meter=meter)
        visiting = Visiting(
            source=self.name,
            channel=options.channel,
            headers=headers,
            follows_comments=options.comments,
            clock=self._clock,
            http=http,
            cursor=place,
            meter=meter,
        )
        self.visits = [FeedVisit(address, visiting) for address in options.addresses]
        self._resume_waits()
        async with http:
            while True:
                async for page in self._round():
                    yield page
                self._judge()
                await self._subscribe(http)
                wait_s = min(visit.due_s for visit in self.visits if not visit.is_gone)
                await self._pause(wait_s)
                for visit in self.visits:
                    visit.due_s -= wait_s

    async def _round(self) -> AsyncIterator[RawPage]:
        """Visit the feeds that are due; a server that failed is not asked for its other feeds."""
        failed: dict[str | None, TransientError] = {}
        for visit in self.visits:
            host = urlsplit(visit.address).hostname
            if visit.is_gone or visit.due_s > 0:
                continue
            if host in failed:
                visit.postpone(failed[host], self._options.every_s)
                continue
            async for page in visit.pages(self._options.every_s):
                yield page
            if visit.trouble is not None and visit.is_server_down:
                failed[host] = visit.trouble

    async def _subscribe(self, http: Http) -> None:
        """Subscribe to the hubs that there are."""
        if self._push is None:
            return
        for visit in self.visits:
            if visit.hub is not None:
                await self._push.keep(http, visit.hub, visit.address, self._options.channel)
        self.note = self.note or self._push.trouble

    def _resume_waits(self) -> None:
        """Keep to the pauses that servers asked for before the source began anew."""
        now = self._clock.now()
        for visit in self.visits:
            until, reason = self._waits.get(visit.address, (now, ""))
            if until > now:
                visit.postpone(TransientError(reason, (until - now) / SECOND_US), 0.0)

    def _judge(self) -> None:
        """Say what is wrong: by a note while something can be read, else by raising."""
        troubles = [visit.trouble for visit in self.visits if visit.trouble is not None]
        if all(visit.is_gone for visit in self.visits):
            raise SettingError(f"{troubles[0]} Remove it, or set its new address.")
        if len(troubles) == len(self.visits):
            waits = [trouble.retry_after_s or 0.0 for trouble in troubles]
            now = self._clock.now()
            self._waits = {
                visit.address: (now + round(wait_s * SECOND_US), str(visit.trouble))
                for visit, wait_s in zip(self.visits, waits, strict=True)
            }
            raise TransientError(str(troubles[0]), min(waits) or None)
        notes = [visit.note for visit in self.visits if visit.note]
        self.note = " ".join([*map(str, troubles[:1]), *notes[:1]]) or None
