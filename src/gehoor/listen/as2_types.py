"""The vocabulary of ActivityStreams 2.0: which types there are, and what type a document says that it has.

Source: https://www.w3.org/TR/activitystreams-vocabulary/
"""

import re
from typing import Any

__all__ = [
    "ACTIVITIES", "ACTORS", "COLLECTIONS", "CONTENT", "LINKS", "ORDERED", "PAGES", "VOCABULARY",
    "is_as2_context", "main_type", "types_of",
]  # fmt: skip

ACTIVITIES = frozenset((
    "Activity", "IntransitiveActivity", "Accept", "Add", "Announce", "Arrive", "Block", "Create", "Delete", "Dislike",
    "Flag", "Follow", "Ignore", "Invite", "Join", "Leave", "Like", "Listen", "Move", "Offer", "Question", "Read",
    "Reject", "Remove", "TentativeAccept", "TentativeReject", "Travel", "Undo", "Update", "View",
))  # fmt: skip
ACTORS = frozenset(("Application", "Group", "Organization", "Person", "Service"))
CONTENT = frozenset(("Article", "Audio", "Document", "Event", "Image", "Note", "Page", "Question", "Video"))
LINKS = frozenset(("Link", "Mention"))
PAGES = frozenset(("CollectionPage", "OrderedCollectionPage"))
ORDERED = frozenset(("OrderedCollection", "OrderedCollectionPage"))
COLLECTIONS = PAGES | ORDERED | {"Collection"}
VOCABULARY = (
    ACTIVITIES | ACTORS | CONTENT | LINKS | COLLECTIONS | {"Object", "Place", "Profile", "Relationship", "Tombstone"}
)

_AS2 = re.compile(r"https?://(?:www\.)?w3\.org/ns/activitystreams(?:\.jsonld)?[#/]*")
_PREFIX = re.compile(r"as:|https?://(?:www\.)?w3\.org/ns/activitystreams#")


def is_as2_context(iri: str) -> bool:
    """Return whether an IRI names the ActivityStreams 2.0 context, in any of its spellings.

    Examples
    --------
    >>> is_as2_context("https://www.w3.org/ns/activitystreams#"), is_as2_context("http://schema.org")
    (True, False)
    """
    return _AS2.fullmatch(iri) is not None


def types_of(node: dict[str, Any]) -> list[str]:
    """Return the types of an object, AS2's own without their prefix; empty when it says none."""
    given = node.get("type", node.get("@type"))
    names = given if isinstance(given, list) else [given]
    return [_PREFIX.sub("", name, count=1) for name in names if isinstance(name, str)]


def main_type(node: dict[str, Any]) -> str | None:
    """Return the first type that AS2 knows, else the first type, else None.

    Examples
    --------
    >>> main_type({"type": ["prov:Activity", "Like"]})
    'Like'
    """
    plain = node.get("type")
    if isinstance(plain, str) and plain in VOCABULARY:  # nearly always, and asked a dozen times an object
        return plain
    types = types_of(node)
    return next((name for name in types if name in VOCABULARY), types[0] if types else None)
