"""Answers on Bluesky."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.errors import GehoorError, RejectedRecord, SettingError, TransientError
from gehoor.core.message import Delivery
from gehoor.core.reply import Able, Reply
from gehoor.core.secret import secret_of
from gehoor.listen.bluesky_record import POST, web_url
from gehoor.listen.bluesky_saying import MOST, handles_in, length_of, record_of, rkey_of
from gehoor.listen.http import Fetched, Http
from gehoor.listen.json_body import parse_json
from gehoor.listen.refusals import refused_call

__all__ = ["BlueskyReplier", "BlueskyReplyOptions"]

_KNOWN = (200, 400, 401, 403, 404, 409, 429, 500, 502, 503)
_STALE = frozenset(("ExpiredToken", "InvalidToken"))
_MOST_HANDLES = 10
_GONE = "The message is no longer there, or this account may not see it: nobody would read an answer."


class BlueskyReplyOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[repliers.<name>]` with `type = "bluesky-reply"`.

    Attributes
    ----------
    handle : str
        Of the account that answers, such as `acme.bsky.social`.
    app_password : str
        A password made for apps, or `$NAME` of the environment; never the account's own.
    pds : str
        The server where the account lives.
    allow_private : bool
        Allow a server in your own network.
    """

    argument: ClassVar[str] = "handle"

    handle: Annotated[str, msgspec.Meta(min_length=3, max_length=253)]
    app_password: Annotated[str, msgspec.Meta(min_length=1)]
    pds: str = "https://bsky.social"
    allow_private: bool = False

    def __post_init__(self) -> None:
        parts = urlsplit(self.pds)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("pds is no address: it begins with https:// and the name of a server")

    def __repr__(self) -> str:
        """Show the options without the password, which must be in no log."""
        return f"BlueskyReplyOptions(handle={self.handle!r}, pds={self.pds!r})"


class _Session(msgspec.Struct, frozen=True):
    token: str = msgspec.field(name="accessJwt")
    did: str = ""
    handle: str = ""
    active: bool = True


