"""The ActivityStreams receiver and decoder: what becomes of each kind of document."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, ItemResult, RawPage, Receipt
from gehoor.core.record import Activity, to_batch
from gehoor.listen.activitystreams import ActivityStreamsDecoder, ActivityStreamsOptions, ActivityStreamsReceiver
from gehoor.listen.as2_text import plain_text
from gehoor.listen.base import Answer, Request
from tests.cast import NOON

AS2 = "https://www.w3.org/ns/activitystreams"
SANNE = {"type": "Person", "id": "https://fedi.example/sanne", "name": "Sanne"}
NOTE: dict[str, Any] = {
    "id": "https://fedi.example/n/1", "type": "Note", "attributedTo": SANNE["id"], "published": "2026-11-22T09:00:00Z",
    "content": '<p>Waar blijft mijn <a href="urn:k">koffer</a>, @noordvlucht?</p><p>Al 3 dagen &amp; niets</p>',
    "to": [AS2 + "#Public"], "inReplyTo": "https://fedi.example/n/0", "context": "https://fedi.example/talk/1",
    "url": [{"type": "Link", "href": "https://fedi.example/n/1.json", "mediaType": "application/json"},
            {"type": "Link", "href": "https://fedi.example/@sanne/1", "mediaType": "text/html"}],
    "tag": [{"type": "Mention", "href": "https://fedi.example/noordvlucht", "name": "@noordvlucht"},
            {"type": "Hashtag", "name": "#koffer"}, {"name": "#oslo"}, "urn:x"],
    "attachment": [{"type": "Document", "mediaType": "image/png", "url": "https://fedi.example/k.png"}],
    "likes": {"type": "Collection", "totalItems": 4}, "replies": {"type": "Collection", "totalItems": 2},
}  # fmt: skip
CREATE = {"@context": AS2, "id": "https://fedi.example/a/1", "type": "Create", "actor": SANNE, "object": NOTE}
TEXT = "Waar blijft mijn koffer, @noordvlucht?\n\nAl 3 dagen & niets"


def _page(document: object, **options: Any) -> RawPage:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    request = Request(path="/v1/activities", headers={}, body=body, received=NOON)
    page = ActivityStreamsReceiver("fedi", ActivityStreamsOptions(**options)).receive(request)
    assert isinstance(page, RawPage)
    return page


def _heard(document: object) -> Decoded:
    return ActivityStreamsDecoder().decode(_page(document))


def _one(document: object) -> Activity:
    decoded = _heard(document)
    assert decoded.rejects == [] and len(decoded.activities) == 1
    return decoded.activities[0]


def test_post_is_heard_with_all_that_is_about_it() -> None:
    post = _one(CREATE)
    assert (post.id, post.type, post.object) == (CREATE["id"], "Create", NOTE["id"])
    assert (post.actor, post.actor_name, post.text) == (SANNE["id"], "Sanne", TEXT)
    assert (post.in_reply_to, post.conversation) == (NOTE["inReplyTo"], NOTE["context"])
    assert (post.url, post.media) == ("https://fedi.example/@sanne/1", ("https://fedi.example/k.png",))
    assert (post.mentions, post.tags) == (("https://fedi.example/noordvlucht",), ("koffer", "oslo"))
    assert (post.likes, post.replies, post.visibility) == (4, 2, "public")
    assert (post.published, post.html) == (1_795_338_000_000_000, NOTE["content"])


def test_bare_post_is_a_create_by_its_author() -> None:
    post = _one({"@context": AS2} | NOTE)
    assert (post.type, post.object, post.actor) == ("Create", NOTE["id"], SANNE["id"])
    assert post.id.startswith(f"{NOTE['id']}#")


def test_bare_post_that_was_edited_is_an_update_of_its_own() -> None:
    edited = _one(NOTE | {"updated": "2026-11-22T09:05:00Z", "content": "Gevonden!"})
    assert edited.type == "Update" and edited.object == NOTE["id"] and edited.text == "Gevonden!"
    assert edited.id.startswith(f"{NOTE['id']}#") and edited.rev == 1_795_338_300_000_000
    assert _one(NOTE | {"updated": NOTE["published"]}).type == "Create"


def test_edit_carries_its_moment_as_revision_and_keeps_the_first_date() -> None:
    note = NOTE | {"updated": "2026-11-22T09:05:00Z"}
    edit = _one(CREATE | {"type": "Update", "object": note, "published": "2026-11-22T09:06:00Z"})
    assert (edit.type, edit.rev, edit.published) == ("Update", 1_795_338_300_000_000, 1_795_338_000_000_000)


def test_edit_that_does_not_say_when_is_later_than_its_post() -> None:
    note = {name: value for name, value in NOTE.items() if name != "published"}
    assert _one(CREATE | {"type": "Update", "object": note}).rev == NOON


def test_edit_without_the_new_text_does_not_wipe_the_post() -> None:
    edit = _one({"type": "Update", "actor": "urn:a", "object": NOTE["id"], "summary": "Sanne updated her note"})
    assert (edit.type, edit.event, edit.object, edit.text) == ("Track", "Update", NOTE["id"], None)


@pytest.mark.parametrize("type_", ["Delete", "Announce", "Like", "Follow", "Flag", "Undo"])
def test_reaction_concerns_its_object_and_says_nothing_itself(type_: str) -> None:
    reaction = _one({"type": type_, "id": "urn:r", "actor": "urn:joe", "object": NOTE, "summary": "Joe did it"})
    assert (reaction.type, reaction.object, reaction.actor, reaction.text) == (type_, NOTE["id"], "urn:joe", None)
    assert reaction.published is None


def test_report_says_what_its_reporter_wrote() -> None:
    assert _one({"type": "Flag", "actor": "urn:joe", "object": ["urn:n", "urn:p"], "content": "Spam!"}).text == "Spam!"


def test_undo_points_at_a_like_without_an_id() -> None:
    like = {"type": "Like", "actor": "urn:joe", "object": NOTE["id"]}
    undo = _one({"type": "Undo", "actor": "urn:joe", "object": like})
    assert undo.object == _one({"@context": AS2} | like).id


@pytest.mark.parametrize(
    ("type_", "event"),
    [("Offer", "Offer"), ("Dislike", "Dislike"), (["Activity", "https://v.example/Check"], "https://v.example/Check"),
     ("EmojiReact", "EmojiReact"), ("as:Travel", "Travel"), ([AS2 + "#Join"], "Join")],
)  # fmt: skip
def test_activity_without_a_word_of_ours_is_tracked_by_its_own(type_: object, event: str) -> None:
    done = _one({"type": type_, "actor": "urn:joe", "object": "urn:x"})
    assert (done.type, done.event, done.actor, done.object) == ("Track", event, "urn:joe", "urn:x")


def test_profile_tells_who_somebody_is() -> None:
    for document in (SANNE, {"type": "Update", "actor": SANNE["id"], "object": SANNE}):
        who = _one(document)
        assert (who.type, who.actor, who.actor_name, who.text) == ("Identify", SANNE["id"], "Sanne", None)


def test_profile_that_changes_is_told_again() -> None:
    first, again, changed = (_one(SANNE | {"name": name}).id for name in ("Sanne", "Sanne", "Sanne V."))
    assert first == again != changed


def test_tombstone_deletes_what_it_stands_for() -> None:
    gone = _one({"type": "Tombstone", "id": NOTE["id"], "deleted": "2026-11-23T00:00:00Z"})
    assert (gone.type, gone.object, gone.published) == ("Delete", NOTE["id"], 1_795_392_000_000_000)
    assert gone.id != NOTE["id"]


@pytest.mark.parametrize("document", [{}, {"id": "urn:a"}, {"type": "Place", "name": "Oslo"}, {"type": "Collection"}])
def test_thing_that_nobody_said_is_tracked(document: dict[str, Any]) -> None:
    thing = _one(document)
    assert thing.type == "Track" and thing.text is None and thing.id != "urn:a"


def test_untyped_answer_is_a_post() -> None:
    assert _one({"name": "arduino", "inReplyTo": "urn:q", "attributedTo": "urn:joe"}).type == "Create"


def test_collection_is_heard_member_by_member() -> None:
    bad = {"type": "Like", "actor": 90, "id": "urn:bad"}
    decoded = _heard({"@context": AS2, "type": "OrderedCollection", "orderedItems": [NOTE, bad, CREATE, "urn:iri", 7]})
    assert [activity.type for activity in decoded.activities] == ["Create", "Create", "Track"]
    assert decoded.items == [0, 2, 3] and [reject.item for reject in decoded.rejects] == [1, 4]
    assert decoded.rejects[0].id == "urn:bad" and "`actor`" in decoded.rejects[0].reason


def test_first_page_is_heard_with_its_collection() -> None:
    first = {"type": "CollectionPage", "items": [NOTE]}
    assert _one({"@context": AS2, "type": "Collection", "first": first}).text == TEXT


def test_member_can_be_read_again_alone() -> None:
    decoded = _heard({"type": "Collection", "items": [NOTE, {"type": "Like", "actor": 90}]})
    again = _heard((decoded.raws or [])[0]).activities
    assert again == decoded.activities[:1]
    assert "`actor`" in _heard(decoded.rejects[0].raw).rejects[0].reason


def test_document_without_an_id_is_known_by_its_canonical_form() -> None:
    note = {"@context": AS2, "type": "Note", "content": "Hoi"}
    shuffled = json.dumps(dict(reversed(note.items())), indent=4).encode()
    assert _one(note).id == _one(shuffled).id and _one(note).id.startswith("sha256:")
    assert _one(note).id != _one(note | {"content": "hoi"}).id


@pytest.mark.parametrize(
    ("addressed", "visibility"),
    [({}, "public"), ({"to": "as:Public"}, "public"), ({"cc": [AS2 + "#Public"], "to": "urn:a/followers"}, "public"),
     ({"to": ["https://fedi.example/sanne/followers"]}, "followers"), ({"to": SANNE}, "direct"),
     ({"bto": "urn:joe"}, "direct")],
)  # fmt: skip
def test_visibility_follows_the_audience(addressed: dict[str, Any], visibility: str) -> None:
    bare = {name: value for name, value in NOTE.items() if name != "to"}
    assert _one(bare | addressed).visibility == visibility
    assert _one(CREATE | {"object": bare | addressed}).visibility == visibility


@pytest.mark.parametrize(
    ("said", "text", "language"),
    [
        ({"contentMap": {"fr": "Salut", "nl-BE": "Hallo", "en": "Hi"}}, "Hallo", "nl-BE"),
        ({"content": "Hi", "contentMap": {"nl": "Hallo", "en": "Hi"}}, "Hi", "en"),
        ({"name": {"en": "a < b"}}, "a < b", "en"),
        ({"name": "Titel", "content": "<p>Inhoud</p>"}, "Titel\n\nInhoud", None),
        ({"name": "Titel", "content": "Titel en meer"}, "Titel en meer", None),
        ({"summary": "<em>kort</em>"}, "kort", None),
        ({"content": "*a* <b>", "mediaType": "text/markdown"}, "*a* <b>", None),
        ({"content": ""}, None, None),
        ({}, None, None),
        ({"@context": [AS2, {"@language": "de"}], "content": "Hallo"}, "Hallo", "de"),
    ],
)
def test_words_are_chosen_from_what_is_there(said: dict[str, Any], text: str | None, language: str | None) -> None:
    post = _one({"type": "Note"} | said)
    assert (post.text, post.language) == (text, language)


def test_nothing_of_a_document_is_lost() -> None:
    rest = json.loads(_one(CREATE | {"ext:mood": {"a": [1]}}).properties or "")
    assert rest["ext:mood"] == {"a": [1]} and rest["object"]["tag"] == NOTE["tag"]
    assert json.loads(_one(NOTE | {"content": 5 * ["x"]}).properties or "")["content"] == 5 * ["x"]


def test_only_web_addresses_become_links() -> None:
    post = _one({"type": "Note", "content": "x", "url": "javascript:alert(1)", "attachment": {"url": "data:x"}})
    assert post.url is None and post.media == ()


def test_markup_becomes_what_a_reader_sees() -> None:
    assert plain_text("a<script>if (1<2) {}</script>b<br/>c &lt;d&gt;") == "ab\nc <d>"
    assert plain_text("<p>1</p><p>2</p><ul><li>x</li></ul> 3 < 4") == "1\n\n2\n\nx\n\n 3 < 4"
    assert plain_text('<span class="invisible">https://</span><span>a.example</span>') == "https://a.example"


@pytest.mark.parametrize("junk", ["<a ", "<", "<!--", "</", "<script>", "&", "<p>", "<a b='"])
def test_hostile_markup_is_read_in_linear_time(junk: str) -> None:
    started = time.process_time()
    plain_text(junk * 100_000)
    assert time.process_time() - started < 2


def test_token_is_asked_when_there_is_one() -> None:
    receiver = ActivityStreamsReceiver("fedi", ActivityStreamsOptions(token="geheim"))
    for headers, is_taken in (
        ({}, False),
        ({"authorization": "Bearer fout"}, False),
        ({"authorization": "Bearer geheim"}, True),
    ):
        request = Request(path="/v1/activities", headers=headers, body=b"{}", received=NOON)
        answer = receiver.receive(request)
        assert isinstance(answer, RawPage) if is_taken else isinstance(answer, Answer) and answer.status == 401


def test_answer_gives_the_reason_when_all_is_refused() -> None:
    receiver = ActivityStreamsReceiver("fedi", ActivityStreamsOptions())
    bad = ItemResult(item=0, id=None, status="rejected", reason="`actor` must be an IRI")
    good = ItemResult(item=1, id="urn:a", status="seen")
    refused = receiver.answer(Receipt(n_stored=0, n_seen=0, n_rejected=1, offset=0, items=[bad]))
    assert refused.status == 422
    assert json.loads(refused.body)["reason"] == "`actor` must be an IRI"
    assert json.loads(refused.body)["status"] == "refused"
    mixed = receiver.answer(Receipt(n_stored=0, n_seen=1, n_rejected=1, offset=0, items=[bad, good]))
    assert mixed.status == 200 and len(json.loads(mixed.body)["items"]) == 2


NAMES = (
    "@context", "id", "type", "actor", "object", "items", "first", "content", "contentMap", "name", "published",
    "updated", "to", "tag", "url", "attachment", "inReplyTo", "location", "href", "likes", "mediaType", "deleted",
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
WORDS = st.sampled_from(
    ["Create", "Update", "Note", "Person", "Collection", "Link", "Mention", AS2, "2026-11-22T09:00:00Z"]
)
TREES = st.recursive(
    LEAVES | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=15,
)


def _is_told_apart(body: bytes) -> None:
    page = _page(body)
    try:
        first = ActivityStreamsDecoder().decode(page)
    except RejectedRecord as error:
        assert error.reason
        return
    assert first == ActivityStreamsDecoder().decode(page)
    assert first.activities or first.rejects
    assert to_batch(first.activities).num_rows == len(first.activities) == len(first.raws or [])


@given(st.dictionaries(st.sampled_from(NAMES), TREES, max_size=8))
def test_any_document_is_an_activity_or_a_reject(document: dict[str, Any]) -> None:
    _is_told_apart(json.dumps(document).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(body: bytes) -> None:
    _is_told_apart(body)


def test_huge_text_and_nul_are_taken_as_they_are() -> None:
    page = _page({"type": "Note", "content": "a\0b" + "x" * 10_000_000}, max_bytes=16_000_000)
    text = ActivityStreamsDecoder().decode(page).activities[0].text or ""
    assert len(text) == 10_000_003 and text.startswith("a\0b")
