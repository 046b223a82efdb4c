"""Decodes what a search for posts on Bluesky answers."""

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.listen.bluesky_record import POST, Record, happened, said, web_url
from gehoor.listen.jetstream import CHANNEL, place_of
from gehoor.listen.lines import MAX_RAW, json_of, refuse
from gehoor.listen.times import parse_time

__all__ = ["BlueskyPostsDecoder"]

_MAX_COUNT = 2**63 - 1


class _Author(msgspec.Struct, gc=False, rename="camel"):
    did: str
    handle: str | None = None
    display_name: str | None = None


class _Post(msgspec.Struct, gc=False, rename="camel"):
    uri: str
    author: _Author
    record: Record
    indexed_at: str | None = None
    reply_count: int | None = None
    repost_count: int | None = None
    like_count: int | None = None


class _Results(msgspec.Struct, gc=False):
    posts: list[msgspec.Raw]


class BlueskyPostsDecoder:
    """Read the posts that `app.bsky.feed.searchPosts` answers; or one of them, when a reject is read again.

    A post has the id that the stream gives it, so one that is heard both ways counts once. What the search knows
    besides is who wrote it by name, and how often it was answered, passed on and liked.

    Notes
    -----
    Cost: 12 µs a post. Positions are digests of posts.
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return the posts, and a reject for each that makes no sense.

        Raises
        ------
        RejectedRecord
            When the page holds no posts at all.
        """
        found = Decoded(activities=[], rejects=[], items=[], raws=[])
        assert found.items is not None and found.raws is not None
        for post in _posts(page.payload):
            raw = bytes(post)
            try:
                found.activities.append(_activity(raw, page))
            except (msgspec.MsgspecError, RejectedRecord, RecursionError, UnicodeDecodeError) as error:
                found.rejects.append(refuse(page, place_of(raw), f"no post of Bluesky: {error}", raw))
                continue
            found.items.append(place_of(raw))
            found.raws.append(raw[:MAX_RAW])
        return found


def _posts(payload: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(payload, type=_Results).posts
    except msgspec.ValidationError:
        return [msgspec.Raw(payload)]
    except (msgspec.DecodeError, RecursionError):
        json_of(payload, None)  # says where it is broken
        raise RejectedRecord("no results of a search") from None


def _activity(raw: bytes, page: RawPage) -> Activity:
    post = msgspec.json.decode(raw, type=_Post)
    did, collection, rkey = _parts(post.uri)
    if collection != POST or did != post.author.did:
        raise RejectedRecord("its uri is not that of a post of its author")
    return Activity(
        id=post.uri,
        published=happened(post.record, _indexed_at(post, page)),
        received=page.received,
        channel=CHANNEL,
        heard_by=page.source,
        actor=did,
        actor_name=post.author.display_name or post.author.handle or None,
        url=web_url(did, rkey),
        replies=_count(post.reply_count),
        reposts=_count(post.repost_count),
        likes=_count(post.like_count),
        **said(post.record, did),
    )


def _parts(uri: str) -> tuple[str, str, str]:
    parts = uri.removeprefix("at://").split("/")
    if len(parts) != 3 or not all(parts):
        raise RejectedRecord("its uri is not of the form at://did/collection/rkey")
    return parts[0], parts[1], parts[2]


def _indexed_at(post: _Post, page: RawPage) -> int:
    try:
        return parse_time(post.indexed_at)
    except RejectedRecord:
        return page.received


def _count(n: int | None) -> int | None:
    return n if n is not None and 0 <= n <= _MAX_COUNT else None
