"""Turns one checked ActivityStreams object into an activity. See `ActivityStreamsDecoder` for the tables."""

from typing import Any

import msgspec

from gehoor.core.page import RawPage
from gehoor.core.record import Activity, Type
from gehoor.listen import as2_links
from gehoor.listen.as2_text import Saying, read_saying
from gehoor.listen.as2_types import ACTIVITIES, ACTORS, CONTENT, LINKS, VOCABULARY, is_as2_context, main_type, types_of
from gehoor.listen.json_body import digest_id
from gehoor.listen.times import parse_time

__all__ = ["read_item"]

_SAME: dict[str, Type] = {
    "Create": "Create", "Update": "Update", "Delete": "Delete", "Announce": "Announce", "Like": "Like",
    "Follow": "Follow", "Flag": "Flag", "Undo": "Undo",
}  # fmt: skip
_GENERIC = frozenset(("Activity", "IntransitiveActivity", "Object"))
_FILES = frozenset(("Audio", "Document", "Image", "Video"))
_MAX_COUNT = 2**63 - 1


def read_item(item: dict[str, Any] | str, page: RawPage, language: str | None = None) -> Activity:
    """Return the activity that an AS2 object, link or IRI amounts to.

    Parameters
    ----------
    item : dict or str
        Checked by `as2_rules`.
    page : RawPage
        Where it was heard.
    language : str, optional
        `@language` of the document's context.

    Raises
    ------
    RejectedRecord
        A moment that no calendar has, or outside 1970-2100.
    """
    node: dict[str, Any] = {"type": "Link", "href": item} if isinstance(item, str) else item
    fields = _activity(node, language) if _is_activity(node) else _bare(node, language)
    if fields["type"] == "Update" and not fields["rev"]:
        fields["rev"] = page.received  # an edit that does not say when: it is later than the post
    return Activity(
        received=page.received,
        channel=page.options.get("channel", "activitystreams"),
        heard_by=page.source,
        properties=_rest(node, [fields.get("html"), fields.get("text")]),
        **fields,
    )


def _is_activity(node: dict[str, Any]) -> bool:
    """Tell something done from a thing: by its type, and where AS2 does not know the type by its having an actor."""
    type_ = main_type(node)
    if type_ == "Question":
        return False  # an activity by the letter; a post by its use, with content and replies
    return type_ in ACTIVITIES or (type_ not in VOCABULARY and node.get("actor") is not None)


def _activity(node: dict[str, Any], language: str | None) -> dict[str, Any]:
    type_: Type = _SAME.get(main_type(node) or "", "Track")
    target = next(iter(as2_links.values(node, "object")), None)
    embedded = target if isinstance(target, dict) else {}
    if type_ in ("Create", "Update"):
        fields = _post(type_, node, embedded, language)
        fields |= _somebody(node, "actor") or _somebody(embedded, "attributedTo")
    else:  # what somebody liked, shared or reported are another person's words, not this actor's
        fields = _said(_own(node), language) | _somebody(node, "actor")
    fields |= {
        "id": as2_links.identity(node),
        "type": type_,
        "object": as2_links.reference(target),
        "published": _published(type_, node, embedded),
        "visibility": as2_links.visibility(as2_links.addresses(node) or as2_links.addresses(embedded)),
    }
    if type_ == "Update" and main_type(embedded) in ACTORS:
        return fields | _profile(embedded) | {"rev": 0}
    if type_ == "Track" or (type_ == "Update" and not fields["text"]):
        # An edit without the new text cannot be applied: as `Update` it would wipe the post.
        return fields | {"type": "Track", "rev": 0, "event": _event(node)}
    return fields


def _post(type_: Type, node: dict[str, Any], embedded: dict[str, Any], language: str | None) -> dict[str, Any]:
    """Read the post that an activity brings: its object, or what the activity itself says of it."""
    # Of an edit the summary ("Sally updated her note") is no new text.
    outer = _own(node) if type_ == "Update" else node
    fields = _said(embedded or outer, language)
    if fields["text"] is None:
        fields |= _words(read_saying(outer, language))
    return fields | {"rev": _revision(node, embedded)}


