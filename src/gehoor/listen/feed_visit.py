"""One feed address: how it is asked for news, and which of its entries are news."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.errors import RejectedRecord, TransientError
from gehoor.core.page import RawPage
from gehoor.listen.feed_cursor import FeedCursor, FeedPlace, Heard, key_of
from gehoor.listen.feed_decoder import read_feed
from gehoor.listen.feed_entry import Feed, shown
from gehoor.listen.feed_push import Hub, hub_of
from gehoor.listen.http import Fetched, Http
from gehoor.listen.json_body import page_position
from gehoor.listen.meter import Meter
from gehoor.listen.refusals import refused_call

__all__ = ["FeedVisit", "Visiting"]

_NO_FEED_S = 300.0
_COMMENTED = 20  # posts of a feed whose comments are followed, the newest first
_REFUSED = (401, 403, 404)
_ACCEPT = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"


class Visiting(msgspec.Struct, kw_only=True):
    """What all feeds of a source share: who visits, with what, and the cursor they write together."""

    source: str
    channel: str
    headers: dict[str, str]
    follows_comments: bool
    clock: Clock
    http: Http
    cursor: FeedCursor
    meter: Meter | None = None


class FeedVisit:
    """One feed, visited again and again.

    Attributes
    ----------
    due_s : float
        In how many seconds it is to be visited.
    trouble : TransientError, optional
        Why the last visit gave nothing.
    note : str, optional
        What the operator should know though it works.
    is_server_down : bool
        The trouble is the whole server's, not that of one address.
    is_gone : bool
        It said that it is gone for good (410): it is not visited again.
    hub : Hub, optional
        Where news of it can be had at once (WebSub).
    """

    def __init__(self, address: str, visiting: Visiting) -> None:
        self.address = address
        self.due_s = 0.0
        self.trouble: TransientError | None = None
        self.note: str | None = None
        self.is_server_down = False
        self.is_gone = False
        self.hub: Hub | None = None
        self._with = visiting
        self._place = visiting.cursor.feeds.setdefault(key_of(address), FeedPlace())
        self._heard = Heard(self._place.heard)
        self._n_comments: dict[str, int] = {}
        self._is_behind = False
        self._shown = shown(address)

    async def pages(self, every_s: float) -> AsyncIterator[RawPage]:
        """Visit it, and yield what is new: comments first, since the cursor moves with the page of the feed itself.

        Trouble is noted and not raised: it must not keep other feeds waiting. Sets when the next visit is due.
        """
        self.due_s, self.trouble, self.is_server_down = every_s, None, True
        try:
            fetched = await self._fetched(self.address, self._validators())
            self.is_server_down = False
            if fetched.status == 304:
                return
            self.is_gone = fetched.status == 410
            if fetched.status != 200:
                raise refused_call(_host(fetched.url), fetched.status, fetched.headers, self._with.clock.now())
            if fetched.moved_to:
                self.note = (
                    f"{_host(self.address)} says that the feed moved for good: set url to {shown(fetched.moved_to)}"
                )
            feed = await _read(fetched, self._shown)
            self.hub = hub_of(fetched.headers, feed, fetched.url)
            self.due_s = max(every_s, feed.pause_s)
            async for page in self._comments(feed):
                yield page
            headers = {} if self._is_behind else fetched.headers
            self._place.etag, self._place.modified = headers.get("etag"), headers.get("last-modified")
            news = self._page(fetched, feed, self._shown, {})
            if news is not None:
                yield news
        except TransientError as error:
            self.postpone(error, every_s)

    def postpone(self, error: TransientError, every_s: float) -> None:
        """Note trouble, and come back when that is allowed."""
        self.trouble = error
        self.due_s = max(every_s, error.retry_after_s or 0.0)

    def _validators(self) -> dict[str, str]:
        asked = {"if-none-match": self._place.etag, "if-modified-since": self._place.modified}
        return {name: value for name, value in asked.items() if value}

    async def _fetched(self, address: str, more: dict[str, str]) -> Fetched:
        headers = {"accept": _ACCEPT, **self._with.headers, **more}
        return await self._with.http.get(address, headers=headers, ok=(200, 304, 410, *_REFUSED))

    async def _comments(self, feed: Feed) -> AsyncIterator[RawPage]:
        """Yield the comments below posts that have more of them than at the last visit; the post matters more."""
        self._is_behind = False
        for entry in feed.entries[:_COMMENTED] if self._with.follows_comments else []:
            address, n = entry.comments_url, entry.n_comments or 0
            if address is None or self._n_comments.get(entry.object, 0) == n or _host(address) != _host(self.address):
                continue
            try:
                fetched = await self._fetched(address, {})
                comments = await _read(fetched, shown(address))
            except TransientError as error:
                self.note, self._is_behind = str(error), True
                return
            page = self._page(fetched, comments, shown(address), {"in_reply_to": entry.object})
            if page is not None:
                yield page
            self._n_comments[entry.object] = n

    def _page(self, fetched: Fetched, feed: Feed, address: str, options: dict[str, Any]) -> RawPage | None:
        """Return what is new in a document; None when nothing is."""
        now = self._with.clock.now()
        fates = [self._heard.fate(entry) for entry in feed.entries]
        take = [index for index, fate in enumerate(fates) if fate != "same"]
        for entry in reversed(feed.entries):
            self._heard.note(entry)
        if not take:
            return None
        if self._with.meter is not None:
            self._with.meter.count(len(take), now)
            self._with.cursor.meter = self._with.meter.state
        self._place.heard = self._heard.text
        options |= {"channel": self._with.channel, "url": address, "take": take}
        options["content_type"] = fetched.headers.get("content-type", "")
        options["revs"] = {str(index): now for index in take if fates[index] == "changed"}
        return RawPage(
            source=self._with.source,
            decoder="feed",
            payload=fetched.body,
            received=now,
            cursor=msgspec.json.encode(self._with.cursor),
            position=page_position(fetched.body),
            options=options,
        )


async def _read(fetched: Fetched, address: str) -> Feed:
    """Read a document beside the event loop: a large one takes a second."""
    if fetched.status != 200:
        raise TransientError(f"{_host(fetched.url)} does not show the comments ({fetched.status}).", _NO_FEED_S)
    try:
        return await asyncio.to_thread(read_feed, fetched.body, address, fetched.headers.get("content-type", ""))
    except RejectedRecord as error:
        raise TransientError(f"{_host(fetched.url)}: {error.reason}", _NO_FEED_S) from None


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""
