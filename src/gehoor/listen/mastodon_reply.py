"""Answers on Mastodon, GoToSocial, Pleroma and Akkoma."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlsplit

import msgspec

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import RejectedRecord, SettingError, TransientError
from gehoor.core.message import Delivery
from gehoor.core.reply import Able, Reply
from gehoor.core.secret import secret_of
from gehoor.listen.http import Fetched, Http
from gehoor.listen.json_body import parse_json
from gehoor.listen.mastodon_saying import MENTION, is_same, length_of, posted
from gehoor.listen.mastodon_status import Server, listed, text_of
from gehoor.listen.refusals import refused_call
from gehoor.listen.times import parse_time

__all__ = ["MastodonReplier", "MastodonReplyOptions"]

_REFUSED = (401, 403, 404, 410)
_KNOWN = (200, *_REFUSED, 400, 422, 429)
_PAGE, _MOST_PAGES = 40, 5
_SLACK_US = 600 * SECOND_US  # between the server's clock and ours
_GONE = "The message is no longer there, or this account may not see it: nobody would read an answer."


class MastodonReplyOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[repliers.<name>]` with `type = "mastodon-reply"`: Mastodon, GoToSocial, Pleroma, Akkoma.

    Attributes
    ----------
    server : str
        Its address; the one where the messages were heard.
    token : str
        An access token of the account that answers, with `read` and `write:statuses`; `$NAME` takes it from the
        environment.
    most : int
        How many characters fit in a post there; adding it asks the server.
    allow_private : bool
        Allow a server at an address of one's own network.
    """

    argument: ClassVar[str] = "server"

    server: str
    token: Annotated[str, msgspec.Meta(min_length=1)]
    most: Annotated[int, msgspec.Meta(ge=100, le=1_000_000)] = 500
    allow_private: bool = False

    def __post_init__(self) -> None:
        parts = urlsplit(self.server)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("server must be an address such as https://mastodon.social, and nothing after it")

    def __repr__(self) -> str:
        """Show the options without the token, which must be in no log."""
        return f"MastodonReplyOptions(server={self.server!r})"

    @property
    def host(self) -> str:
        """The server's name, with its port where it has one."""
        return urlsplit(self.server).netloc.rpartition("@")[2].lower()


