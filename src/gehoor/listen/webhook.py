"""Sends webhooks as Standard Webhooks has them: signed, with the key as `webhook-id`, so that a repeat is told."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import msgspec

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import SettingError
from gehoor.core.message import Delivery, Message
from gehoor.core.secret import secret_of
from gehoor.core.settings_webhooks import SignedPost
from gehoor.listen.http import Http

__all__ = ["WebhookOptions", "WebhookSender", "signature_of"]

_TAKEN = (200, 201, 202, 204)
_LEAST_KEY = 24  # bytes, as the standard asks


class WebhookOptions(SignedPost, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[senders.<name>]` of type `webhook`: where it is posted and how it is signed as `SignedPost` says.

    Attributes
    ----------
    envelope : str
        `standard`, or `cloudevents` (1.0, structured JSON); signed alike.
    """

    argument: ClassVar[str] = "url"

    envelope: Literal["standard", "cloudevents"] = "standard"


class WebhookSender:
    """Posts messages as JSON, signed; what may have arrived is sent again under the same id.

    Parameters
    ----------
    name : str
        As in `gehoor.toml`.
    options : WebhookOptions
        Checked already.
    clock : Clock
        For the signed timestamp.

    Attributes
    ----------
    patience_s : float
        How long an answer may take; after that it is posted again later, under the same id.
    """

    Options = WebhookOptions
    takes_key = True

    def __init__(self, name: str, options: WebhookOptions, clock: Clock) -> None:
        self.name, self._options, self._clock = name, options, clock
        self.patience_s = 20.0

    async def send(self, message: Message, key: str) -> Delivery:
        """Post one message; see `listen.base.Sender`."""
        is_event = self._options.envelope == "cloudevents"
        body = msgspec.json.encode(_event(message, key) if is_event else _plain(message))
        at = self._clock.now() // SECOND_US
        headers = {
            "content-type": "application/cloudevents+json" if is_event else "application/json",
            "webhook-id": key,
            "webhook-timestamp": str(at),
            "webhook-signature": signature_of(secret_of(self._options.secret) or "", key, at, body),
        }
        async with Http(
            clock=self._clock, timeout_s=self.patience_s, allow_private=self._options.allow_private
        ) as http:
            answer = await http.post(self._options.url, body, headers=headers, ok=_TAKEN)
        return Delivery(receipt=str(answer.status))


def _plain(message: Message) -> dict[str, Any]:
    body = {"type": message.type, "timestamp": _iso(message.at), "title": message.title, "text": message.text}
    more = {"story": message.story, "data": message.data}
    return body | {name: value for name, value in more.items() if value}


def _event(message: Message, key: str) -> dict[str, Any]:
    """Return a message as CloudEvents 1.0 has it; `subject` is what it belongs to."""
    return {
        "specversion": "1.0", "id": key, "source": "gehoor", "type": f"gehoor.{message.type}",
        "time": _iso(message.at), "datacontenttype": "application/json",
        "data": {"title": message.title, "text": message.text} | message.data,
    } | ({"subject": message.story} if message.story else {})  # fmt: skip


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND_US, UTC).isoformat().replace("+00:00", "Z")


def signature_of(secret: str, key: str, at: int, body: bytes) -> str:
    """Return the signature `v1,<base64>` of a webhook (HMAC-SHA256 over id, timestamp and body).

    Raises
    ------
    SettingError
        The secret is no base64, or too short.

    Examples
    --------
    >>> signature_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...              b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    try:
        known = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        known = b""
    if len(known) < _LEAST_KEY:
        raise SettingError("The secret of the webhook must be `whsec_` and base64 of at least 24 bytes.")
    signed = hmac.new(known, f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()
