"""Hears Bluesky: everything that is said there, as it is said, and what was said before by searching for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import msgspec
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US, Clock
from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage
from gehoor.listen.bluesky_options import BlueskyOptions
from gehoor.listen.bluesky_search import PostSearch, SearchPlace
from gehoor.listen.jetstream_frames import Pace, read_frames

__all__ = ["BlueskySource"]

_LOOKBACK_US = 36 * 3_600 * SECOND_US  # of a Jetstream; a cursor before it is silently taken as its beginning

_AHEAD_US = 300 * SECOND_US  # clocks differ; more than this is no difference but a mistake


class _Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where we read on: the stream at a moment (microseconds UTC), once the search is done."""

    time_us: int
    search: SearchPlace | None = None


class _Stamp(msgspec.Struct, gc=False):
    did: str
    time_us: int
    kind: str


_stamps = msgspec.json.Decoder(_Stamp)
_encode = msgspec.json.Encoder().encode


class BlueskySource:
    """Read a Jetstream from a cursor on, for ever; at first, and after a long absence, search for what came before.

    A page holds what was sent within half a second, at most 500 messages or 1 MB, one a line, as it was sent. The
    cursor is the time of the latest message, never later than when we heard it; reading on begins a few seconds before
    it, which ids make harmless. The stream is read from the moment at which the search began, so that nothing falls
    between the two.

    Notes
    -----
    It is blind to what happened more than 36 hours before we came back, the look-back of a Jetstream, but for what a
    search finds: posts that still stand, not likes, edits or deletions.
    """

    Options = BlueskyOptions
    pace = Pace()

    def __init__(self, name: str, options: BlueskyOptions, clock: Clock) -> None:
        self.name = name
        self._options, self._clock = options, clock
        self._search = PostSearch(options, clock)

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield raw pages from `cursor` on; it never ends by itself.

        Raises
        ------
        SettingError
            The cursor is of another type of source, or searching needs an account.
        TransientError
            A server is away, silent, or ended the stream, as they do now and then: we come back.
        """
        place = self._place(cursor)
        if place.search is not None:
            async with aclosing(self._search.read(place.search)) as results:
                async for body, search in results:
                    place = replace(place, search=search)
                    yield self._page("bluesky", body, place)
            place = replace(place, search=None)
        since = min(place.time_us, self._clock.now()) - round(self._options.rewind_s * SECOND_US)
        async with aclosing(read_frames(self._options, since, self._clock, self.pace)) as stream:
            async for frames in stream:
                place = _moved(place, frames, self._clock.now())
                yield self._page("jetstream", _lines(frames), place)

    def _place(self, cursor: bytes | None) -> _Place:
        now = self._clock.now()
        if cursor is None:
            place = _Place(now)
            since = now - round(self._options.back_days * DAY_US)
        else:
            place = _read_cursor(self.name, cursor)
            since = place.time_us
        if not self._options.search:
            return replace(place, search=None)
        is_missed = cursor is None or (place.search is None and now - since > _LOOKBACK_US)
        if is_missed and since < now:
            return replace(place, search=SearchPlace(since=since, until=now))
        return place

    def _page(self, decoder: str, payload: bytes, place: _Place) -> RawPage:
        return RawPage(
            source=self.name,
            decoder=decoder,
            payload=payload,
            received=self._clock.now(),
            cursor=_encode(place),
        )


def _read_cursor(name: str, cursor: bytes) -> _Place:
    try:
        return msgspec.json.decode(cursor, type=_Place)
    except msgspec.MsgspecError:
        advice = "Give the source another name, and it begins anew."
        raise SettingError(f"{name}: what it read so far was read by a source of another type. {advice}") from None


def _lines(frames: Sequence[bytes]) -> bytes:
    """Put messages on lines of their own; a line break in JSON is a blank."""
    return b"\n".join(frame.replace(b"\n", b" ") if b"\n" in frame else frame for frame in frames)


def _moved(place: _Place, frames: Sequence[bytes], now: int) -> _Place:
    """Return the place after these messages: that of the last one whose time can be.

    It never moves back, or one message with a wrong time would make us read years again; nor beyond now, where nothing
    has been said yet.
    """
    for frame in reversed(frames):
        try:
            moment = _stamps.decode(frame).time_us
        except (msgspec.MsgspecError, RecursionError):
            continue
        if moment <= now + _AHEAD_US:
            return replace(place, time_us=max(place.time_us, min(moment, now)))
    return place