def _own(node: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only describes an activity: what its actor adds is its content."""
    return {name: value for name, value in node.items() if not name.startswith(("name", "summary"))}


def _bare(node: dict[str, Any], language: str | None) -> dict[str, Any]:
    """Read a thing that came without the activity that made it."""
    type_, id_ = main_type(node), as2_links.identity(node)
    fields = _said(node, language) | _somebody(node, "attributedTo", "actor")
    fields["visibility"] = as2_links.visibility(as2_links.addresses(node))
    fields["published"] = _time(node, "published")
    updated = _time(node, "updated")
    rev = updated if updated and updated != fields["published"] and as2_links.own_id(node) else 0
    # a bare object names no activity: being told of it is one, so that another text under its id is a revision
    fields |= {"id": _own_activity(node), "object": as2_links.own_id(node), "rev": rev}
    if type_ == "Tombstone":
        moment = _time(node, "deleted")
        return {"id": f"{id_}#Delete", "type": "Delete", "object": id_, "published": moment}
    if type_ in ACTORS:
        return fields | _profile(node) | {"id": _own_activity(node), "object": None, "rev": 0}
    if type_ in CONTENT or _is_speech(node):
        return fields | {"type": "Update" if rev else "Create"}
    return _thing(node, fields)


def _is_speech(node: dict[str, Any]) -> bool:
    is_known = main_type(node) in VOCABULARY - {"Object"}
    return not is_known and any(node.get(name) for name in ("content", "contentMap", "inReplyTo"))


def _thing(node: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Read a place, a link, a collection ...: nobody said it, so its words are no text."""
    href = node.get("href")
    fields["object"] = as2_links.own_id(node)
    if main_type(node) in LINKS and isinstance(href, str):
        fields |= {"object": href, "url": href if href.startswith(("http://", "https://")) else None}
    told = {"id": _own_activity(node), "type": "Track", "event": _event(node), "rev": 0}
    return fields | told | {"text": None, "html": None, "language": None}


def _own_activity(node: dict[str, Any]) -> str:
    """Return an id for having been told of a thing: not the thing's own, which its `Create` may still need."""
    own = as2_links.own_id(node)
    digest = digest_id({name: value for name, value in node.items() if name != "@context"})
    return f"{own}#{digest[-16:]}" if own else digest


def _profile(node: dict[str, Any]) -> dict[str, Any]:
    """Read who somebody is; what an actor's page says of him is no post."""
    return {
        "type": "Identify",
        "actor": as2_links.own_id(node),
        "actor_name": _name(node),
        "actor_followers": _total(node, "followers"),
        "text": None,
        "html": None,
        "language": None,
    }


def _name(node: dict[str, Any]) -> str | None:
    name = read_saying({"name": node.get("name"), "nameMap": node.get("nameMap")}, None).text
    return name or _text(node, "preferredUsername")


def _event(node: dict[str, Any]) -> str:
    """Return the most telling of its types."""
    types = types_of(node)
    return next((name for name in types if name not in _GENERIC), types[0] if types else "Object")


def _words(saying: Saying) -> dict[str, Any]:
    return {"text": saying.text, "html": saying.html, "language": saying.language}


def _said(node: dict[str, Any], language: str | None) -> dict[str, Any]:
    """Return everything about a post that is not about who and when."""
    replied = next(iter(as2_links.values(node, "inReplyTo")), None)
    talk = node.get("conversation") or next(iter(as2_links.values(node, "context")), None)
    quotes = (node.get(name) for name in ("quote", "quoteUrl", "quoteUri", "_misskey_quote"))
    place = next(iter(as2_links.values(node, "location")), None)
    name = place.get("name") if isinstance(place, dict) else place
    return _words(read_saying(node, language)) | {
        "url": as2_links.web_url(node),
        "media": as2_links.media(node, is_file=main_type(node) in _FILES),
        "in_reply_to": as2_links.reference(replied),
        "conversation": as2_links.reference(talk),
        "quote_of": next((quote for quote in quotes if isinstance(quote, str)), None),
        "mentions": as2_links.mentions(node),
        "tags": as2_links.tags(node),
        "place": name if isinstance(name, str) else None,
        "likes": _total(node, "likes"),
        "reposts": _total(node, "shares"),
        "replies": _total(node, "replies"),
    }


def _total(node: dict[str, Any], name: str) -> int | None:
    collection = node.get(name)
    total = collection.get("totalItems") if isinstance(collection, dict) else None
    is_count = isinstance(total, int) and not isinstance(total, bool) and 0 <= total <= _MAX_COUNT
    return total if is_count else None


def _somebody(node: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the first actor that is named; a person without an id is a name only."""
    for value in (value for name in names for value in as2_links.values(node, name)):
        if isinstance(value, str) and value:
            return {"actor": value}
        if isinstance(value, dict):
            is_known = as2_links.own_id(value) or main_type(value) in LINKS
            return {
                "actor": as2_links.reference(value) if is_known else None,
                "actor_name": _name(value),
                "actor_followers": _total(value, "followers"),
            }
    return {}


def _text(node: dict[str, Any], name: str) -> str | None:
    value = node.get(name)
    return value if isinstance(value, str) else None


def _time(node: dict[str, Any], name: str) -> int | None:
    value = next(iter(as2_links.values(node, name)), None)
    return None if value is None else parse_time(value, f"`{name}`")


def _published(type_: Type, node: dict[str, Any], embedded: dict[str, Any]) -> int | None:
    """Return when it was done; of an edit when the post was first published; of a deletion, if need be, when gone."""
    if type_ == "Update":
        return _first_time((embedded, "published"), (node, "published"), (node, "updated"))
    if type_ == "Create":
        return _first_time((node, "published"), (embedded, "published"))
    return _first_time((node, "published"), (embedded if type_ == "Delete" else {}, "deleted"))


def _first_time(*places: tuple[dict[str, Any], str]) -> int | None:
    found = (_time(node, name) for node, name in places)
    return next((moment for moment in found if moment is not None), None)


def _revision(node: dict[str, Any], embedded: dict[str, Any]) -> int:
    """Return the moment of the last edit; 0 for a post as it was first made."""
    edited = _first_time((embedded, "updated"), (node, "updated"))
    if main_type(node) == "Update":
        return edited or _first_time((node, "published")) or 0
    first = _first_time((embedded, "published"), (node, "published"))
    return edited if edited is not None and edited != first else 0


def _rest(node: dict[str, Any], kept: list[str | None]) -> str:
    """Return the object as JSON, less what the row holds word for word: what we do not read must not get lost."""
    rest = {name: value for name, value in node.items() if not (name == "content" and _is_kept(value, kept))}
    context = rest.get("@context")
    if isinstance(context, str) and is_as2_context(context):
        del rest["@context"]
    embedded = rest.get("object")
    if isinstance(embedded, dict) and _is_kept(embedded.get("content"), kept):
        rest["object"] = {name: value for name, value in embedded.items() if name != "content"}
    return msgspec.json.encode(rest).decode()


def _is_kept(content: object, kept: list[str | None]) -> bool:
    return isinstance(content, str) and content in kept
