"""Turns loosely typed values (JSON, spreadsheet cells) into the fields of `Activity`, or says why it cannot."""

import difflib
import hashlib
import json
import math
import re
from collections.abc import Callable
from typing import Any, get_args

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.record import Activity, Type
from gehoor.listen.times import parse_time

__all__ = ["FIELDS", "NAMES", "complete", "direction_of", "json_text", "name_of"]

NAMES = frozenset({"id", "object", "actor", "in_reply_to", "conversation", "quote_of", "product"})
"""Fields that hold a name within the channel: a number is as good as a text."""

_NEED_OBJECT = frozenset({"Update", "Delete", "Undo", "Like", "Announce", "Flag", "Follow"})
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_INT64 = 2**63
_KINDS = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def _refusal(name: str, value: object, wanted: str) -> RejectedRecord:
    kind = _KINDS.get(type(value), type(value).__name__)
    shown = repr(value[:60]) if isinstance(value, str) else kind
    return RejectedRecord(f"{name} is {shown} and must be {wanted}")


def _text(value: object, name: str) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number_name(value, name)
    raise _refusal(name, value, "a text")


def name_of(value: object, name: str) -> str | None:
    """Return a name (id, actor, parent ...) as text: `848`, `848.0` and `"848.0"` are the same one; None if empty.

    Raises
    ------
    RejectedRecord
        When a spreadsheet rounded it (`9.2E+17`): it is then another one's id.
    """
    if isinstance(value, str):
        value = value.strip()
        if value.endswith(".0") and value[:-2].isdecimal():
            return value[:-2]
        if _ROUNDED.fullmatch(value):
            raise RejectedRecord(f"{name} {value!r} was rounded by a spreadsheet: export that column as text")
        return value or None
    return _text(value, name)


def _number_name(value: float, name: str) -> str:
    if isinstance(value, int) and abs(value) < 10**40:
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, float) and name not in NAMES:
        return str(value)
    raise RejectedRecord(f"{name} is a number that lost its digits: write it in quotes")


def _integer(value: object, name: str) -> int | None:
    number = _real(value, name)
    if number is None:
        return None
    if number != int(number) or not -_INT64 <= number < _INT64:
        raise _refusal(name, value, "a whole number")
    return int(value) if isinstance(value, int) else int(number)


def _real(value: object, name: str) -> float | None:
    if value == "":
        return None
    try:
        number = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise _refusal(name, value, "a number")
    return number


def _time(value: object, name: str) -> int | None:
    return None if value == "" else parse_time(value, name)


def _texts(value: object, name: str) -> tuple[str, ...]:
    """Take a list of texts, or one text: a JSON list, or words between blanks and commas (media: URLs, blanks only)."""
    if isinstance(value, str):
        value = _split(value, name)
    if not isinstance(value, list):
        raise _refusal(name, value, "a list of texts")
    return tuple(text for text in (_text(item, name) for item in value if item is not None) if text)


def _split(value: str, name: str) -> object:
    if value.startswith("["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            raise RejectedRecord(f"{name} starts as a JSON list and is none") from None
    return re.split(r"\s+" if name == "media" else r"[\s,;]+", value.strip())


def _one_of(*allowed: str) -> Callable[[object, str], str]:
    known = {word: word for word in allowed}
    lower = {word.lower(): word for word in allowed}

    def read(value: object, name: str) -> str:
        if not isinstance(value, str):
            raise _refusal(name, value, f"one of {', '.join(allowed)}")
        word = known.get(value) or lower.get(value.strip().lower())
        if word is None:
            near = difflib.get_close_matches(value[:60], allowed, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise RejectedRecord(f"{name} {value[:60]!r} is none of {', '.join(allowed)}{hint}")
        return word

    return read


def json_text(value: object, name: str = "properties") -> str:
    """Return any JSON-like value as JSON text; a text that is JSON already stays as it is."""
    if isinstance(value, str):
        try:
            msgspec.json.decode(value, type=msgspec.Raw)
        except (msgspec.DecodeError, RecursionError):
            return msgspec.json.encode(value).decode()
        return value
    try:
        return msgspec.json.encode(value).decode()
    except OverflowError:  # an integer beyond 64 bits: the standard library writes it
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def direction_of(value: object, name: str) -> str:
    """Return `in` or `out` for `inbound` as spreadsheets write it: 1, 0, True, False, yes, no."""
    word = str(value).strip().lower()
    if word in {"1", "1.0", "true", "t", "yes", "y", "in"}:
        return "in"
    if word in {"0", "0.0", "false", "f", "no", "n", "out"}:
        return "out"
    raise RejectedRecord(f"{name} {word[:60]!r} is neither true (from a customer) nor false (from us)")


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(("channel", "heard_by", "actor_name", "place", "text", "html", "url"), _text),
    **dict.fromkeys(("language", "event", "brand", "currency", "promotion"), _text),
    **dict.fromkeys(NAMES, name_of),
    **dict.fromkeys(("rev", "actor_followers", "views", "replies", "reposts", "likes"), _integer),
    **dict.fromkeys(("quantity", "value"), _real),
    **dict.fromkeys(("media", "mentions", "tags"), _texts),
    **dict.fromkeys(("lines", "properties", "policy"), json_text),
    "published": _time,
    "type": _one_of(*get_args(Type)),
    "direction": _one_of("in", "out", "internal"),
    "visibility": _one_of("public", "followers", "direct"),
}
"""How each field of `Activity` is read: (value, name to use in a refusal) -> value, None when it is empty."""


def complete(fields: dict[str, Any]) -> Activity:
    """Return the activity of these fields, after what no single field can tell.

    An absent id is derived from what was said or done, so that reading it again does no harm: of two rows that are
    alike in channel, type, object, actor, published, text, event, product, value and in_reply_to only one is kept.
    An `Update` without `rev` is as old as its `published`.

    Raises
    ------
    RejectedRecord
        When nothing identifies it, or when it says nothing about which object it is.
    """
    kind = fields.get("type", "Create")
    if kind in _NEED_OBJECT and not fields.get("object"):
        raise RejectedRecord(f"type {kind} needs an object: the id of what it is about")
    if kind == "Update" and not fields.get("rev"):
        fields["rev"] = fields.get("published") or fields["received"]
    if not fields.get("id"):
        fields["id"] = _derived_id(fields)
    return Activity(**fields)


_DERIVED = ("channel", "type", "object", "actor", "published", "text", "event", "product", "value", "in_reply_to")


def _derived_id(fields: dict[str, Any]) -> str:
    if not any(fields.get(name) for name in ("text", "event", "object", "html", "url", "media")):
        raise RejectedRecord("no id, and neither text, event nor object to derive one from")
    canonical = msgspec.json.encode([fields.get(name) for name in _DERIVED])
    return "blake2:" + hashlib.blake2b(canonical, digest_size=16).hexdigest()
