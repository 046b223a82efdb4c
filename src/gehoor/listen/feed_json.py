"""Reads JSON Feed 1.0 and 1.1. Source: https://www.jsonfeed.org/version/1.1/"""

from typing import Any
from urllib.parse import urljoin

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.listen.as2_text import plain_text
from gehoor.listen.feed_entry import Entry, Feed, moment_or_none, web_address
from gehoor.listen.json_body import parse_json

__all__ = ["as_json_feed", "read_json_feed", "titled"]

_VERSION = "https://jsonfeed.org/version/1.1"


def read_json_feed(payload: bytes, address: str) -> Feed:
    """Return what a JSON Feed holds; an item that is no object is left out, and so is a field of the wrong kind.

    Raises
    ------
    RejectedRecord
        When it is no JSON, or JSON that is no feed.
    """
    document = parse_json(payload)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise RejectedRecord("This JSON is no feed: a JSON Feed has a list of items.")
    language, authors = _text(document, "language"), _authors(document)
    entries = [_entry(item, address, language) for item in document["items"] if isinstance(item, dict)]
    for entry in entries:
        if entry.actor_name is None and entry.actor is None and authors:
            entry.actor, entry.actor_name = authors
    return Feed(
        title=_text(document, "title"),
        hub=_hub(document),
        topic=web_address(document.get("feed_url")),
        entries=entries,
    )


def _entry(item: dict[str, Any], address: str, language: str | None) -> Entry:
    markup, plain = _text(item, "content_html"), _text(item, "content_text")
    words = plain or (plain_text(markup) if markup else None) or _text(item, "summary") or ""
    title = _text(item, "title")
    actor, actor_name = _authors(item) or (None, None)
    return Entry(
        guid=_id(item),
        url=_link(item.get("url"), address),
        title=title,
        text=titled(title, words),
        html=markup,
        published=moment_or_none(item.get("date_published")),
        updated=moment_or_none(item.get("date_modified")),
        actor=actor,
        actor_name=actor_name,
        language=_text(item, "language") or language,
        media=tuple(_media(item)),
        tags=tuple(tag.strip() for tag in _list(item, "tags") if isinstance(tag, str) and tag.strip()),
        in_reply_to=_text(item, "_in_reply_to"),
    )


def titled(title: str | None, words: str) -> str:
    """Return words under their title, once where they begin with it."""
    if not title or words.startswith(title.rstrip(".… ")):
        return words
    return f"{title}\n\n{words}" if words else title


def _text(node: dict[str, Any], name: str) -> str | None:
    value = node.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def _list(node: dict[str, Any], name: str) -> list[Any]:
    value = node.get(name)
    return value if isinstance(value, list) else []


def _id(item: dict[str, Any]) -> str | None:
    value = item.get("id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(item, "id")


def _link(value: object, address: str) -> str | None:
    try:
        return web_address(urljoin(address, value)) if isinstance(value, str) and value.strip() else None
    except ValueError:
        return None


def _authors(node: dict[str, Any]) -> tuple[str | None, str | None] | None:
    """Return the first author's address and name."""
    for author in [*_list(node, "authors"), node.get("author")]:
        if isinstance(author, dict) and (_text(author, "name") or _text(author, "url")):
            return web_address(author.get("url")), _text(author, "name")
    return None


def _media(item: dict[str, Any]) -> list[str]:
    files = [part.get("url") for part in _list(item, "attachments") if isinstance(part, dict)]
    found = (web_address(value) for value in [item.get("image"), *files])
    return list(dict.fromkeys(address for address in found if address))


def _hub(document: dict[str, Any]) -> str | None:
    hubs = (hub for hub in _list(document, "hubs") if isinstance(hub, dict))
    return next((web_address(hub.get("url")) for hub in hubs if hub.get("type") == "WebSub"), None)


def as_json_feed(entry: Entry, changed: int | None) -> bytes:
    """Return one entry as a JSON Feed of its own: what a reject keeps, whatever the dialect it came in.

    Parameters
    ----------
    changed : int, optional
        When it was found to be edited, where the feed does not say so; microseconds UTC.
    """
    words = {"content_html": entry.html} if entry.html else {"content_text": entry.text}
    item = {
        "id": entry.object,
        "url": entry.url,
        "title": entry.title if entry.html else None,
        **words,
        "date_published": entry.published,
        "date_modified": changed or entry.updated,
        "authors": [{"url": entry.actor, "name": entry.actor_name}],
        "language": entry.language,
        "tags": entry.tags,
        "_in_reply_to": entry.in_reply_to,
    }
    kept = {name: value for name, value in item.items() if value}
    return msgspec.json.encode({"version": _VERSION, "items": [kept]})
