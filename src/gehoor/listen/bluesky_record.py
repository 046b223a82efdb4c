"""Reads the records of Bluesky: posts, likes and reposts, as both the stream and the search give them."""

from typing import Any, Final

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.listen.times import parse_time

__all__ = ["LIKE", "POST", "REPOST", "Record", "happened", "micros_of", "said", "web_url"]

POST: Final = "app.bsky.feed.post"
LIKE: Final = "app.bsky.feed.like"
REPOST: Final = "app.bsky.feed.repost"

_TID_DIGITS = {
    ord(sign): digit
    for sign, digit in zip("234567abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghijklmnopqrstuv", strict=True)
}
_TID_LENGTH, _TID_CLOCK_BITS = 13, 10
_TID_SIGNS = frozenset("234567abcdefghijklmnopqrstuvwxyz")


class _Part(msgspec.Struct, gc=False, rename="camel"):
    pass


class _Link(_Part):
    link: str | None = msgspec.field(default=None, name="$link")


class _Blob(_Part):
    ref: _Link | None = None
    cid: str | None = None  # as blobs were written until 2023


class _Image(_Part):
    image: _Blob | None = None
    alt: str | None = None


class _Reference(_Part):
    uri: str | None = None
    record: "_Reference | None" = None


class _Card(_Part):
    uri: str | None = None


class _Media(_Part):
    images: list[_Image] | None = None
    video: _Blob | None = None
    external: _Card | None = None
    alt: str | None = None


class _Embed(_Media):
    record: _Reference | None = None
    media: _Media | None = None


class _Feature(_Part):
    did: str | None = None
    uri: str | None = None
    tag: str | None = None


class _Facet(_Part):
    features: list[_Feature] | None = None


class _Reply(_Part):
    parent: _Reference | None = None
    root: _Reference | None = None


class _Label(_Part):
    val: str | None = None


class _Labels(_Part):
    values: list[_Label] | None = None


class Record(_Part):
    """A post, a like or a repost; of each only what is read."""

    text: str | None = None
    created_at: str | None = None
    langs: list[str] | None = None
    facets: list[_Facet] | None = None
    tags: list[str] | None = None
    reply: _Reply | None = None
    embed: _Embed | None = None
    labels: _Labels | None = None
    subject: _Reference | None = None


def micros_of(rev: str) -> int | None:
    """Return when a commit was made, microseconds UTC, from its revision; None when that is no TID.

    It is the same wherever the commit is heard, which the time of a Jetstream is not.

    Examples
    --------
    >>> micros_of("3l3qo2vutsw2b")
    1725911162251036
    """
    if len(rev) != _TID_LENGTH or not _TID_SIGNS.issuperset(rev):
        return None
    return int(rev.translate(_TID_DIGITS), 32) >> _TID_CLOCK_BITS


def happened(record: Record, at_most: int) -> int:
    """Return when something was said, microseconds UTC: as its app tells, but never later than it was first seen.

    An app may tell any moment, or none; Bluesky itself sorts by the same rule.
    """
    if record.created_at is None:
        return at_most
    try:
        return min(parse_time(record.created_at), at_most)
    except RejectedRecord:
        return at_most


def said(record: Record, did: str) -> dict[str, Any]:
    """Return the fields of `Activity` that a post fills, besides who and when.

    Parameters
    ----------
    record : Record
        The post.
    did : str
        Whose it is: pictures are found by it.
    """
    fields: dict[str, Any] = {"text": record.text or None, "language": _language(record.langs)}
    rest: dict[str, Any] = {}
    if record.reply is not None:
        fields["in_reply_to"] = _uri(record.reply.parent)
        fields["conversation"] = _uri(record.reply.root)
    if record.facets or record.tags:
        _read_features(record, fields, rest)
    if record.embed is not None:
        _read_embed(record.embed, did, fields, rest)
    if record.labels is not None:
        rest["labels"] = [label.val for label in record.labels.values or () if label.val]
    rest = {name: values for name, values in rest.items() if values}
    if rest:
        fields["properties"] = msgspec.json.encode(rest).decode()
    return fields


def web_url(did: str, rkey: str) -> str:
    """Return where people read a post."""
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def _language(langs: list[str] | None) -> str | None:
    """Return the one language that the app names; apps that name several leave it to us."""
    names = {name.partition("-")[0].lower() for name in langs or ()}
    return names.pop() if len(names) == 1 else None


def _uri(reference: _Reference | None) -> str | None:
    return reference.uri or None if reference is not None else None


def _read_features(record: Record, fields: dict[str, Any], rest: dict[str, Any]) -> None:
    features = [feature for facet in record.facets or () for feature in facet.features or ()]
    tags = [feature.tag for feature in features if feature.tag] + [tag for tag in record.tags or () if tag]
    fields["mentions"] = tuple(dict.fromkeys(feature.did for feature in features if feature.did))
    fields["tags"] = tuple(dict.fromkeys(tags))
    rest["links"] = list(dict.fromkeys(feature.uri for feature in features if feature.uri))


def _read_embed(embed: _Embed, did: str, fields: dict[str, Any], rest: dict[str, Any]) -> None:
    media = embed.media or embed
    quoted = embed.record.record or embed.record if embed.record is not None else None  # with media it lies deeper
    uri = _uri(quoted)
    if uri is not None and f"/{POST}/" in uri:  # else a list or a feed
        fields["quote_of"] = uri
    pictures = [
        f"https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{cid}" for cid in map(_cid, media.images or ()) if cid
    ]
    film = _blob_cid(media.video)
    fields["media"] = (*pictures, *([f"https://video.bsky.app/watch/{did}/{film}/playlist.m3u8"] if film else ()))
    rest["alt"] = [alt for alt in (media.alt, *(image.alt for image in media.images or ())) if alt]
    if media.external is not None and media.external.uri:
        rest["links"] = list(dict.fromkeys([*rest.get("links", ()), media.external.uri]))


def _cid(image: _Image) -> str | None:
    return _blob_cid(image.image)


def _blob_cid(blob: _Blob | None) -> str | None:
    if blob is None:
        return None
    return blob.cid or (blob.ref.link if blob.ref is not None else None)