class BlueskyReplier:
    """Post answers as one account.

    The name of the post comes from the key, so that a second one cannot come to stand beside it.

    Parameters
    ----------
    name : str
        As in `gehoor.toml`.
    options : BlueskyReplyOptions
        Checked already.
    clock : Clock
        Tells when the server may be called again.
    """

    Options = BlueskyReplyOptions
    channel = "bluesky"
    takes_key = True

    def __init__(self, name: str, options: BlueskyReplyOptions, clock: Clock) -> None:
        self.name, self._options, self._clock = name, options, clock
        self._host = urlsplit(options.pds).hostname or ""
        self._session: _Session | None = None  # kept: few sessions may be opened in a day

    @property
    def most(self) -> int | None:
        """Return how many characters fit in a post."""
        return MOST

    def length(self, text: str) -> int:
        """Return how many characters a text takes, as a reader counts them."""
        return length_of(text)

    async def reply(self, reply: Reply, key: str) -> Delivery:
        """Post an answer; see `listen.base.Replier`."""
        if reply.visibility != "public":
            raise SettingError("Whatever is posted on Bluesky everybody can read: answer this in another way.")
        length = length_of(reply.text)
        if length > MOST:
            raise SettingError(f"The answer takes {length} characters, and {MOST} fit: make it shorter.")
        async with self._http() as http:
            session = await self._opened(http)
            record = record_of(reply, await self._answered(http, reply), await self._dids(http, reply.text))
            rkey = rkey_of(reply, key)
            made = {"repo": session.did, "collection": POST, "rkey": rkey, "record": record}
            try:
                answer = await self._call(http, "com.atproto.repo.createRecord", body=msgspec.json.encode(made))
                # a server says no, in one way or another, to a name that is taken: then it was posted before
                stands = answer.status == 200 or (answer.status != 429 and await self._stands(http, session, rkey))
            except TransientError as error:
                return Delivery(state="unknown", receipt=str(error))
        if not stands:
            raise self._refusal(answer)
        return _delivery(session, rkey)

    async def find(self, reply: Reply, key: str) -> Delivery | None:
        """Look whether the record stands; see `listen.base.Replier`."""
        async with self._http() as http:
            session = await self._opened(http)
            rkey = rkey_of(reply, key)
            return _delivery(session, rkey) if await self._stands(http, session, rkey) else None

    async def check(self) -> Able:
        """Say as whom it would answer; posts nothing."""
        async with self._http() as http:
            self._session = None
            session = await self._opened(http)
        if not session.active:
            raise SettingError(f"{session.handle} is switched off on {self._host}: nothing can be posted by it.")
        return Able(account=f"@{session.handle or self._options.handle}", most=MOST)

    # -- what is asked of the server -------------------------------------------------------------------------------

    @asynccontextmanager
    async def _http(self) -> AsyncIterator[Http]:
        async with Http(clock=self._clock, timeout_s=20.0, allow_private=self._options.allow_private) as http:
            yield http

    async def _opened(self, http: Http) -> _Session:
        """Return the session; open one where there is none."""
        if self._session is None:
            known = {"identifier": self._options.handle, "password": secret_of(self._options.app_password)}
            url = f"{self._options.pds.rstrip('/')}/xrpc/com.atproto.server.createSession"
            headers = {"content-type": "application/json"}
            answer = await http.post(url, msgspec.json.encode(known), headers=headers, ok=(200, 400, 401, 403))
            if answer.status != 200:
                words = f"{self._host} opens no session for {self._options.handle}: check handle and app password."
                raise SettingError(words)
            try:
                self._session = msgspec.json.decode(answer.body, type=_Session)
            except (msgspec.MsgspecError, RecursionError):
                raise TransientError(f"{self._host} gives a broken answer: check the address.", 300.0) from None
        return self._session

    async def _call(
        self, http: Http, what: str, asked: Mapping[str, Any] | None = None, body: bytes | None = None
    ) -> Fetched:
        """Ask or tell the server something within the session; a session that has ended is opened anew, once."""
        url = f"{self._options.pds.rstrip('/')}/xrpc/{what}"
        answer = None
        for _ in range(2):
            headers = {"authorization": f"Bearer {(await self._opened(http)).token}"}
            if body is None:
                answer = await http.get(url, params=asked, headers=headers, ok=_KNOWN)
            else:
                headers["content-type"] = "application/json"
                answer = await http.post(url, body, headers=headers, ok=_KNOWN)
            if answer.status != 401 and _said(answer, "error") not in _STALE:
                return answer
            self._session = None
        assert answer is not None
        return answer

    async def _answered(self, http: Http, reply: Reply) -> Mapping[str, Any]:
        """Return the post that is answered, as the network shows it now."""
        answer = await self._call(http, "app.bsky.feed.getPosts", {"uris": [reply.to.partition("#")[0]]})
        if answer.status != 200:
            raise self._refusal(answer)
        found = _json(answer).get("posts")
        post = found[0] if isinstance(found, list) and found else None
        if not isinstance(post, dict) or not all(isinstance(post.get(name), str) for name in ("uri", "cid")):
            raise SettingError(_GONE)
        viewer = post.get("viewer")
        if isinstance(viewer, dict) and viewer.get("replyDisabled") is True:
            raise SettingError("Whoever began this thread takes no answers from this account.")
        return post

    async def _dids(self, http: Http, text: str) -> dict[str, str]:
        """Return whom the handles in a text stand for; one that nobody has is left out."""
        dids = {}
        for handle in handles_in(text)[:_MOST_HANDLES]:
            did = _said(await self._call(http, "com.atproto.identity.resolveHandle", {"handle": handle}), "did")
            if did.startswith("did:"):
                dids[handle] = did
        return dids

    async def _stands(self, http: Http, session: _Session, rkey: str) -> bool:
        asked = {"repo": session.did, "collection": POST, "rkey": rkey}
        answer = await self._call(http, "com.atproto.repo.getRecord", asked)
        if answer.status == 200:
            return True
        is_none = _said(answer, "error") == "RecordNotFound" or "could not locate" in _said(answer, "message").lower()
        if not is_none:
            error = self._refusal(answer)
            raise error if isinstance(error, TransientError) else TransientError(str(error), 300.0)
        return False

    def _refusal(self, answer: Fetched) -> GehoorError:
        if answer.status == 429 or answer.status >= 500:
            return refused_call(self._host, answer.status, answer.headers, self._clock.now())
        if answer.status == 401:
            return SettingError(f"{self._host} refuses the session: check handle and app password.")
        words = _said(answer, "message") or _said(answer, "error") or "it does not say why"
        return SettingError(f"{self._host} does not take the answer ({answer.status}): {words}")


def _delivery(session: _Session, rkey: str) -> Delivery:
    return Delivery(receipt="200", id=f"at://{session.did}/{POST}/{rkey}", url=web_url(session.did, rkey))


def _json(answer: Fetched) -> dict[str, Any]:
    try:
        value = parse_json(answer.body)
    except RejectedRecord:
        return {}
    return value if isinstance(value, dict) else {}


def _said(answer: Fetched, name: str) -> str:
    value = _json(answer).get(name)
    return value[:200] if isinstance(value, str) else ""
