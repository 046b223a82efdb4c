"""Messages of a Jetstream and results of a search: what becomes of each."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.core.settings import parse
from gehoor.listen.bluesky_posts import BlueskyPostsDecoder
from gehoor.listen.bluesky_record import micros_of
from gehoor.listen.checks import check_decodes
from gehoor.listen.jetstream import JetstreamDecoder
from tests.cast import NOON
from tests.component.jetstream import account, commit, like, post, tid

AN = "did:plc:an"
URI = f"at://{AN}/app.bsky.feed.post/one"
AT = NOON - SECOND_US


def decode(*messages: Any) -> Decoded:
    payload = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages)
    return JetstreamDecoder().decode(RawPage(source="s", decoder="jetstream", payload=payload, received=NOON))


def only(message: Any) -> Activity:
    (activity,) = decode(message).activities
    return activity


def test_post_is_read_with_all_that_it_holds() -> None:
    image = {"alt": "een koffer", "image": {"$type": "blob", "ref": {"$link": "bafkrei1"}, "mimeType": "image/jpeg"}}
    said = only(
        post(
            AN, AT, "one", "Waar blijft mijn koffer? @klm.com #fail",
            langs=["nl-NL"], createdAt="2026-04-14T11:58:00.5Z", tags=["fail", "reizen"],
            reply={"parent": {"uri": "at://p", "cid": "c"}, "root": {"uri": "at://r", "cid": "c"}},
            facets=[
                {"index": {"byteStart": 0, "byteEnd": 3}, "features": [{"$type": "#mention", "did": "did:plc:klm"}]},
                {"features": [{"tag": "fail"}, {"uri": "https://klm.example/koffer"}]},
            ],
            embed={
                "$type": "app.bsky.embed.recordWithMedia",
                "record": {"record": {"uri": "at://did:plc:q/app.bsky.feed.post/9", "cid": "c"}},
                "media": {"$type": "app.bsky.embed.images", "images": [image]},
            },
            labels={"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]},
        )
    )  # fmt: skip
    assert (said.id, said.type, said.object, said.rev, said.channel) == (URI, "Create", None, 0, "bluesky")
    assert (said.actor, said.heard_by, said.language) == (AN, "s", "nl")
    assert said.published == NOON - 119_500_000
    assert (said.in_reply_to, said.conversation) == ("at://p", "at://r")
    assert said.quote_of == "at://did:plc:q/app.bsky.feed.post/9"
    assert (said.mentions, said.tags) == (("did:plc:klm",), ("fail", "reizen"))
    assert said.media == (f"https://cdn.bsky.app/img/feed_fullsize/plain/{AN}/bafkrei1",)
    assert said.url == f"https://bsky.app/profile/{AN}/post/one"
    known = json.loads(said.properties or "")
    assert known == {"links": ["https://klm.example/koffer"], "alt": ["een koffer"], "labels": ["graphic-media"]}


def test_quoted_post_card_and_film_are_found_where_they_lie() -> None:
    quoted = {"record": {"uri": "at://did:plc:q/app.bsky.feed.post/9", "cid": "c"}}
    assert only(post(AN, AT, "one", "x", embed=quoted)).quote_of == "at://did:plc:q/app.bsky.feed.post/9"
    a_list = {"record": {"uri": "at://did:plc:q/app.bsky.graph.list/9", "cid": "c"}}
    assert only(post(AN, AT, "one", "x", embed=a_list)).quote_of is None
    card = only(post(AN, AT, "one", "x", embed={"external": {"uri": "https://nos.example/1", "title": "t"}}))
    assert json.loads(card.properties or "") == {"links": ["https://nos.example/1"]}
    film = only(post(AN, AT, "one", "x", embed={"video": {"ref": {"$link": "baf"}}, "alt": "een film"}))
    assert film.media == (f"https://video.bsky.app/watch/{AN}/baf/playlist.m3u8",)
    assert json.loads(film.properties or "") == {"alt": ["een film"]}


@pytest.mark.parametrize(
    ("langs", "language"), [([], None), (["en"], "en"), (["pt-BR", "pt"], "pt"), (["nl", "en"], None), (None, None)]
)
def test_language_is_taken_when_the_app_names_one(langs: list[str] | None, language: str | None) -> None:
    assert only(post(AN, AT, "one", "x", langs=langs)).language == language


def test_edit_has_an_id_of_its_own_and_a_revision() -> None:
    edit = only(post(AN, AT, "one", "beter", what="update"))
    assert (edit.id, edit.type, edit.object, edit.rev) == (f"{URI}#{tid(AT)}", "Update", URI, AT)


def test_deletion_of_a_post_and_of_a_like_take_back_what_they_name() -> None:
    gone = only(commit(AN, AT, "delete", "app.bsky.feed.post/one"))
    assert (gone.id, gone.type, gone.object, gone.actor) == (f"{URI}#{tid(AT)}", "Delete", URI, AN)
    assert gone.published == AT
    unlike = only(commit(AN, AT, "delete", "app.bsky.feed.like/l1"))
    assert (unlike.type, unlike.object) == ("Undo", f"at://{AN}/app.bsky.feed.like/l1")


@pytest.mark.parametrize(("kind", "type_"), [("like", "Like"), ("repost", "Announce")])
def test_like_and_repost_name_the_post(kind: str, type_: str) -> None:
    found = only(like(AN, AT, "l1", URI, kind))
    assert (found.id, found.type, found.object) == (f"at://{AN}/app.bsky.feed.{kind}/l1", type_, URI)
    assert (found.text, found.actor) == (None, AN)


def test_deleted_account_is_a_deletion_of_its_actor() -> None:
    gone = only(account(AN, AT, "deleted"))
    assert (gone.type, gone.object, gone.actor) == ("Delete", AN, AN)
    assert gone.published == NOON - 60 * SECOND_US


@pytest.mark.parametrize(
    "message",
    [
        account(AN, AT, None),
        account(AN, AT, "takendown"),
        {"did": AN, "time_us": AT, "kind": "identity", "identity": {"did": AN, "handle": "an.example", "seq": 1}},
        {"did": AN, "time_us": AT, "kind": "sync", "sync": 7},
        commit(AN, AT, "create", "app.bsky.graph.follow/f1", {"subject": "did:plc:bo"}),
        commit(AN, AT, "create", "app.bsky.actor.profile/self", {"text": 7}),
    ],
)
def test_what_nobody_asked_for_says_nothing(message: Any) -> None:
    found = decode(message)
    assert (found.activities, found.rejects) == ([], [])


@pytest.mark.parametrize(
    ("created", "published"),
    [
        ("2012-05-01T10:00:00Z", 1_335_866_400_000_000),
        ("2031-01-01T00:00:00Z", AT),
        ("0001-01-01T00:00:00Z", AT),
        ("gisteren", AT),
        (None, AT),
    ],
)
def test_moment_is_the_apps_but_never_later_than_its_commit(created: str | None, published: int) -> None:
    assert only(post(AN, AT, "one", "x", createdAt=created)).published == published


def test_same_commit_from_another_server_is_the_same_activity() -> None:
    here = post(AN, AT, "one", "x", what="update", createdAt="2031-01-01T00:00:00Z")
    assert only(here) == only(here | {"time_us": here["time_us"] + 90_000})


def test_commit_that_claims_to_come_from_the_future_is_not_believed() -> None:
    message = post(AN, AT, "one", "x", what="update", createdAt=None)
    message["commit"]["rev"] = "jzzzzzzzzzzzz"
    found = only(message)
    assert found.rev == found.published == message["time_us"]


@given(st.integers(1, 2**53 - 1), st.integers(0, 1_023))
def test_revision_tells_its_moment(moment: int, clock: int) -> None:
    assert micros_of(tid(moment, clock)) == moment


@pytest.mark.parametrize("rev", ["", "3l3qo2vutsw2", "3l3qo2vutsw21", "3L3QO2VUTSW2B", "3l3qo2vutsw2é"])
def test_revision_that_is_none_tells_nothing(rev: str) -> None:
    assert micros_of(rev) is None


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"{", "breaks off at column 2"),
        (b"[]", "no message of a Jetstream: Expected `object`"),
        (b"\xff\xfe", "not UTF-8"),
        ({"did": "", "time_us": AT, "kind": "commit"}, "length >= 1"),
        (commit(AN, AT, "create", "app.bsky.feed.post/one"), "commit.record is missing"),
        (commit(AN, AT, "rename", "app.bsky.feed.post/one"), "Invalid enum value 'rename'"),
        (commit(AN, AT, "create", "app.bsky.feed.like/one", {"subject": {}}), "record.subject.uri is missing"),
        (commit(AN, AT, "create", "app.bsky.feed.post/one", {"text": 7}), "`$.commit.record.text`"),
        (b'{"text": "' + b"x" * (1 << 20) + b'"}', "a message of 1,048,588 bytes"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_costs_no_neighbour(message: Any, words: str) -> None:
    found = decode(post(AN, AT, "one", "x"), message, post(AN, AT, "two", "y"))
    assert [activity.text for activity in found.activities] == ["x", "y"]
    (reject,) = found.rejects
    assert words in reject.reason


def test_refused_message_has_the_same_place_in_any_page() -> None:
    (first,) = decode(b"{", post(AN, AT, "one", "x")).rejects
    (again,) = decode(post(AN, AT, "two", "y"), b"", b"{").rejects
    assert first.position == again.position


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["uri", "cid", "record"]), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from(["text", "createdAt", "langs", "facets", "tags", "reply", "embed", "labels", "subject"])
RECORDS = st.dictionaries(FIELDS, JSONS, max_size=5)


@given(RECORDS, st.sampled_from(["post", "like", "repost"]), st.sampled_from(["create", "update", "delete"]))
def test_no_record_brings_the_decoders_down(record: dict[str, Any], kind: str, what: str) -> None:
    message = commit(AN, AT, what, f"app.bsky.feed.{kind}/one", record)
    found = check_decodes(JetstreamDecoder, json.dumps(message).encode(), {})
    assert found is not None and len(found.activities) + len(found.rejects) == 1
    results = {"posts": [{"uri": URI, "author": {"did": AN}, "record": record, "likeCount": 2**63}]}
    found = check_decodes(BlueskyPostsDecoder, json.dumps(results).encode(), {})
    assert found is not None and len(found.activities) + len(found.rejects) == 1


def search_page(*posts: Any) -> RawPage:
    payload = json.dumps({"posts": posts, "cursor": "1"}).encode()
    return RawPage(source="s", decoder="bluesky", payload=payload, received=NOON)


def result(message: dict[str, Any], **known: Any) -> dict[str, Any]:
    change = message["commit"]
    uri = f"at://{message['did']}/{change['collection']}/{change['rkey']}"
    author = {"did": message["did"], "handle": "an.example", "displayName": "An"}
    return {"uri": uri, "author": author, "record": change["record"], "indexedAt": "2026-04-14T11:59:59Z"} | known


def test_post_that_is_found_is_the_post_that_is_heard() -> None:
    told = post(AN, AT, "one", "Waar blijft mijn koffer?", reply={"parent": {"uri": "at://p"}})
    (found,) = BlueskyPostsDecoder().decode(search_page(result(told, likeCount=3, replyCount=1))).activities
    assert (found.actor_name, found.likes, found.replies, found.reposts) == ("An", 3, 1, None)
    assert msgspec.structs.replace(found, actor_name=None, likes=None, replies=None) == only(told)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"uri": "at://x"}, "not of the form"),
        ({"uri": f"at://{AN}/app.bsky.graph.list/1"}, "not that of a post"),
        ({"author": {"did": "did:plc:bo"}}, "not that of a post of its author"),
        ({"record": {"text": 7}}, "Expected `str | null`"),
    ],
)
def test_bad_result_costs_no_neighbour_and_can_be_read_again(wrong: dict[str, Any], words: str) -> None:
    good = result(post(AN, AT, "one", "x"))
    found = BlueskyPostsDecoder().decode(search_page(good, good | wrong))
    (reject,) = found.rejects
    assert len(found.activities) == 1 and words in reject.reason
    again = RawPage(source="s", decoder="bluesky", payload=reject.raw, received=NOON)
    assert len(BlueskyPostsDecoder().decode(again).rejects) == 1


def test_number_beyond_all_bounds_costs_itself_only() -> None:
    odd = result(post(AN, AT, "one", "x"), likeCount=10**30, viewer={"n": 10**30})
    found = BlueskyPostsDecoder().decode(search_page(odd, result(post(AN, AT, "two", "y"))))
    assert [(one.text, one.likes) for one in found.activities] == [("x", None), ("y", None)]


def test_page_without_results_is_refused_whole() -> None:
    with pytest.raises(RejectedRecord, match="the JSON is broken"):
        BlueskyPostsDecoder().decode(RawPage(source="s", decoder="bluesky", payload=b"<html>", received=NOON))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('jetstream = "https://jetstream.example"', "it begins with wss://"),
        ('appview = "public.api.bsky.app"', "it begins with https://"),
        ("collections = []", "collections is empty"),
        ('collections = ["app.bsky.feed.posts"]', "app.bsky.feed.posts"),
        ('dids = ["klm.com"]', "not handles"),
        ('handle = "klm.com"', "belong together"),
        ("rewind_s = -1", "rewind_s"),
    ],
)
def test_wrong_setting_is_said_in_words(setting: str, words: str, tmp_path: Any) -> None:
    with pytest.raises(SettingError, match=words):
        parse(f'[sources.b]\ntype = "bluesky"\n{setting}\n', tmp_path)


def test_source_as_broad_as_this_keeps_what_concerns_a_brand(tmp_path: Any) -> None:
    assert parse('[sources.b]\ntype = "bluesky"\n', tmp_path).sources["b"].keep == "brands"
