"""Reads RSS 0.9-2.0, Atom and RDF, in all the dialects that feedparser knows, into our own terms."""

from collections.abc import Iterator
from typing import Any

from gehoor.listen.as2_text import plain_text
from gehoor.listen.feed_entry import Entry, Feed, moment_or_none, web_address
from gehoor.listen.feed_json import titled
from gehoor.listen.feed_parsing import parse_xml

__all__ = ["read_xml_feed"]

_LONGEST_PAUSE_S = 86_400.0
_PERIODS_S = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2.6e6, "yearly": 3.2e7}


def read_xml_feed(payload: bytes, address: str, content_type: str) -> Feed:
    """Return what an XML feed holds, in the order of the document.

    Parameters and errors as of `parse_xml`.
    """
    found = parse_xml(payload, address, content_type)
    links = list(_dicts(found.feed, "links"))
    return Feed(
        title=_text(found.feed, "title"),
        hub=next((web_address(link.get("href")) for link in links if link.get("rel") == "hub"), None),
        topic=next((web_address(link.get("href")) for link in links if link.get("rel") == "self"), None),
        pause_s=_pause_s(found.feed),
        entries=[_entry(entry, _text(found.feed, "language")) for entry in found.entries],
    )


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
        published=moment_or_none(_text(entry, "published")),
        updated=moment_or_none(_text(entry, "updated")),
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
