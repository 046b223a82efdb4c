"""What an answer says on a channel, whatever is in it: nothing that people cannot see, nobody whom it is not for."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.reply import Reply
from gehoor.listen import bluesky_saying, mastodon_saying
from gehoor.listen.reply_words import clean, link_spans

PIECES = st.sampled_from(
    ("@grace", "@grace@verweg.example", "@alan", "@", " ", "\n", "\r\n", "\x00", "\u202e", "\ud800", ")", ".", "é",
     "https://a.example/x", "https://", "http://@alan/", "👩\u200d👩\u200d👧", "info@acme.nl", "#koffer",
     "@an.example.org", "<script>", "a" * 50)
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)
PARENT = {"uri": "at://did:plc:an/app.bsky.feed.post/3k", "cid": "bafy"}


def _reply(text: str) -> Reply:
    return Reply(conversation=1, channel="x", to="x/statuses/1", text=text, at=0, said_by="sam")


@given(TEXTS)
def test_closed_answer_mentions_nobody_but_who_it_is_for(text: str) -> None:
    original = {"visibility": "direct", "account": {"acct": "grace@verweg.example"}}
    body = mastodon_saying.posted(_reply(text), "1", original)
    assert body["visibility"] == "direct"
    mentioned = {found.lower() for found in re.findall(r"(?<![\w/])@[a-z0-9_][\w.@-]*", body["status"], re.IGNORECASE)}
    assert {name.rstrip(".@-") for name in mentioned} <= {"@grace@verweg.example"}


@given(TEXTS, st.sampled_from(("public", "unlisted", "private", "direct", "local", None, 7)))
def test_answer_is_no_wider_than_the_message(text: str, visibility: object) -> None:
    body = mastodon_saying.posted(_reply(text), "1", {"visibility": visibility, "account": "no account"})
    assert body["visibility"] == (visibility if visibility in ("public", "unlisted") else "direct")
    assert not set(body["status"]) & set("\x00\u202e\ud800")


@given(TEXTS)
def test_what_was_posted_is_known_again(text: str) -> None:
    body = mastodon_saying.posted(_reply(text), "1", {"visibility": "public", "account": {"acct": "grace"}})
    markup = body["status"].replace("&", "&amp;").replace("<", "&lt;")
    assert mastodon_saying.is_same(markup, text)


@given(TEXTS)
def test_marks_lie_on_whole_characters_and_apart(text: str) -> None:
    dids = dict.fromkeys(bluesky_saying.handles_in(text), "did:plc:an")
    record = bluesky_saying.record_of(_reply(text), PARENT, dids)
    raw, end = record["text"].encode(), 0
    for facet in record.get("facets", ()):
        start, upto = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert end <= start < upto <= len(raw)
        assert raw[start:upto].decode().startswith(("@", "http"))
        end = upto


@given(TEXTS)
def test_cleaning_twice_changes_nothing_and_links_keep_their_place(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert all(once[start:end].lower().startswith("http") for start, end in link_spans(once))
    assert min(mastodon_saying.length_of(text), bluesky_saying.length_of(text)) >= 0


def test_names_of_records_differ_by_key_and_message() -> None:
    replies = [_reply("dag"), Reply(conversation=1, channel="x", to="x/statuses/2", text="dag", at=0, said_by="sam")]
    names = {bluesky_saying.rkey_of(reply, key) for reply in replies for key in ("a", "b")}
    assert len(names) == 4 and all(
        re.fullmatch(r"[234567a-z]{13}", name) and name[0] in "234567abcdefghij" for name in names
    )
