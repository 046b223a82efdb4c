"""Opens the body of a Segment call: events apart as bytes, so that a broken one does not cost the others."""

import re
from typing import Any

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.listen.json_body import parse_json

__all__ = ["Envelope", "open_envelope"]

# Python's and Java's JSON writers let these through. Strings are matched first, so that their text stays as it is;
# one that never ends is matched too, or a body of escaped quotes would be scanned once for each of them.
_NOT_JSON = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|-?Infinity\b|-?NaN\b', re.DOTALL)


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What one body holds.

    Attributes
    ----------
    events : list of bytes
        Each event's JSON.
    shared : dict
        `context` and `integrations` of the batch, which hold for each event that does not say otherwise.
    write_key : str, optional
        The `writeKey` in the body.
    """

    events: list[bytes]
    shared: dict[str, dict[str, Any]]
    write_key: str | None


class _Body(msgspec.Struct):
    batch: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    context: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    integrations: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    writeKey: str | None = None  # noqa: N815 - the wire's own name


def open_envelope(body: bytes) -> Envelope:
    """Take a body apart: a batch, or a single event.

    Raises
    ------
    RejectedRecord
        Not JSON (cut off, not UTF-8 ...), or not an object with events.

    Examples
    --------
    >>> open_envelope(b'{"batch": [{"type": "page"}, 5], "writeKey": "k"}').events
    [b'{"type": "page"}', b'5']
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        parts = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = _mend(body)
        parts = msgspec.json.decode(body, type=_Body)
    if isinstance(parts.batch, msgspec.UnsetType):
        return Envelope(events=[body], shared={}, write_key=parts.writeKey)
    shared = {"context": _shared(parts.context), "integrations": _shared(parts.integrations)}
    events = [bytes(event) for event in parts.batch]
    return Envelope(events=events, shared={k: v for k, v in shared.items() if v}, write_key=parts.writeKey)


def _mend(body: bytes) -> bytes:
    """Return the body as JSON that can be read, or say why there is none."""
    value = parse_json(_NOT_JSON.sub(lambda match: match.group() if match.group()[:1] == b'"' else b"null", body))
    if not isinstance(value, dict):
        raise RejectedRecord('The body is not a JSON object: send one event, or {"batch": [events]}.')
    if not isinstance(value.get("batch", []), list):
        raise RejectedRecord('`batch` is not a list: send {"batch": [events]}.')
    if not isinstance(value.get("writeKey"), str | None):
        raise RejectedRecord("`writeKey` is not a string.")
    return msgspec.json.encode(value)


def _shared(raw: msgspec.Raw | msgspec.UnsetType) -> dict[str, Any]:
    value = None if isinstance(raw, msgspec.UnsetType) else parse_json(bytes(raw))
    return value if isinstance(value, dict) else {}
