"""Turns one Segment event into an activity. See `SegmentDecoder` for the table."""

import math
from typing import Any

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import RawPage
from gehoor.core.record import Activity, Type
from gehoor.listen.json_body import digest_id
from gehoor.listen.times import parse_time

__all__ = ["read_event"]

_TYPES: dict[str, Type] = {
    "track": "Track", "identify": "Identify", "page": "Page", "screen": "Screen", "group": "Group", "alias": "Alias",
}  # fmt: skip
_OBJECTS = ("context", "properties", "traits", "integrations")
# These say how and when it was sent, and change from one try to the next: they are no part of what happened.
_DELIVERY = {"sentAt", "receivedAt", "writeKey", "_metadata"}


def read_event(event: object, page: RawPage) -> Activity:
    """Return the activity that an event tells of.

    Raises
    ------
    RejectedRecord
        The event breaks the spec; the reason names the field and what is allowed.
    """
    if not isinstance(event, dict):
        raise RejectedRecord('An event is a JSON object, such as {"type": "track", "event": ..., "userId": ...}.')
    type_ = _type(event)
    for name in _OBJECTS:
        if not isinstance(event.get(name), dict | None):
            raise RejectedRecord(f"`{name}` must be an object, not {_shown(event[name])}.")
    rest = dict(event)
    properties = dict(event.get("properties") or {})
    fields = _who(rest) | _what(type_, rest, properties) | _bought(properties)
    if "properties" in rest:
        rest["properties"] = properties
    if not rest.get("messageId"):
        fields["id"] = digest_id({name: value for name, value in event.items() if name not in _DELIVERY})
    else:
        fields["id"] = _name(rest.pop("messageId"), "messageId")
    rest.pop("type")
    return Activity(
        type=type_,
        published=_published(event),
        received=page.received,
        channel=page.options.get("channel", "shop"),
        heard_by=page.source,
        properties=_json(rest),
        policy=_policy(event),
        **fields,
    )


def _type(event: dict[str, Any]) -> Type:
    given = event.get("type")
    type_ = _TYPES.get(given.lower()) if isinstance(given, str) else None
    if type_ is None:
        raise RejectedRecord(f"`type` must be one of {', '.join(_TYPES)}, not {_shown(given)}.")
    return type_


def _who(rest: dict[str, Any]) -> dict[str, Any]:
    """Take the actor out of `rest`: an account is stabler than a cookie."""
    for name in ("userId", "anonymousId"):
        if rest.get(name) not in (None, ""):
            return {"actor": _name(rest.pop(name), name)}
    raise RejectedRecord("`userId` or `anonymousId` is needed: nobody did this.")


def _what(type_: Type, rest: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Take what it is about out of `rest` and `properties`."""
    if type_ == "Track":
        return {"event": _needed(rest, "event"), "object": _lift(properties, "order_id", "checkout_id", "cart_id")}
    if type_ in ("Page", "Screen"):
        return {"event": _lift(rest, "name"), "url": _url(properties)}
    if type_ == "Group":
        return {"object": _needed(rest, "groupId")}
    if type_ == "Alias":
        return {"object": _needed(rest, "previousId")}
    name = (rest.get("traits") or {}).get("name")
    return {"actor_name": name} if isinstance(name, str) and name else {}


def _bought(properties: dict[str, Any]) -> dict[str, Any]:
    """Take the e-commerce names out of `properties`; what has another type than it should stays there."""
    products = properties.get("products")
    if isinstance(products, list):
        del properties["products"]
    return {
        "product": _lift(properties, "product_id", "sku"),
        "brand": _lift(properties, "brand"),
        "quantity": _lift_number(properties, "quantity"),
        "value": _lift_number(properties, "revenue", "total", "value"),
        "currency": _lift(properties, "currency"),
        "promotion": _lift(properties, "promotion_id", "coupon"),
        "lines": _json(products) if isinstance(products, list) else None,
    }


def _published(event: dict[str, Any]) -> int | None:
    for name in ("timestamp", "originalTimestamp"):
        if event.get(name) not in (None, ""):
            return parse_time(event[name], f"`{name}`")
    return None


def _policy(event: dict[str, Any]) -> str | None:
    consent = (event.get("context") or {}).get("consent")
    return None if consent is None else _json({"consent": consent})


def _url(properties: dict[str, Any]) -> str | None:
    url = properties.get("url")
    is_web = isinstance(url, str) and url.lower().startswith(("http://", "https://"))
    return properties.pop("url") if is_web else None


def _needed(rest: dict[str, Any], name: str) -> str:
    if rest.get(name) in (None, ""):
        raise RejectedRecord(f"`{name}` is needed in an event of type {rest['type']}.")
    return _name(rest.pop(name), name)


def _name(value: object, where: str) -> str:
    """Return an id or a name as text; SDKs send customer numbers as numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RejectedRecord(f"`{where}` must be a string, not {_shown(value)}.")


def _lift(properties: dict[str, Any], *names: str) -> str | None:
    """Take the first of these names that holds a text (or a whole number) out of `properties`."""
    for name in names:
        value = properties.get(name)
        if isinstance(value, str) and value:
            del properties[name]
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            del properties[name]
            return str(value)
    return None


def _lift_number(properties: dict[str, Any], *names: str) -> float | None:
    for name in names:
        number = _number(properties.get(name))
        if number is not None:
            del properties[name]
            return number
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _shown(value: object) -> str:
    """Return a value as JSON, short enough for a reason."""
    text = _json(value)
    return text if len(text) <= 60 else text[:57] + "..."
