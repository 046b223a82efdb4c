"""Hears what is said on Mastodon, GoToSocial, Pleroma and Akkoma."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec

from gehoor.core.clock import DAY_US, Clock
from gehoor.core.errors import RejectedRecord
from gehoor.core.page import RawPage
from gehoor.listen.fields import json_text
from gehoor.listen.http import Event, Http
from gehoor.listen.json_body import page_position, parse_json
from gehoor.listen.mastodon_options import MastodonOptions, Timeline
from gehoor.listen.mastodon_place import Place, is_later, newest, number_of, oldest
from gehoor.listen.mastodon_server import MastodonServer
from gehoor.listen.mastodon_status import text_of
from gehoor.listen.mastodon_stream import MastodonStreams
from gehoor.listen.times import parse_time

__all__ = ["MastodonSource"]

_MOST_BACK_PAGES = 250
_AGAIN_S = 300
_SETTLE_S = 2.0


class MastodonSource:
    """Read timelines of a server: first what was missed, then what comes, at once where the server streams it.

    The truth is what the timelines say when they are asked: from the newest number that was read upward, oldest first,
    at the start, every `every_s` and after each interruption of a stream. Streams only make it faster, so that a gap
    in one costs a minute and not a post; they move no cursor.

    A stream tells of an edit or deletion once. So the last 200 statuses that were heard are asked for again at each
    start, after each interruption and every five minutes; what the server no longer has is deleted here too. An edit
    or deletion of an older one is heard only if it happens while the stream is open.

    Notes
    -----
    Calls: one or two a timeline every `every_s`, ten for the 200 statuses. A server allows 300 in five minutes.
    """

    Options = MastodonOptions

    def __init__(self, name: str, options: MastodonOptions, clock: Clock) -> None:
        self.name = name
        self._options, self._clock = options, clock
        self._timelines = [Timeline.of(one) for one in dict.fromkeys(options.timelines)]
        self._page_options: dict[str, Any] = {"server": options.host}
        self._begun: dict[str, list[Any]] = {}

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield raw pages from `cursor` on, for ever.

        Raises
        ------
        SettingError
            When the token is to come from the environment, and is not there.
        TransientError
            When the server is away, refuses us or asks us to wait.
        """
        options = self._options
        place = Place.of(cursor, options.host, options.timelines)
        async with Http(clock=self._clock, allow_private=options.allow_private) as http:
            server = MastodonServer(http, options)
            ours = await server.ours()
            self._page_options = {"server": options.host} | ({"ours": ours} if ours else {})
            async for page in self._catch_up(server, place):
                yield page
            is_streamed = options.stream and bool(server.headers)
            streamed = [timeline for timeline in self._timelines if timeline.stream and is_streamed]
            async with MastodonStreams(http, options.base, server.headers, streamed) as streams:
                async for page in self._live(server, streams, place):
                    yield page

    async def _catch_up(self, server: MastodonServer, place: Place) -> AsyncIterator[RawPage]:
        async for page in self._again(server, place):
            yield page
        async for page in self._refill(server, place):
            yield page

    async def _live(self, server: MastodonServer, streams: MastodonStreams, place: Place) -> AsyncIterator[RawPage]:
        """Yield what the streams bring, and in between what the timelines say."""
        loop = asyncio.get_running_loop()
        refill_at = loop.time() + _SETTLE_S  # what was said before the streams were open
        again_at = loop.time() + _AGAIN_S
        while True:
            events = await streams.heard(max(0.0, min(refill_at, again_at) - loop.time()))
            if events:
                yield self._streamed(place, events)
            if streams.has_gap:
                streams.has_gap = False
                refill_at = again_at = loop.time() + _SETTLE_S  # by then it is open again, or the server is away
            if loop.time() >= again_at:
                again_at = loop.time() + _AGAIN_S
                async for page in self._again(server, place):
                    yield page
            if loop.time() >= refill_at:
                async for page in self._refill(server, place):
                    yield page
                refill_at = loop.time() + self._options.every_s

    async def _refill(self, server: MastodonServer, place: Place) -> AsyncIterator[RawPage]:
        """Yield what is new on the timelines, oldest first."""
        for timeline in self._timelines:
            if timeline.name not in place.after:
                items = await self._beginning(server, timeline)
                latest = newest(items)
                if latest is not None:
                    place.after[timeline.name] = latest
                    yield self._read(place, timeline, [item for item in items if not self._is_too_old(item)])
            while (after := place.after.get(timeline.name)) is not None:
                items = await server.page(timeline, min_id=after)
                latest = newest(items)
                if latest is None or not is_later(latest, after):
                    break
                place.after[timeline.name] = latest
                yield self._read(place, timeline, items)

    async def _beginning(self, server: MastodonServer, timeline: Timeline) -> list[Any]:
        """Page back to where the first reading begins, and return the page that lies there.

        Numbers tell the time on Mastodon only, so the way back is walked; it goes on where it stood when a server
        asks us to wait half-way.
        """
        items = self._begun.get(timeline.name, [])
        for _ in range(_MOST_BACK_PAGES):
            below = oldest(items)
            page = await server.page(timeline, **({"max_id": below} if below else {}))
            lowest = oldest(page)
            if lowest is None or (below is not None and not is_later(below, lowest)):
                break
            items = self._begun[timeline.name] = page
            if any(self._is_too_old(item) for item in page):
                break
        self._begun.pop(timeline.name, None)
        return items

    def _is_too_old(self, item: Any) -> bool:
        try:
            published = parse_time(item["created_at"])
        except (RejectedRecord, KeyError, TypeError):
            return False
        return published < self._clock.now() - self._options.back_days * DAY_US

    async def _again(self, server: MastodonServer, place: Place) -> AsyncIterator[RawPage]:
        """Yield what was edited or deleted of the last statuses, without anybody telling us."""
        found, gone = await server.stands(list(place.recent))
        told: list[tuple[str, Any]] = [("delete", number) for number in gone]
        for status in found:
            number = number_of(status)
            if number in place.recent and text_of(status.get("edited_at")) != place.recent[number]:
                told.append(("update", status))
        if told:
            yield self._page(place, told)

    def _read(self, place: Place, timeline: Timeline, items: list[Any]) -> RawPage:
        event = "notification" if timeline.is_notifications else "update"
        return self._page(place, [(event, item) for item in reversed(items)])

    def _streamed(self, place: Place, events: Iterable[Event]) -> RawPage:
        return self._page(place, [(event.event, _said(event)) for event in events])

    def _page(self, place: Place, told: list[tuple[str, Any]]) -> RawPage:
        for event, said in told:
            place.note(event, said)
        payload = "\n".join(json_text({"event": event, "payload": said}) for event, said in told).encode()
        return RawPage(
            source=self.name,
            decoder="mastodon",
            payload=payload,
            received=self._clock.now(),
            cursor=place.cursor(),
            position=page_position(payload),
            options=self._page_options,
        )


def _said(event: Event) -> Any:
    """Return what an event says; of a deletion the bare number, which on some servers looks like no JSON."""
    if event.event == "delete":
        return event.data.strip().strip('"')
    try:
        return parse_json(event.data.encode())
    except RejectedRecord:
        return msgspec.Raw(event.data.replace("\n", " ").encode())  # the decoder keeps it, and says what is wrong
