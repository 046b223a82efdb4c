"""Hears what people do from any Segment SDK: only its host changes.

In: `POST /v1/batch` and `/v1/track identify page screen group alias`, with the write key. Out: one activity an event.
Source: the Segment spec and HTTP tracking API, https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
"""

import base64
import binascii
import hmac
from typing import Annotated, Any

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, ItemResult, RawPage, Receipt, Reject
from gehoor.core.record import Activity
from gehoor.core.secret import secret_of
from gehoor.listen.base import Answer, Request
from gehoor.listen.json_body import answer_json, page_position, parse_json, read_body
from gehoor.listen.segment_event import read_event
from gehoor.listen.segment_json import Envelope, open_envelope

__all__ = ["SegmentDecoder", "SegmentReceiver"]

_MAX_RAW = 65_536
_CALLS = {"batch": "", **{call: call for call in ("track", "identify", "page", "screen", "group", "alias")}}
# The browser SDK shortens the names; older server SDKs say `import` for a batch.
_SHORT = {"b": "", "import": "", "t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
_PATHS = {
    **{f"/v1/{name}": call for name, call in (_CALLS | _SHORT).items()},
    **{f"/{name}": call for name, call in _CALLS.items()},
}


class SegmentOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of `type = "segment"` under `[receivers.<name>]`.

    Attributes
    ----------
    write_key : str
        What the SDK is given as its write key. Whoever has it may add events: it is no password for reading.
    channel : str
        The channel that its activities get.
    max_bytes : int
        Largest body after inflation. Segment's own limit is 500 KB a batch.
    """

    write_key: Annotated[str, msgspec.Meta(min_length=1)]
    channel: Annotated[str, msgspec.Meta(min_length=1)] = "shop"
    max_bytes: Annotated[int, msgspec.Meta(ge=1_024, le=64_000_000)] = 4_000_000


class SegmentReceiver:
    """Takes the bodies of Segment SDKs.

    The write key comes as the user of Basic authentication (server SDKs) or as `writeKey` in the body (browser SDK).
    A body that is no JSON goes on to the rejects, where the operator sees it; the sender is told 400.
    """

    Options: type[msgspec.Struct] = SegmentOptions
    paths: tuple[str, ...] = tuple(_PATHS)

    def __init__(self, name: str, options: SegmentOptions) -> None:
        self.name = name
        self._options = options

    def receive(self, request: Request) -> RawPage | Answer:
        """Return the page to commit, or at once 401, 404, 413, 415 or 400 with the reason."""
        call = _PATHS.get(request.path.rstrip("/"))
        if call is None:
            return _refuse(404, f"{request.path} is none of {', '.join(self.paths)}.")
        body = read_body(request, self._options.max_bytes)
        if isinstance(body, Answer):
            return body
        if not self._is_allowed(request, body):
            return _refuse(401, "The write key is missing or wrong: use the one in gehoor.toml.")
        options = {"channel": self._options.channel} | ({"call": call} if call else {})
        return RawPage(
            source=self.name,
            decoder="segment",
            payload=body,
            received=request.received,
            position=page_position(body),
            options=options,
            wants_items=True,
        )

    def _is_allowed(self, request: Request, body: bytes) -> bool:
        header = request.headers.get("authorization")
        given = _basic_user(header) if header is not None else _write_key(body)
        # Compared in constant time: the answer's delay must not tell how much of a guess was right.
        key = secret_of(self._options.write_key) or ""
        return given is not None and hmac.compare_digest(given.encode(), key.encode())

    def answer(self, receipt: Receipt) -> Answer:
        """Return 200 when anything was taken in (or was there already), 400 when everything was refused."""
        is_taken = bool(receipt.n_stored or receipt.n_seen or receipt.n_dropped or not receipt.n_rejected)
        results = [_result(item) for item in receipt.items]
        return answer_json(200 if is_taken else 400, {"success": is_taken, "results": results})


def _refuse(status: int, reason: str) -> Answer:
    return answer_json(status, {"success": False, "reason": reason})


def _result(item: ItemResult) -> dict[str, str | None]:
    result = {"messageId": item.id, "status": item.status}
    return result | {"reason": item.reason} if item.reason else result


def _basic_user(header: str) -> str | None:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def _write_key(body: bytes) -> str | None:
    try:
        return open_envelope(body).write_key
    except RejectedRecord:
        return None


class SegmentDecoder:
    """Reads a batch, or a single event, as Segment's SDKs write them.

    | Segment | Activity |
    |---|---|
    | `type` | `Track Identify Page Screen Group Alias` |
    | `messageId` | `id`; without one a digest of the event, so that a retry is harmless |
    | `userId`, else `anonymousId` | `actor` (the other one stays in `properties`) |
    | `timestamp`, else `originalTimestamp` | `published`, as given: not shifted by `sentAt`, so a retry has its key |
    | `event`; `name` of a page or screen | `event` |
    | `order_id` ..., `groupId`, `previousId` | `object` |
    | `product_id` or `sku`, `brand`, `quantity`, `revenue` or `total` or `value`, `currency` | the same in Activity |
    | `promotion_id` or `coupon`; `products` | `promotion`; `lines` |
    | `context.consent` | `policy` |
    | all else, `traits` and `context` with it | `properties`, untouched |

    An event that breaks the spec is a reject with its reason; the others of its batch go on. `NaN`, which some SDKs
    write though it is not JSON, is read as null.
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return the page's activities and rejects.

        Raises
        ------
        RejectedRecord
            The body is not JSON, or neither an event nor a batch.

        Examples
        --------
        >>> body = b'{"type": "track", "event": "Order Completed", "userId": "7", "messageId": "m1"}'
        >>> page = RawPage(source="shop", decoder="segment", payload=body, received=0, options={"channel": "shop"})
        >>> SegmentDecoder().decode(page).activities[0].event
        'Order Completed'
        """
        envelope = open_envelope(page.payload)
        decoded = Decoded(activities=[], rejects=[], items=[], raws=[])
        for item, raw in enumerate(envelope.events):
            standalone = _standalone(raw, envelope, page.options)
            event: object = None
            try:
                event = parse_json(standalone)
                _keep(decoded, item, standalone, read_event(event, page))
            except RejectedRecord as error:
                decoded.rejects.append(
                    Reject(
                        position=page.position + item,
                        item=item,
                        stage="decode",
                        reason=error.reason,
                        raw=standalone[:_MAX_RAW],
                        id=_id_of(event),
                    )
                )
        return decoded


def _keep(decoded: Decoded, item: int, raw: bytes, activity: Activity) -> None:
    assert decoded.items is not None and decoded.raws is not None
    decoded.activities.append(activity)
    decoded.items.append(item)
    decoded.raws.append(raw)


def _id_of(event: object) -> str | None:
    message_id = event.get("messageId") if isinstance(event, dict) else None
    return message_id if isinstance(message_id, str) else None


def _standalone(raw: bytes, envelope: Envelope, options: dict[str, Any]) -> bytes:
    """Return an event such that it can be read again alone: with the call of its path and its batch's context."""
    call = options.get("call")
    if not call and not envelope.shared:
        return raw
    try:
        event = parse_json(raw)
    except RejectedRecord:
        return raw
    if not isinstance(event, dict):
        return raw
    for name, shared in envelope.shared.items():
        own = event.get(name)
        if own is None or isinstance(own, dict):
            event[name] = shared | (own or {})
    return msgspec.json.encode(event | {"type": call} if call else event)
