"""What the decoders of lines share: the defaults of a page, its lines, their encoding, and why one was refused."""

import re
from typing import Any

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage, Reject

__all__ = ["MAX_RAW", "given", "json_of", "refuse", "refuse_oversize", "utf8"]

MAX_RAW = 65_536
"""At most so much of a refused item is kept, bytes."""

_AT_BYTE = re.compile(r"\(byte (\d+)\)")


def given(page: RawPage, channel: str) -> dict[str, Any]:
    """Return the fields of `Activity` that every item of a page gets unless it says otherwise.

    Parameters
    ----------
    channel : str
        The channel where the page's options name none.
    """
    fields = {"channel": channel, "received": page.received, "heard_by": page.source}
    for name in ("channel", "language", "direction", "actor"):
        if page.options.get(name):
            fields[name] = page.options[name]
    return fields


def refuse(page: RawPage, item: int, reason: str, raw: bytes, id_: str | None = None) -> Reject:
    """Return the reject of one item of a page; positions count on from the page's first."""
    return Reject(position=page.position + item, item=item, stage="decode", reason=reason, raw=raw[:MAX_RAW], id=id_)


def refuse_oversize(page: RawPage) -> Decoded | None:
    """Return the one reject of a page that stands for an item too long to be read, None for any other page."""
    length = page.options.get("oversize")
    if not length:
        return None
    reason = (
        f"line {page.position} is {length:,} bytes long, at most {page.options['limit']:,} are read; its start is kept"
    )
    return Decoded(activities=[], rejects=[refuse(page, 0, reason, page.payload)])


def utf8(raw: bytes, encoding: str | None) -> bytes:
    """Return the line as UTF-8: as it is where it is UTF-8, else from `encoding`.

    Raises
    ------
    RejectedRecord
        When it is neither.
    """
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        if encoding is not None:
            return _transcoded(raw, encoding)
        place = f"byte 0x{raw[error.start]:02x} at column {error.start + 1}"
        raise RejectedRecord(f'not UTF-8 ({place}); set encoding = "cp1252" or what it was written in') from None
    return raw


def _transcoded(raw: bytes, encoding: str) -> bytes:
    try:
        return raw.decode(encoding).encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise RejectedRecord(f"neither UTF-8 nor {encoding}; set encoding to what it was written in") from None


def json_of(raw: bytes, encoding: str | None) -> Any:
    """Return the value of one JSON text.

    Raises
    ------
    RejectedRecord
        Saying at which column it breaks.
    """
    try:
        return msgspec.json.decode(utf8(raw, encoding))
    except msgspec.ValidationError:
        raise RejectedRecord("the JSON holds a number that is out of range") from None
    except msgspec.DecodeError as error:
        raise RejectedRecord(_broken(str(error), raw)) from None
    except RecursionError:
        raise RejectedRecord("the JSON is nested too deeply") from None


def _broken(message: str, raw: bytes) -> str:
    if "truncated" in message:
        return f"the JSON breaks off at column {len(raw.rstrip()) + 1}"
    place = _AT_BYTE.search(message)
    what = message.removeprefix("JSON is malformed: ").partition(" (byte")[0]
    return f"the JSON is broken at column {int(place[1]) + 1}: {what}" if place else f"the JSON is broken: {what}"
