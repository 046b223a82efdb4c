"""Reads RSS 0.9-2.0, Atom and RDF in all the dialects that feedparser knows, also broken ones; within bounds."""

import calendar
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.parsers import expat

import feedparser

from gehoor.core.errors import RejectedRecord
from gehoor.listen.as2_text import plain_text
from gehoor.listen.feed_entry import Entry, Feed, moment_or_none, web_address
from gehoor.listen.feed_json import titled

__all__ = ["read_xml_feed"]

_MAX_BROKEN = 1_000_000  # feedparser mends broken XML at 5 µs a byte
_MAX_ENTITY = 1_000
_LONGEST_PAUSE_S = 86_400.0
_PERIODS_S = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2.6e6, "yearly": 3.2e7}
_HTML = re.compile(rb"<(!doctype\s+html|html|body)[\s>]", re.IGNORECASE)
_LINK = re.compile(rb"<link\s[^<>]{0,1000}>", re.IGNORECASE)
_ALTERNATE = re.compile(rb"application/(?:rss|atom|feed)\+(?:xml|json)", re.IGNORECASE)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def read_xml_feed(payload: bytes, address: str, content_type: str) -> Feed:
    """Return what an XML feed holds, in the order of the document.

    Parameters
    ----------
    address : str
        Where it was found; relative links are read from there.
    content_type : str
        The header, for its charset; what the document says itself comes second, what can be guessed third.

    Raises
    ------
    RejectedRecord
        When it is a web page or nothing we know, expands itself, or is broken and too large to be mended.
    """
    _check(payload)
    headers = {"content-location": address, "content-type": content_type or "application/xml"}
    # from a stream: feedparser takes plain bytes for the name of a file, if there is one of that name
    found = feedparser.parse(
        BytesIO(payload), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.entries:
        raise RejectedRecord(_no_feed(payload))
    links = list(_dicts(found.feed, "links"))
    return Feed(
        title=_text(found.feed, "title"),
        hub=next((web_address(link.get("href")) for link in links if link.get("rel") == "hub"), None),
        topic=next((web_address(link.get("href")) for link in links if link.get("rel") == "self"), None),
        pause_s=_pause_s(found.feed),
        entries=[_entry(entry, _text(found.feed, "language")) for entry in found.entries],
    )


def _check(payload: bytes) -> None:
    """Refuse what would cost minutes or gigabytes, before feedparser sees it."""
    if not payload.strip():
        raise RejectedRecord("The feed is empty: there is nothing to read.")
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _no_expansion
    try:
        parser.ParseFile(BytesIO(payload))
    except (expat.ExpatError, ValueError, LookupError):  # also a charset that expat does not know
        if len(payload) > _MAX_BROKEN:
            raise RejectedRecord("The feed is broken XML, and too large to be mended.") from None


def _no_expansion(*declared: Any) -> None:
    value = declared[2]
    if value is not None and ("&" in value or len(value) > _MAX_ENTITY):
        raise RejectedRecord("The feed declares entities that expand: that is an attack, not a feed.")


def _no_feed(payload: bytes) -> str:
    if not _HTML.search(payload[:4_096]):
        return "This is no feed: neither RSS, Atom nor JSON Feed."
    for link in _LINK.findall(payload[:65_536]):
        place = _HREF.search(link)
        if _ALTERNATE.search(link) and place:
            return f"This is a web page, not a feed. It says its feed is at {place[1][:200].decode('utf-8', 'replace')}"
    return "This is a web page, not a feed: give the address of its feed."


def _pause_s(feed: Any) -> float:
    """Return how long a feed asks readers to stay away, at most a day."""
    ttl, frequency = _text(feed, "ttl") or "", _text(feed, "sy_updatefrequency") or ""
    minutes = float(ttl) if ttl.isascii() and ttl.isdigit() and len(ttl) < 9 else 0.0
    times = int(frequency) if frequency.isascii() and frequency.isdigit() and len(frequency) < 9 else 1
    period = _PERIODS_S.get((_text(feed, "sy_updateperiod") or "").lower(), 0.0)
    return min(max(60 * minutes, period / max(times, 1)), _LONGEST_PAUSE_S)


def _entry(entry: Any, language: str | None) -> Entry:
    content = _content(entry)
    words = _clean(str(content.get("value") or ""))
    is_markup = content.get("type") in {"text/html", "application/xhtml+xml"} or "<" in words
    title = plain_text(_text(entry, "title") or "") or None
    url = web_address(_text(entry, "link"))
    name, actor = _author(entry)
    return Entry(
        guid=_text(entry, "id"),
        url=url,
        title=title,
        text=titled(title, plain_text(words) if is_markup else words.strip()),
        html=words if is_markup else None,
        published=_moment(entry, "published"),
        updated=_moment(entry, "updated"),
        actor=actor,
        actor_name=name,
        language=content.get("language") or language,
        media=_media(entry),
        tags=tuple(dict.fromkeys(term for tag in _dicts(entry, "tags") if (term := _text(tag, "term")))),
        in_reply_to=_replied(entry, url),
        comments_url=web_address(_text(entry, "wfw_commentrss")),
        n_comments=_number(_text(entry, "slash_comments")),
    )


def _text(node: Any, name: str) -> str | None:
    # dict.get: feedparser's own gives a date for another that is absent
    value = dict.get(node, name)
    return (_clean(value).strip() or None) if isinstance(value, str) else None


def _clean(text: str) -> str:
    """Return text without half characters, which feedparser makes of `&#xD800;` in broken XML."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _dicts(node: Any, name: str) -> Iterator[dict[str, Any]]:
    value = dict.get(node, name)
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _content(entry: Any) -> dict[str, Any]:
    """Return the words of an entry: the whole where it is given, else the summary."""
    whole = max(_dicts(entry, "content"), key=lambda part: len(part.get("value") or ""), default={})
    summary = dict.get(entry, "summary_detail")
    if whole.get("value"):
        return whole
    return summary if isinstance(summary, dict) else {}


def _moment(entry: Any, name: str) -> int | None:
    """Return a date: as our own reader has it, else as feedparser guesses it."""
    moment = moment_or_none(_text(entry, name))
    parsed = dict.get(entry, f"{name}_parsed")
    if moment is not None or parsed is None:
        return moment
    try:
        return moment_or_none(calendar.timegm(parsed))
    except (ValueError, OverflowError):
        return None


def _author(entry: Any) -> tuple[str | None, str | None]:
    """Return an author's name and stable id: an address of the web, else of mail."""
    detail = dict.get(entry, "author_detail")
    known = detail if isinstance(detail, dict) else {}
    mail = _text(known, "email")
    actor = web_address(_text(known, "href")) or (f"mailto:{mail.lower()}" if mail and "@" in mail else None)
    return _text(known, "name") or (None if mail else _text(entry, "author")), actor


def _media(entry: Any) -> tuple[str, ...]:
    parts = [*_dicts(entry, "enclosures"), *_dicts(entry, "media_content")]
    found = (web_address(part.get("href") or part.get("url")) for part in parts)
    return tuple(dict.fromkeys(address for address in found if address))


def _replied(entry: Any, url: str | None) -> str | None:
    """Return what an entry answers: as it says itself, else the page that a comment's link (`#comment-5`) is on."""
    thread = dict.get(entry, "thr_in-reply-to")
    if isinstance(thread, dict) and (_text(thread, "ref") or _text(thread, "href")):
        return _text(thread, "ref") or _text(thread, "href")
    page, _, fragment = (url or "").partition("#")
    return page if fragment.startswith("comment-") else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None
