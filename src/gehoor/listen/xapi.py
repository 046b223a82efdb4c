"""Decodes exports of the X API v2: responses with `data`, `includes` and `meta`, or posts one by one."""

from collections.abc import Iterator
from typing import Any

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.listen.fields import FIELDS, complete, json_text
from gehoor.listen.lines import MAX_RAW, given, json_of, refuse, refuse_oversize

__all__ = ["XApiDecoder"]

_READ = frozenset({"id", "text", "created_at", "author_id", "author", "conversation_id", "lang", "referenced_tweets"})
_METRICS = {"views": "impression_count", "replies": "reply_count", "reposts": "retweet_count", "likes": "like_count"}


class XApiDecoder:
    """Read responses of the X API v2 as they were saved: one response, one post, or a list of posts a line.

    A retweet is an `Announce` of its original; a later version of an edited post is an `Update` of the first, as
    recent as its `created_at`. `includes` gives the author's name and followers, the place and the media. What we do
    not read is kept, untouched, in `properties`, with the author as `author`.

    Options of a page: `channel`, `language`, `direction`, `actor` (defaults for every post), `encoding`, `oversize` and
    `limit` (set by the file source).

    An item is a post; its index is where its line begins in the payload plus its number in that line, so that
    `position`, counted in bytes, is never that of another post.

    Examples
    --------
    >>> line = b'{"data": [{"id": "7", "author_id": "1"}], "includes": {"users": [{"id": "1", "name": "An"}]}}'
    >>> page = RawPage(source="s", decoder="xapi", received=0, payload=line)
    >>> XApiDecoder().decode(page).activities[0].actor_name
    'An'
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return one activity or one reject for each post, and one reject for each line that is no response."""
        oversize = refuse_oversize(page)
        if oversize is not None:
            return oversize
        found = Decoded(activities=[], rejects=[], items=[], raws=[])
        at = 0
        for line in page.payload.split(b"\n"):
            if line.strip():
                _read_line(page, line, at, found)
            at += len(line) + 1
        return found