class MastodonReplier:
    """Post answers as one account.

    A server tells repeats by the key for an hour. What may have arrived is looked up among the account's own posts,
    and posted again only when it is not there.

    Parameters
    ----------
    name : str
        As in `gehoor.toml`.
    options : MastodonReplyOptions
        Checked already.
    clock : Clock
        Tells when the server may be called again.
    """

    Options = MastodonReplyOptions
    channel = "mastodon"
    takes_key = True

    def __init__(self, name: str, options: MastodonReplyOptions, clock: Clock) -> None:
        self.name, self._options, self._clock = name, options, clock

    @property
    def most(self) -> int | None:
        """Return how many characters are left beside the mention of who is answered."""
        return self._options.most - MENTION

    def length(self, text: str) -> int:
        """Return how many characters a text takes: a link 23, a mention without its server."""
        return length_of(text)

    async def reply(self, reply: Reply, key: str) -> Delivery:
        """Post an answer; see `listen.base.Replier`."""
        number = self._number(reply)
        async with self._http() as http:
            body = posted(reply, number, await self._original(http, number))
        self._check_length(body["status"])
        headers = {"content-type": "application/json", "idempotency-key": _digest(key, reply)}
        try:
            # a client of its own: it has nothing to hold against the server, so that what it says is about this call
            async with self._http() as http:
                answer = await self._post(http, msgspec.json.encode(body), headers)
            if answer.status == 200:
                return self._delivery(self._json(answer))
        except TransientError as error:
            return Delivery(state="unknown", receipt=str(error))
        raise self._refusal(answer)

    async def find(self, reply: Reply, key: str) -> Delivery | None:
        """Look among the account's own posts since it was written; see `listen.base.Replier`."""
        number = self._number(reply)
        is_doubtful = False
        async with self._http() as http:
            ours = (await self._account(http)).get("id")
            async for status in self._since(http, ours, number, reply.at - _SLACK_US):
                if status is None:
                    return Delivery(state="unknown", receipt="The account said too much since to look through it all.")
                parent = text_of(status.get("in_reply_to_id"))
                if parent not in (number, None):
                    continue
                if is_same(text_of(status.get("content")) or "", reply.text):
                    return self._delivery(status)
                is_doubtful = is_doubtful or parent == number
        if is_doubtful:
            return Delivery(state="unknown", receipt="There is an answer of ours with other words.")
        return None

    async def check(self) -> Able:
        """Say as whom it would answer; posts nothing: a post without words is refused by whoever may write."""
        async with self._http() as http:
            account = await self._account(http)
            answer = await self._post(http, b"{}", {"content-type": "application/json"})
            if answer.status not in (400, 422):
                raise self._refusal(answer)
            instance = self._json(await self._get(http, "/api/v2/instance"))
        most = _deep(instance, "configuration", "statuses", "max_characters")
        name = text_of(account.get("acct")) or text_of(account.get("username")) or "?"
        return Able(
            account=f"@{name}@{self._options.host}", most=most if type(most) is int and most > MENTION else None
        )

    # -- what is asked of the server -------------------------------------------------------------------------------

    @asynccontextmanager
    async def _http(self) -> AsyncIterator[Http]:
        async with Http(clock=self._clock, timeout_s=20.0, allow_private=self._options.allow_private) as http:
            yield http

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {secret_of(self._options.token)}"}

    async def _get(
        self, http: Http, path: str, params: Mapping[str, str] | None = None, ok: tuple[int, ...] = (200, *_REFUSED)
    ) -> Fetched:
        url = f"{self._options.server.rstrip('/')}{path}"
        return await http.get(url, params=params, headers=self._headers(), ok=ok)

    async def _post(self, http: Http, body: bytes, headers: dict[str, str]) -> Fetched:
        url = f"{self._options.server.rstrip('/')}/api/v1/statuses"
        return await http.post(url, body, headers=self._headers() | headers, ok=_KNOWN)

    async def _original(self, http: Http, number: str) -> dict[str, Any]:
        answer = await self._get(http, f"/api/v1/statuses/{quote(number, safe='')}")
        if answer.status != 200:
            raise self._refusal(answer)
        return _dict(self._json(answer))

    async def _account(self, http: Http) -> dict[str, Any]:
        answer = await self._get(http, "/api/v1/accounts/verify_credentials")
        if answer.status != 200:
            raise self._refusal(answer)
        return _dict(self._json(answer))

    async def _since(self, http: Http, ours: Any, number: str, since: int) -> AsyncIterator[dict[str, Any] | None]:
        """Yield what the account said since a moment, and None at the end where there is more than we look through.

        The thread comes first, since some servers leave closed posts out of the account's list.
        """
        thread = await self._get(http, f"/api/v1/statuses/{quote(number, safe='')}/context")
        for status in listed(_dict(self._json(thread)).get("descendants")) if thread.status == 200 else ():
            if _deep(status, "account", "id") == ours:
                yield status
        asked = {"limit": str(_PAGE), "exclude_reblogs": "true"}
        path = f"/api/v1/accounts/{quote(str(ours), safe='')}/statuses"
        for _ in range(_MOST_PAGES):
            page = listed(self._json(await self._get(http, path, asked, ok=(200,))))
            for status in page:
                yield _dict(status)
            last = _dict(page[-1]) if page else {}
            if not page or _moment(last) < since:
                return
            asked["max_id"] = text_of(last.get("id")) or ""
        yield None

    # -- what its answers mean -------------------------------------------------------------------------------------

    def _number(self, reply: Reply) -> str:
        """Return the server's number of the message that is answered."""
        number = reply.to.partition("#")[0].removeprefix(f"{self._options.host}/statuses/")
        if "/" in number or not number:
            heard_on = reply.to.partition("/")[0]
            raise SettingError(
                f"The message was heard on {heard_on}, and this replier answers on {self._options.host}: "
                f"add one for {heard_on}."
            )
        return number

    def _check_length(self, text: str) -> None:
        length = length_of(text)
        if length > self._options.most:
            raise SettingError(
                f"The answer takes {length} characters with the mention of who it is for, and {self._options.most} "
                "fit: make it shorter."
            )

    def _delivery(self, status: Any) -> Delivery:
        try:
            name = Server(self._options.host).name(_dict(status).get("id"))
        except RejectedRecord:
            return Delivery(state="unknown", receipt=f"{self._options.host} does not say which post it made of it.")
        url = text_of(status.get("url")) or text_of(status.get("uri"))
        return Delivery(receipt="200", id=name, url=url if url and url.startswith(("https://", "http://")) else None)

    def _refusal(self, answer: Fetched) -> SettingError | TransientError:
        host, words = self._options.host, self._said(answer)
        if answer.status == 429:
            return refused_call(host, answer.status, answer.headers, self._clock.now())
        if answer.status == 401:
            return SettingError(f"{host} refuses the token: make a new one, with read and write:statuses.")
        if answer.status == 403 and "scope" in words.lower():
            return SettingError("The token may not do this: make one with read and write:statuses.")
        if answer.status in (404, 410):
            return SettingError(_GONE)
        return SettingError(f"{host} does not take the answer ({answer.status}): {words or 'it does not say why'}")

    def _said(self, answer: Fetched) -> str:
        try:
            said = parse_json(answer.body)
        except RejectedRecord:
            return ""
        return (text_of(_dict(said).get("error")) or "")[:200]

    def _json(self, answer: Fetched) -> Any:
        try:
            return parse_json(answer.body)
        except RejectedRecord as error:
            raise TransientError(f"{self._options.host} gives a broken answer. {error.reason}") from None


def _moment(status: dict[str, Any]) -> int:
    try:
        return parse_time(status.get("created_at"))
    except RejectedRecord:
        return 0


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _deep(value: Any, *names: str) -> Any:
    for name in names:
        value = _dict(value).get(name)
    return value


def _digest(key: str, reply: Reply) -> str:
    """Return the key as the server gets it: another workspace that answers by the account has keys like ours."""
    return hashlib.blake2b(f"{key} {reply.to} {reply.at}".encode(), digest_size=16).hexdigest()
