"""Turns a feed's document into activities: a new entry is a `Create`, a changed one an `Update`."""

from typing import Any

import msgspec

from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import Activity
from gehoor.listen.feed_entry import Entry, Feed, identified
from gehoor.listen.feed_json import as_json_feed, read_json_feed
from gehoor.listen.feed_xml import read_xml_feed

__all__ = ["FeedDecoder", "read_feed"]

_MAX_RAW = 65_536
_BOM = b"\xef\xbb\xbf"


def read_feed(payload: bytes, address: str = "", content_type: str = "") -> Feed:
    """Return what a document holds, whichever kind of feed it is; entries have their names.

    Parameters
    ----------
    address : str
        Where it was found, as `feed_entry.shown` gives it.

    Raises
    ------
    RejectedRecord
        When it is no feed.
    """
    text = payload.removeprefix(_BOM).lstrip()
    is_json = text[:1] in (b"{", b"[")
    feed = read_json_feed(text, address) if is_json else read_xml_feed(payload, address, content_type)
    return msgspec.structs.replace(feed, entries=identified(feed.entries, address))


class FeedDecoder:
    """Reads RSS, Atom, RDF and JSON Feed.

    Options: `channel`; `url` and `content_type` of the document; `take`, the indices of the entries that are wanted
    (absent: all); `revs`, index -> revision of entries that changed since they were last heard; `in_reply_to`, what all
    of it answers (a feed of comments); `is_push`, true when a hub sent it: of entries that were heard before it sends
    those that changed, so what has no date of its own counts as changed now.

    An edit that the feed dates itself is a revision with that date; one that it does not date gets its revision from
    the source, which knows what it heard before.
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return the activities of a document.

        Raises
        ------
        RejectedRecord
            When it is no feed.
        """
        options = page.options
        feed = read_feed(page.payload, str(options.get("url", "")), str(options.get("content_type", "")))
        revs: dict[str, int] = options.get("revs", {})
        # a reject that is read again is a document of its own: the places of the old one say nothing
        take = None if page.is_again or "take" not in options else frozenset(options["take"])
        wanted = [(index, entry) for index, entry in enumerate(feed.entries) if take is None or index in take]
        said = [(index, entry, revs.get(str(index))) for index, entry in wanted if entry.text]
        return Decoded(
            activities=[_activity(entry, feed, page, changed) for _, entry, changed in said],
            rejects=[_silent(page, index, entry) for index, entry in wanted if not entry.text],
            items=[index for index, _, _ in said],
            raws=[as_json_feed(entry, changed) for _, entry, changed in said],
        )


def _silent(page: RawPage, index: int, entry: Entry) -> Reject:
    reason = "The entry says nothing: it has no title and no words."
    raw = as_json_feed(entry, None)[:_MAX_RAW]
    return Reject(position=page.position + index, item=index, stage="decode", reason=reason, raw=raw)


def _activity(entry: Entry, feed: Feed, page: RawPage, changed: int | None) -> Activity:
    rev = changed or _own_rev(entry, page.received) or (page.received if page.options.get("is_push") else 0)
    known: dict[str, Any] = {"feed": feed.title, "title": entry.title}
    return Activity(
        id=f"{entry.object}#{rev}" if rev else entry.object,
        type="Update" if changed else "Create",
        object=entry.object if rev else None,
        rev=rev,
        published=entry.published if entry.published is not None else entry.updated,
        received=page.received,
        channel=str(page.options.get("channel") or "feed"),
        actor=entry.actor,
        actor_name=entry.actor_name,
        text=entry.text,
        html=entry.html,
        url=entry.url,
        media=entry.media,
        language=_language(entry.language),
        in_reply_to=page.options.get("in_reply_to") or entry.in_reply_to,
        tags=entry.tags,
        properties=msgspec.json.encode({name: value for name, value in known.items() if value}).decode(),
    )


def _own_rev(entry: Entry, received: int) -> int:
    """Return the revision that an entry claims: when it was edited, unless that is still to come."""
    is_edited = entry.updated is not None and entry.updated <= received and entry.updated > (entry.published or 0)
    return entry.updated or 0 if is_edited else 0


def _language(claim: str | None) -> str | None:
    base = (claim or "").replace("_", "-").partition("-")[0].strip().lower()
    return base if base.isascii() and base.isalpha() and 2 <= len(base) <= 3 else None
