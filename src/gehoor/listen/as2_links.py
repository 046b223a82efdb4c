"""Reads what an ActivityStreams object points at: people, posts, pictures, audiences."""

from collections.abc import Iterator
from typing import Any, Literal

from gehoor.listen.as2_types import LINKS, main_type, types_of
from gehoor.listen.json_body import digest_id

__all__ = [
    "addresses", "identity", "media", "mentions", "own_id", "reference", "tags", "values", "visibility", "web_url",
]  # fmt: skip

_PUBLIC = frozenset(("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"))
_AUDIENCE = ("to", "cc", "bto", "bcc", "audience")


def values(node: dict[str, Any], name: str) -> list[Any]:
    """Return a property's values as a list: AS2 makes no difference between one value and a list of one."""
    value = node.get(name)
    if isinstance(value, list):
        return [one for one in value if one is not None]
    return [] if value is None else [value]


def own_id(node: dict[str, Any]) -> str | None:
    """Return the id that an object says it has."""
    plain = node.get("id")
    if isinstance(plain, str) and plain:
        return plain
    return next((one for name in ("id", "@id") for one in values(node, name) if isinstance(one, str) and one), None)


def identity(node: dict[str, Any]) -> str:
    """Return an object's id, or the digest of its canonical form when it has none.

    `@context` is no part of that form: it stands on a document and not on the same object inside a collection.
    """
    return own_id(node) or digest_id({name: value for name, value in node.items() if name != "@context"})


def reference(value: object) -> str | None:
    """Return what an IRI, an object or a link refers to.

    Examples
    --------
    >>> reference({"type": "Link", "href": "https://example.org/1"})
    'https://example.org/1'
    """
    if isinstance(value, str):
        return value or None
    if not isinstance(value, dict):
        return None
    if main_type(value) in LINKS and isinstance(value.get("href"), str):
        return str(value["href"])
    return identity(value)


def addresses(node: dict[str, Any]) -> list[str]:
    """Return whom an object is addressed to, in `to`, `cc`, `bto`, `bcc` and `audience`."""
    found = (reference(one) for name in _AUDIENCE for one in values(node, name))
    return [address for address in found if address]


def visibility(addressed: list[str]) -> Literal["public", "followers", "direct"]:
    """Return who may see it: everybody, the author's followers, or only those addressed.

    Addressed to nobody is public: a document that names no audience keeps nobody out.
    """
    if not addressed or not _PUBLIC.isdisjoint(addressed):
        return "public"
    return "followers" if any(address.rstrip("/").endswith("/followers") for address in addressed) else "direct"


def _hrefs(value: object) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a `url`, an attachment or an image, each with its media type."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one, ""
        elif isinstance(one, dict):
            media_type = one.get("mediaType")
            if isinstance(one.get("href"), str):
                yield one["href"], media_type if isinstance(media_type, str) else ""
            else:
                yield from _hrefs(one.get("url"))


def _is_web(address: str) -> bool:
    return address.lower().startswith(("https://", "http://"))


def web_url(node: dict[str, Any]) -> str | None:
    """Return where people read it, the page rather than a file; never another scheme than http(s)."""
    found = [(address, kind) for address, kind in _hrefs(node.get("url")) if _is_web(address)]
    pages = [address for address, kind in found if kind.startswith("text/html")]
    return pages[0] if pages else found[0][0] if found else None


def media(node: dict[str, Any], *, is_file: bool) -> tuple[str, ...]:
    """Return the web addresses of its attachments and image; of the object itself when it is a picture or a film."""
    sources = [node.get("attachment"), node.get("image"), node.get("url") if is_file else None]
    found = (address for source in sources for address, _ in _hrefs(source) if _is_web(address))
    return tuple(dict.fromkeys(found))


def mentions(node: dict[str, Any]) -> tuple[str, ...]:
    """Return whom it mentions, by their ids."""
    found = (one.get("href") for one in values(node, "tag") if isinstance(one, dict) and "Mention" in types_of(one))
    return tuple(dict.fromkeys(href for href in found if isinstance(href, str)))


def tags(node: dict[str, Any]) -> tuple[str, ...]:
    """Return its hashtags without their `#`; a tag that names no type is one when its name begins with `#`."""
    found: dict[str, None] = {}
    for one in values(node, "tag"):
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str) and (name.startswith("#") or "Hashtag" in types_of(one)) and name.strip("#"):
            found[name.strip("#")] = None
    return tuple(found)
