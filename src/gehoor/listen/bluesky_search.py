"""Searches Bluesky for what was said before we listened."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from gehoor.core.clock import Clock
from gehoor.core.errors import GehoorError, RejectedRecord, SettingError, TransientError
from gehoor.core.secret import secret_of
from gehoor.listen.bluesky_options import BlueskyOptions
from gehoor.listen.http import Fetched, Http
from gehoor.listen.times import parse_time

__all__ = ["PostSearch", "SearchPlace"]

_REFUSED_S = 300.0
_LIMIT = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIE_US = 1_000  # servers sort by milliseconds
_STALE = frozenset(("ExpiredToken", "InvalidToken"))


class SearchPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a search reads on.

    Attributes
    ----------
    since, until : int
        What is searched, microseconds UTC.
    term : int
        Which of the terms.
    before : int, optional
        Of the present walk through the results. A server may end a walk before all was shown; then another one begins
        at the oldest post that was seen.
    after : str, optional
        The server's own cursor within a walk.
    oldest : int, optional
        Of what was seen for this term.
    """

    since: int
    until: int
    term: int = 0
    before: int | None = None
    after: str | None = None
    oldest: int | None = None


class _Record(msgspec.Struct, rename="camel"):
    created_at: str | None = None


class _Post(msgspec.Struct, rename="camel"):
    indexed_at: str | None = None
    record: _Record = msgspec.field(default_factory=_Record)


class _Results(msgspec.Struct):
    posts: list[_Post]
    cursor: str | None = None


class _Session(msgspec.Struct):
    token: str = msgspec.field(name="accessJwt")


class _Refusal(msgspec.Struct):
    error: str = ""
    message: str = ""


class PostSearch:
    """Walk through all posts with any of the terms, the newest first.

    Parameters
    ----------
    options : BlueskyOptions
        Terms, servers, and the account if there is one.
    clock : Clock
        Tells when a server may be called again.
    """

    def __init__(self, options: BlueskyOptions, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self._server = (options.pds if options.handle else options.appview).rstrip("/")
        self._host = urlsplit(self._server).hostname or ""
        self._token: str | None = None  # kept between readings: few sessions may be opened in a day

    async def read(self, place: SearchPlace) -> AsyncGenerator[tuple[bytes, SearchPlace | None], None]:
        """Yield pages of results as they were sent, each with the place to read on from, None after the last.

        Raises
        ------
        SettingError
            The server searches for those with a session only.
        TransientError
            The server is away, asks us to wait, or refuses a term.
        """
        here: SearchPlace | None = place if place.term < len(self._options.search) else None
        async with Http(clock=self._clock, allow_private=self._options.allow_private) as http:
            while here is not None:
                body = await self._page(http, here)
                results = self._results(body)
                here = self._following(here, results)
                if results.posts or here is None:
                    yield body, here

    def _results(self, body: bytes) -> _Results:
        try:
            return msgspec.json.decode(body, type=_Results)
        except (msgspec.MsgspecError, RecursionError):
            raise TransientError(
                f"{self._host} answers with something else than posts: check the address.", _REFUSED_S
            ) from None

    def _following(self, place: SearchPlace, results: _Results) -> SearchPlace | None:
        seen = [moment for moment in map(_moment, results.posts) if moment is not None]
        oldest = min([*seen, *([place.oldest] if place.oldest is not None else ())], default=None)
        if results.posts and results.cursor and results.cursor != place.after:
            return replace(place, after=results.cursor, oldest=oldest)
        if oldest is not None and oldest + _TIE_US < (place.before or place.until):
            return replace(place, before=oldest + _TIE_US, after=None, oldest=oldest)
        if place.term + 1 < len(self._options.search):
            return SearchPlace(since=place.since, until=place.until, term=place.term + 1)
        return None

    async def _page(self, http: Http, place: SearchPlace) -> bytes:
        term = self._options.search[place.term]
        asked = {"q": term, "sort": "latest", "limit": str(_LIMIT), "since": _iso(place.since)}
        asked["until"] = _iso(place.before or place.until)
        if place.after is not None:
            asked["cursor"] = place.after
        fetched = await self._asked(http, asked)
        if fetched.status == 400 and self._token and _refusal(fetched).error in _STALE:
            self._token = None
            fetched = await self._asked(http, asked)
        if fetched.status == 200:
            return fetched.body
        if fetched.status == 400 and place.after is not None:
            return b'{"posts":[]}'  # deeper than the server looks
        raise self._refused(term, fetched)

    async def _asked(self, http: Http, asked: dict[str, str]) -> Fetched:
        if self._options.handle is not None and self._token is None:
            self._token = await self._session(http)
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        url = f"{self._server}/xrpc/app.bsky.feed.searchPosts"
        return await http.get(url, params=asked, headers=headers, ok=(200, 400, 401, 403))

    async def _session(self, http: Http) -> str:
        known = {"identifier": self._options.handle, "password": secret_of(self._options.app_password)}
        url = f"{self._server}/xrpc/com.atproto.server.createSession"
        headers = {"content-type": "application/json"}
        fetched = await http.post(url, msgspec.json.encode(known), headers=headers, ok=(200, 400, 401))
        try:
            return msgspec.json.decode(fetched.body, type=_Session).token
        except (msgspec.MsgspecError, RecursionError):
            words = f"{self._host} opens no session for {self._options.handle}: check handle and app_password."
            raise TransientError(words, _REFUSED_S) from None

    def _refused(self, term: str, fetched: Fetched) -> GehoorError:
        if fetched.status in {401, 403}:
            self._token = None
            if self._options.handle is None:
                return SettingError(
                    f"{self._host} searches only for those with an account: set handle and app_password, or leave out "
                    "search."
                )
        words = _refusal(fetched).message[:100]
        return TransientError(f"{self._host} refuses to search for {term!r} ({fetched.status}): {words}", _REFUSED_S)


def _moment(post: _Post) -> int | None:
    """Return what the server sorts by: when it was written, as far as that can be."""
    moments = []
    for value in (post.record.created_at, post.indexed_at):
        try:
            moments.append(parse_time(value))
        except RejectedRecord:
            continue
    return min(moments, default=None)


def _refusal(fetched: Fetched) -> _Refusal:
    try:
        return msgspec.json.decode(fetched.body, type=_Refusal)
    except (msgspec.MsgspecError, RecursionError):
        return _Refusal()


def _iso(moment: int) -> str:
    return (_EPOCH + timedelta(microseconds=moment)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
