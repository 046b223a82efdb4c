"""Statuses, notifications and deletions of Mastodon and its dialects, as they stand in the record."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.listen.checks import check_decodes
from gehoor.listen.mastodon_decoder import MastodonDecoder

HOST = "fedi.example"
AN = {
    "id": "7", "username": "an", "acct": "an@elders.example", "display_name": "An", "url": "https://elders.example/@an",
    "uri": "https://elders.example/users/an", "followers_count": 12, "note": "<p>privé</p>", "bot": False,
}  # fmt: skip
STATUS = {
    "id": "109", "uri": "https://elders.example/users/an/statuses/9", "url": "https://elders.example/@an/9",
    "created_at": "2026-11-22T12:00:00.000Z", "edited_at": None, "account": AN, "visibility": "public",
    "content": "<p>Waar is mijn koffer?</p>", "language": "nl", "in_reply_to_id": "101", "spoiler_text": "",
    "sensitive": False, "reblog": None, "quote": None, "poll": None, "card": None, "application": None,
    "mentions": [{"id": "1", "username": "acme", "url": "https://fedi.example/@acme", "acct": "acme"}],
    "tags": [{"name": "koffer", "url": "https://fedi.example/tags/koffer"}, {"name": "Oslo"}],
    "media_attachments": [
        {"id": "3", "type": "image", "url": "https://files.example/3.jpg", "description": "Een lege bagageband"}
    ],
    "replies_count": 1, "reblogs_count": 2, "favourites_count": 3,
}  # fmt: skip
AT = 1_795_348_800_000_000


def event(name: str, payload: Any) -> bytes:
    return json.dumps({"event": name, "payload": payload}).encode()


def decode(*lines: bytes, ours: str | None = None) -> Decoded:
    page = RawPage(
        source="fedi", decoder="mastodon", payload=b"\n".join(lines), received=9, position=700,
        options={"server": HOST, "ours": ours},
    )  # fmt: skip
    return MastodonDecoder().decode(page)


def one(name: str, payload: Any, ours: str | None = None) -> Activity:
    found = decode(event(name, payload), ours=ours)
    assert found.rejects == []
    (activity,) = found.activities
    return activity


def says(**changed: Any) -> Activity:
    return one("update", STATUS | changed)


def test_status_is_read_whole() -> None:
    post = says()
    assert (post.id, post.type, post.object, post.rev) == ("fedi.example/statuses/109", "Create", None, 0)
    assert (post.published, post.received, post.channel, post.heard_by) == (AT, 9, "mastodon", "fedi")
    assert (post.actor, post.actor_name, post.actor_followers) == ("https://elders.example/users/an", "An", 12)
    assert (post.text, post.html) == ("Waar is mijn koffer?", "<p>Waar is mijn koffer?</p>")
    assert (post.url, post.language) == ("https://elders.example/@an/9", "nl")
    assert post.in_reply_to == "fedi.example/statuses/101"
    assert (post.mentions, post.tags) == (("https://fedi.example/@acme",), ("koffer", "Oslo"))
    assert (post.replies, post.reposts, post.likes) == (1, 2, 3)
    assert post.media == ("https://files.example/3.jpg",)


def test_address_and_alternative_text_are_kept_and_the_profile_is_not() -> None:
    kept = json.loads(says().properties or "")
    assert kept["uri"] == "https://elders.example/users/an/statuses/9"
    assert kept["media"][0]["alt"] == "Een lege bagageband"
    assert "privé" not in json.dumps(kept, ensure_ascii=False)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Een</p><p>Twee<br />drie</p>", "Een\n\nTwee\ndrie"),
        (
            '<p>Kijk: <a href="https://acme.example/lang/pad"><span class="invisible">https://</span>'
            '<span class="ellipsis">acme.example/lang</span><span class="invisible">/pad</span></a></p>',
            "Kijk: https://acme.example/lang/pad",
        ),
        (
            '<p><span class="h-card"><a href="https://fedi.example/@acme" class="u-url mention">@<span>acme</span></a>'
            '</span> help! <a href="/tags/koffer" class="mention hashtag">#<span>koffer</span></a></p>',
            "@acme help! #koffer",
        ),
        ("Zonder &amp; markup", "Zonder & markup"),
    ],
)
def test_text_is_what_a_reader_sees(content: str, text: str) -> None:
    assert says(content=content).text == text


def test_content_warning_stands_above_the_words() -> None:
    assert says(spoiler_text="Geklaag").text == "Geklaag\n\nWaar is mijn koffer?"


def test_quote_is_linked_and_its_address_is_no_text() -> None:
    content = '<p class="quote-inline">RE: <a href="https://x.example/1">x.example/1</a></p><p>Precies dit.</p>'
    post = says(content=content, quote={"state": "accepted", "quoted_status": {"id": "55"}})
    assert (post.text, post.quote_of) == ("Precies dit.", "fedi.example/statuses/55")


@pytest.mark.parametrize(
    ("visibility", "ours"),
    [
        ("public", "public"), ("unlisted", "public"), ("private", "followers"), ("direct", "direct"),
        ("mutuals_only", "followers"), (None, "public"),
    ],
)  # fmt: skip
def test_visibility_is_never_wider_than_the_author_meant(visibility: str | None, ours: str) -> None:
    assert says(visibility=visibility).visibility == ours


@pytest.mark.parametrize("name", ["update", "status.update", "status_update"])
def test_edited_status_is_a_later_version_with_an_id_of_its_own(name: str) -> None:
    edit = one(name, STATUS | {"edited_at": "2026-11-22T12:05:00.000Z", "content": "<p>Gevonden!</p>"})
    rev = AT + 300_000_000
    assert (edit.type, edit.object, edit.rev) == ("Update", "fedi.example/statuses/109", rev)
    assert (edit.id, edit.published) == (f"fedi.example/statuses/109#{rev}", AT)


def test_edit_without_a_moment_is_as_late_as_we_heard_it_and_the_same_text_is_the_same_edit() -> None:
    first, again, other = (one("status.update", STATUS | {"content": text}) for text in ("a", "a", "b"))
    assert (first.type, first.rev, first.object) == ("Update", 9, "fedi.example/statuses/109")
    assert first.id == again.id != other.id


@pytest.mark.parametrize("number", ["109", 109])
def test_deletion_hits_what_was_heard(number: object) -> None:
    gone = one("delete", number)
    assert (gone.type, gone.object) == ("Delete", says().id)


def test_boost_passes_on_what_another_said() -> None:
    boost = one("update", STATUS | {"id": "110", "content": "", "reblog": STATUS | {"id": "55", "account": {}}})
    assert (boost.id, boost.type, boost.object) == (
        "fedi.example/statuses/110", "Announce", "fedi.example/statuses/55",
    )  # fmt: skip
    assert (boost.text, boost.actor) == (None, "https://elders.example/users/an")


def told(type_: str, **more: Any) -> bytes:
    return event("notification", {"id": "3", "type": type_, "created_at": "2026-11-22T12:00:00Z", "account": AN} | more)


def test_mention_is_the_same_post_as_on_the_timeline() -> None:
    (heard,) = decode(told("mention", status=STATUS)).activities
    assert heard == says()


@pytest.mark.parametrize(
    ("type_", "ours"), [("favourite", "Like"), ("reblog", "Announce"), ("pleroma:emoji_reaction", "Like")]
)
def test_reaction_concerns_our_post(type_: str, ours: str) -> None:
    (heard,) = decode(told(type_, status=STATUS, emoji="🎉")).activities
    assert (heard.id, heard.type, heard.object) == ("fedi.example/notifications/3", ours, "fedi.example/statuses/109")
    assert (heard.actor, heard.published, heard.text) == (AN["uri"], AT, None)


def test_follow_is_of_us() -> None:
    (heard,) = decode(told("follow"), ours="https://fedi.example/users/acme").activities
    assert (heard.type, heard.object) == ("Follow", "https://fedi.example/users/acme")


def test_what_our_own_account_says_goes_out() -> None:
    assert one("update", STATUS, ours="https://elders.example/users/an").direction == "out"
    assert one("update", STATUS, ours="https://fedi.example/users/acme").direction == "in"


def test_what_tells_of_nothing_said_or_done_is_skipped() -> None:
    found = decode(told("poll", status=STATUS), told("admin.report"), event("filters_changed", None), b"")
    assert (found.activities, found.rejects) == ([], [])


def test_gotosocial_with_ulids_and_without_addresses_of_actors_is_read() -> None:
    account = {"id": "01H", "acct": "an", "username": "an", "display_name": "", "url": "https://gts.example/@an"}
    post = says(
        id="01HZXW3V4K", account=account | {"followers_count": -1}, in_reply_to_id="01HZXW0000", language=None,
        mentions=None, tags=None, media_attachments=None,
    )  # fmt: skip
    assert (post.id, post.in_reply_to) == ("fedi.example/statuses/01HZXW3V4K", "fedi.example/statuses/01HZXW0000")
    assert (post.actor, post.actor_name, post.actor_followers) == ("https://gts.example/@an", "an", None)
    assert (post.mentions, post.tags, post.media) == ((), (), ())


def test_pleroma_with_counts_as_texts_and_fields_that_are_absent_is_read() -> None:
    status = {
        "id": "AbCdE1", "content": "Hoi", "created_at": "2026-11-22T12:00:00.000Z", "favourites_count": "4",
        "replies_count": None, "reblogs_count": "veel", "visibility": "local", "pleroma": {"quote_id": "AbCdE0"},
        "account": {"id": "9", "acct": "an", "followers_count": "12"},
    }  # fmt: skip
    post = one("update", status)
    assert (post.likes, post.replies, post.reposts, post.actor_followers) == (4, None, None, 12)
    assert (post.actor, post.quote_of, post.visibility) == ("an", "fedi.example/statuses/AbCdE0", "public")
    assert (post.text, post.html) == ("Hoi", None)


def test_status_may_be_nearly_empty() -> None:
    post = one("update", {"id": 1})
    assert (post.id, post.text, post.published, post.actor) == ("fedi.example/statuses/1", None, None, None)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (event("update", {}), "it has no id"),
        (event("update", {"id": []}), "id is a list"),
        (event("update", "x"), "a status must be a JSON object"),
        (event("update", STATUS | {"created_at": "soon"}), "created_at 'soon' is not a date"),
        (event("notification", []), "a notification must be a JSON object"),
        (event("delete", None), "it has no id"),
        (b'{"payload": {}}', "an event is expected"),
        (b'{"event": "update", "payload": {"id": "1', "cut off"),
    ],
)
def test_bad_status_does_not_cost_the_others(line: bytes, words: str) -> None:
    found = decode(event("update", STATUS), line, event("delete", "5"))
    assert ([activity.type for activity in found.activities], found.items) == (["Create", "Delete"], [0, 2])
    (reject,) = found.rejects
    assert words in reject.reason
    assert (reject.position, reject.raw) == (701, line)


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "2026-11-22"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(STATUS | AN)), inner, max_size=5)
    ),
    max_leaves=10,
)


@given(name=st.sampled_from(["update", "status.update", "delete", "notification"]), payload=JSONS)
def test_whatever_a_server_sends_becomes_activities_or_rejects(name: str, payload: Any) -> None:
    line = json.dumps({"event": name, "payload": payload}).encode()
    assert check_decodes(MastodonDecoder, line, {"server": HOST}) is not None


@given(field=st.sampled_from(sorted(STATUS)), value=JSONS)
def test_one_odd_field_costs_its_own_status_at_most(field: str, value: Any) -> None:
    line = json.dumps({"event": "update", "payload": STATUS | {field: value}}).encode()
    found = check_decodes(MastodonDecoder, line + b"\n" + event("update", STATUS), {"server": HOST})
    assert found is not None and found.activities[-1].id == "fedi.example/statuses/109"