class _Includes:
    """What a response says once about many posts: who wrote them, where, with which media."""

    def __init__(self, raw: Any) -> None:
        includes = _dict(raw)
        self._users = _by(includes.get("users"), "id")
        self._media = _by(includes.get("media"), "media_key")
        self._places = _by(includes.get("places"), "id")

    def of(self, post: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """Return the part that is about this post, in the form of `includes`."""
        author = post.get("author_id")
        place = _dict(post.get("geo")).get("place_id")
        keys = _list(_dict(post.get("attachments")).get("media_keys"))
        embedded = post.get("author")  # tools that flatten responses put the author into the post
        users = [embedded] if isinstance(embedded, dict) else _found(self._users, [author])
        related = {"users": users, "media": _found(self._media, keys), "places": _found(self._places, [place])}
        return {name: items for name, items in related.items() if items}


def _read_line(page: RawPage, line: bytes, at: int, found: Decoded) -> None:
    assert found.items is not None and found.raws is not None
    defaults = given(page, "twitter")
    try:
        responses = list(_responses(json_of(line, page.options.get("encoding"))))
    except RejectedRecord as error:
        found.rejects.append(refuse(page, at, error.reason, line))
        return
    item = at
    for posts, includes in responses:
        for post in posts:
            related = includes.of(post) if isinstance(post, dict) else {}
            raw = json_text({"data": post, "includes": related} if related else post).encode()
            try:
                found.activities.append(_activity(post, related, defaults))
                found.items.append(item)
                found.raws.append(raw[:MAX_RAW])
            except RejectedRecord as error:
                found.rejects.append(refuse(page, item, error.reason, raw))
            item += 1


def _responses(value: Any) -> Iterator[tuple[list[Any], _Includes]]:
    """Yield the posts of each response with what it includes."""
    nothing = _Includes(None)
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and "data" in item:
                yield from _responses(item)
            else:
                yield [item], nothing
    elif isinstance(value, dict) and "data" in value:
        data = value["data"]
        yield (data if isinstance(data, list) else [data]), _Includes(value.get("includes"))
    elif isinstance(value, dict) and "id" in value:
        yield [value], nothing
    else:
        _check_empty(_dict(value))


def _check_empty(value: dict[str, Any]) -> None:
    """Accept a response without posts (`meta` says that there are none); refuse everything else."""
    if value.get("errors"):
        error = _dict(next(iter(_list(value["errors"])), None))
        detail = error.get("detail") or error.get("title") or "it does not say which"
        raise RejectedRecord(f"the X API answered with an error: {detail}")
    if "meta" not in value:
        raise RejectedRecord("neither a response of the X API v2 (data, includes, meta) nor a post (id, text)")


def _activity(post: Any, related: dict[str, list[dict[str, Any]]], defaults: dict[str, Any]) -> Activity:
    if not isinstance(post, dict) or not post.get("id"):
        raise RejectedRecord("a post needs an id")
    author = (related.get("users") or [{}])[0]
    long = _dict(post.get("note_tweet")).get("text")  # a long post repeats only its beginning in `text`
    places = related.get("places") or [{}]
    values = {
        "id": post["id"],
        "text": long or post.get("text"),
        "published": post.get("created_at"),
        "actor": post.get("author_id") or author.get("id"),
        "actor_name": author.get("name"),
        "actor_followers": _dict(author.get("public_metrics")).get("followers_count"),
        "conversation": post.get("conversation_id"),
        "language": post.get("lang") if post.get("lang") != "und" else None,
        "place": places[0].get("full_name"),
        "url": f"https://x.com/{author.get('username') or 'i'}/status/{post['id']}",
        "media": [item.get("url") or item.get("preview_image_url") for item in related.get("media", ())],
        **_references(post),
        **_entities(post),
        **{ours: _dict(post.get("public_metrics")).get(theirs) for ours, theirs in _METRICS.items()},
    }
    fields = defaults.copy()
    for name, value in values.items():
        known = None if value is None else FIELDS[name](value, name)
        if known is not None:
            fields[name] = known
    _version(post, fields)
    rest = {key: value for key, value in post.items() if key not in _READ}
    if rest or author:
        fields["properties"] = json_text({**rest, "author": author} if author else rest)
    return complete(fields)


def _references(post: dict[str, Any]) -> dict[str, Any]:
    """Read what it answers, quotes or passes on."""
    found: dict[str, Any] = {}
    for reference in _list(post.get("referenced_tweets")):
        kind, other = _dict(reference).get("type"), _dict(reference).get("id")
        if kind == "replied_to":
            found["in_reply_to"] = other
        elif kind == "quoted":
            found["quote_of"] = other
        elif kind == "retweeted" and other:
            found["type"], found["object"] = "Announce", other
    return found


def _version(post: dict[str, Any], fields: dict[str, Any]) -> None:
    """An edit is a post of its own for X; for us it is a later revision of the first."""
    versions = _list(post.get("edit_history_tweet_ids"))
    if len(versions) > 1 and str(versions[0]) != fields["id"] and "object" not in fields:
        fields["type"], fields["object"] = "Update", FIELDS["object"](versions[0], "edit_history_tweet_ids")


def _entities(post: dict[str, Any]) -> dict[str, Any]:
    entities = _dict(post.get("entities"))
    mentions = [_dict(item).get("id") or _dict(item).get("username") for item in _list(entities.get("mentions"))]
    return {"mentions": mentions, "tags": [_dict(item).get("tag") for item in _list(entities.get("hashtags"))]}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _by(items: Any, key: str) -> dict[str, dict[str, Any]]:
    return {str(item[key]): item for item in _list(items) if isinstance(item, dict) and key in item}


def _found(items: dict[str, dict[str, Any]], keys: list[Any]) -> list[dict[str, Any]]:
    return [items[str(key)] for key in keys if str(key) in items]
