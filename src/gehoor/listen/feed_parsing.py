"""Parses XML feeds with feedparser, and keeps from it what would cost minutes, gigabytes or a crash."""

import re
from io import BytesIO
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

import feedparser

from gehoor.core.errors import RejectedRecord

__all__ = ["parse_xml"]

_MAX_BROKEN = 1_000_000  # feedparser mends broken XML at 5 µs a byte
_MAX_ENTITY = 1_000
_NUMBERED = re.compile(rb"&#(?:x([0-9a-fA-F]+)|([0-9]+));?")
_HTML = re.compile(rb"<(!doctype\s+html|html|body)[\s>]", re.IGNORECASE)
_LINK = re.compile(rb"<link\s[^<>]{0,1000}>", re.IGNORECASE)
_ALTERNATE = re.compile(rb"application/(?:rss|atom|feed)\+(?:xml|json)", re.IGNORECASE)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def parse_xml(payload: bytes, address: str, content_type: str) -> Any:
    """Return what feedparser makes of a document: a mapping with `feed` and `entries`.

    Parameters
    ----------
    address : str
        Where it was found; relative links are read from there.
    content_type : str
        The header, for its charset; what the document says itself comes second, what can be guessed third.

    Raises
    ------
    RejectedRecord
        When it is a web page or nothing we know, expands itself, or is broken and cannot be mended.
    """
    if not payload.strip():
        raise RejectedRecord("The feed is empty: there is nothing to read.")
    headers = {"content-location": address, "content-type": content_type or "application/xml"}
    whole = payload if _is_well_formed(payload) else _NUMBERED.sub(_mended, payload)
    whole = whole.replace(b"posList", b"positions")  # feedparser fails on one that stands alone; we read no places
    try:
        # from a stream: feedparser takes plain bytes for the name of a file, if there is one of that name
        found = feedparser.parse(
            BytesIO(whole), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError):
        # feedparser forgives much, and stumbles over the rest in any of these ways
        raise RejectedRecord("The feed is broken XML, and cannot be mended.") from None
    if not found.get("version") and not found.entries:
        raise RejectedRecord(_no_feed(payload, address))
    return found


def _is_well_formed(payload: bytes) -> bool:
    """Tell whether a document is XML; refuse it when it is an attack, or too large to be mended."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _no_expansion
    try:
        parser.ParseFile(BytesIO(payload))
    except (expat.ExpatError, ValueError, LookupError):  # also a charset that expat does not know
        if len(payload) > _MAX_BROKEN:
            raise RejectedRecord("The feed is broken XML, and too large to be mended.") from None
        return False
    return True


def _no_expansion(*declared: Any) -> None:
    value = declared[2]
    if value is not None and ("&" in value or len(value) > _MAX_ENTITY):
        raise RejectedRecord("The feed declares entities that expand: that is an attack, not a feed.")


def _mended(match: re.Match[bytes]) -> bytes:
    """Replace a numbered character that is none; feedparser breaks on half a pair."""
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 9 else 0
    is_one = 0 < code < 0xD800 or 0xDFFF < code < 0x110000
    return match[0] if is_one else b"&#xFFFD;"


def _no_feed(payload: bytes, address: str) -> str:
    if not _HTML.search(payload[:4_096]):
        return "This is no feed: neither RSS, Atom nor JSON Feed."
    for link in _LINK.findall(payload[:65_536]):
        place = _HREF.search(link)
        if _ALTERNATE.search(link) and place:
            return f"This is a web page, not a feed. It says its feed is at {_joined(address, place[1][:200])}"
    return "This is a web page, not a feed: give the address of its feed."


def _joined(address: str, place: bytes) -> str:
    text = place.decode("utf-8", "replace")
    try:
        return urljoin(address, text)
    except ValueError:
        return text
