"""Hears feeds at once: a hub posts what is new to us, signed with a secret that it got when we subscribed.

Source: https://www.w3.org/TR/websub/
"""

import hashlib
import hmac
from typing import Annotated
from urllib.parse import parse_qs, parse_qsl, urlencode

import msgspec

from gehoor.core.page import RawPage, Receipt
from gehoor.core.secret import secret_of
from gehoor.listen.base import Answer, Request
from gehoor.listen.json_body import answer_json, page_position, read_body

__all__ = ["PATH", "WebSubOptions", "WebSubReceiver", "callback_query", "secret_for"]

PATH = "/v1/websub"

_MAX_BYTES = 4_000_000
_HASHES = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_OURS = ("channel", "url", "topic")


def callback_query(master: str, channel: str, url: str, topic: str) -> str:
    """Return the query of a callback: all that must be known of a subscription, and proof that it is ours.

    So nothing needs to be kept, and nobody can have us confirm or hear a feed that we did not ask for.

    Parameters
    ----------
    master : str
        The receiver's secret.
    url : str
        The feed's address, without secrets.
    topic : str
        What the hub calls the feed.
    """
    query = urlencode({"channel": channel, "url": url, "topic": topic})
    return f"{query}&proof={_sign(master, query)[:32]}"


def secret_for(master: str, query: str) -> str:
    """Return the secret of one subscription; a hub learns no other, and not the master."""
    return _sign(master, f"secret {query}")


def _sign(master: str, text: str) -> str:
    return hmac.new(master.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


class WebSubOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[receivers.<name>]` with `type = "websub"`; it works for sources of type `feed`, with `[web] public_url`.

    Attributes
    ----------
    secret : str
        What the secrets that hubs get are made of; `gehoor add websub` makes one.
    """

    secret: Annotated[str, msgspec.Meta(min_length=16)]

    def __repr__(self) -> str:
        """Show the options without the secret, which must be in no log."""
        return "WebSubOptions()"


class WebSubReceiver:
    """Takes what hubs post of the feeds that our sources subscribed to, and answers when a hub asks whether we did."""

    Options: type[msgspec.Struct] = WebSubOptions
    paths: tuple[str, ...] = (PATH,)
    methods: tuple[str, ...] = ("POST", "GET")

    def __init__(self, name: str, options: WebSubOptions) -> None:
        self.name = name
        self._master = secret_of(options.secret) or ""

    def receive(self, request: Request) -> RawPage | Answer:
        """Return the page to commit; the hub's challenge; or 404 when it is no subscription of ours, 403 unsigned."""
        known = self._subscription(request.query)
        if known is None:
            return answer_json(404, {"error": "There is no such subscription here."})
        if request.method == "GET":
            return _confirmed(request.query, known["topic"])
        query = callback_query(self._master, *(known[name] for name in _OURS))
        if not _is_signed(request, secret_for(self._master, query)):
            return answer_json(403, {"error": "The signature is missing or wrong (X-Hub-Signature)."})
        body = read_body(request, _MAX_BYTES)
        if isinstance(body, Answer):
            return body
        content_type = request.headers.get("content-type", "")
        return RawPage(
            source=self.name,
            decoder="feed",
            payload=body,
            received=request.received,
            position=page_position(body),
            options={"channel": known["channel"], "url": known["url"], "content_type": content_type, "is_push": True},
        )

    def answer(self, receipt: Receipt) -> Answer:
        """Return 200: it is kept, or put aside with its reason; sending it again would change nothing."""
        return answer_json(200, {"stored": receipt.n_stored, "seen": receipt.n_seen})

    def _subscription(self, query: str) -> dict[str, str] | None:
        """Return what we put into a callback; None when it is not ours. What a hub adds comes behind it."""
        given = parse_qs(query, keep_blank_values=True, errors="replace")
        known = {name: given[name][0] for name in _OURS if name in given}
        if len(known) < len(_OURS):
            return None
        ours = callback_query(self._master, *(known[name] for name in _OURS))
        proof = dict(parse_qsl(ours))["proof"]
        return known if hmac.compare_digest(given.get("proof", [""])[0].encode(), proof.encode()) else None


def _confirmed(query: str, topic: str) -> Answer:
    """Say yes to a hub that asks whether we want this; never that we want it no more: leases end by themselves."""
    given = dict(parse_qsl(query, errors="replace"))
    if given.get("hub.mode") == "denied":
        return answer_json(200, {})
    if given.get("hub.mode") != "subscribe" or given.get("hub.topic") != topic or not given.get("hub.challenge"):
        return answer_json(404, {"error": "That is not what was subscribed to."})
    challenge = given["hub.challenge"][:1_000].encode()
    return Answer(status=200, body=challenge, content_type="text/plain; charset=utf-8")


def _is_signed(request: Request, secret: str) -> bool:
    method, _, given = request.headers.get("x-hub-signature", "").partition("=")
    if method not in _HASHES:
        return False
    expected = hmac.new(secret.encode(), request.body, _HASHES[method]).hexdigest()
    return hmac.compare_digest(given.strip().lower().encode("utf-8", "surrogatepass"), expected.encode())
