"""X API v2 exports: responses with what they include, single posts, lists."""

import json
from typing import Any

import pytest

from gehoor.core.page import Decoded, RawPage
from gehoor.listen.xapi import XApiDecoder

AN = {"id": "5", "name": "An", "username": "an", "public_metrics": {"followers_count": 12}}
REPLY = {
    "id": "1003", "text": "@klm waar is mijn koffer? ...", "author_id": "5", "created_at": "2026-11-22T12:00:00.000Z",
    "conversation_id": "800", "lang": "nl", "geo": {"place_id": "p1"}, "attachments": {"media_keys": ["3_1", "3_9"]},
    "referenced_tweets": [{"type": "replied_to", "id": "800"}, {"type": "quoted", "id": "801"}],
    "entities": {"mentions": [{"username": "klm", "id": "56377143"}], "hashtags": [{"tag": "fail"}]},
    "public_metrics": {"retweet_count": 3, "reply_count": 0, "like_count": 2, "quote_count": 1, "impression_count": 99},
    "edit_history_tweet_ids": ["1003"],
}  # fmt: skip
INCLUDES = {
    "users": [AN],
    "media": [{"media_key": "3_1", "url": "https://pbs.example/1.jpg"}],
    "places": [{"id": "p1", "full_name": "Utrecht"}],
}


def decode(*lines: Any, **options: Any) -> Decoded:
    payload = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    page = RawPage(source="s", decoder="xapi", payload=payload, received=9, position=700, options=options)
    return XApiDecoder().decode(page)


def test_reply_is_read_with_what_the_response_includes() -> None:
    (post,) = decode({"data": [REPLY], "includes": INCLUDES, "meta": {"result_count": 1}}).activities
    assert (post.id, post.type, post.object, post.channel) == ("1003", "Create", None, "twitter")
    assert (post.in_reply_to, post.quote_of, post.conversation) == ("800", "801", "800")
    assert (post.actor, post.actor_name, post.actor_followers, post.place) == ("5", "An", 12, "Utrecht")
    assert (post.views, post.replies, post.reposts, post.likes) == (99, 0, 3, 2)
    assert (post.mentions, post.tags, post.language) == (("56377143",), ("fail",), "nl")
    assert (post.media, post.url) == (("https://pbs.example/1.jpg",), "https://x.com/an/status/1003")
    assert post.published == 1_795_348_800_000_000
    kept = json.loads(post.properties or "")
    assert kept["author"] == AN
    assert kept["public_metrics"]["quote_count"] == 1


def test_retweet_announces_its_original() -> None:
    retweet = {"id": "9", "text": "RT @a: x", "referenced_tweets": [{"type": "retweeted", "id": "4"}]}
    assert [(a.type, a.object) for a in decode(retweet).activities] == [("Announce", "4")]


def test_later_version_updates_the_first() -> None:
    edit = {**REPLY, "id": "1005", "edit_history_tweet_ids": ["1003", "1004", "1005"]}
    first, later = decode(REPLY, edit).activities
    assert (first.type, first.object) == ("Create", None)
    assert (later.type, later.object, later.rev) == ("Update", "1003", 1_795_348_800_000_000)


def test_long_post_is_read_whole() -> None:
    assert decode({**REPLY, "note_tweet": {"text": "alles"}}).activities[0].text == "alles"


def test_author_inside_the_post_counts() -> None:
    assert decode({**REPLY, "author": AN}).activities[0].actor_name == "An"


@pytest.mark.parametrize(
    ("line", "n"),
    [
        ({"meta": {"result_count": 0}}, 0),
        ([], 0),
        ({"data": REPLY}, 1),
        ([REPLY, {"id": "2", "text": "x"}], 2),
        ([{"data": [REPLY]}, {"data": [{"id": "2"}]}], 2),
    ],
)
def test_every_shape_of_a_response_is_taken_apart(line: Any, n: int) -> None:
    found = decode(line)
    assert (len(found.activities), found.rejects) == (n, [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"errors": [{"title": "Unauthorized", "detail": "token expired"}]}, "answered with an error: token expired"),
        ({"title": "x"}, "neither a response of the X API v2"),
        (b"<html>", "the JSON is broken at column 1"),
        ({"data": [{"text": "x"}]}, "a post needs an id"),
        ({"data": ["x"]}, "a post needs an id"),
        ({"data": [{"id": "1", "created_at": "soon"}]}, "published 'soon' is not a date"),
    ],
)
def test_what_is_no_post_is_refused(line: Any, words: str) -> None:
    assert words in decode(line).rejects[0].reason


def test_positions_of_posts_never_meet() -> None:
    bad = {"id": "1", "created_at": "soon"}
    found = decode({"data": [bad, bad, bad]}, {"data": [bad, bad]}, bad)
    positions = [reject.position for reject in found.rejects]
    assert len(set(positions)) == 6
    assert positions == sorted(positions) and positions[0] == 700


def test_refused_post_can_be_decoded_again_with_its_author() -> None:
    (reject,) = decode({"data": [{**REPLY, "created_at": "soon"}], "includes": INCLUDES}).rejects
    mended = decode(reject.raw.replace(b"soon", b"2026-11-22")).activities[0]
    assert (mended.actor_name, mended.place) == ("An", "Utrecht")
