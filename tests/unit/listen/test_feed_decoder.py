"""Thirty feeds that hurt, each with what is to be heard in it; and no bytes bring the decoder down."""

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.listen.checks import check_decodes
from gehoor.listen.feed_decoder import FeedDecoder
from gehoor.listen.feed_entry import Entry, identified
from gehoor.listen.times import parse_time

FOLDER = Path(__file__).parents[2] / "data/listen/feeds"
FEEDS = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}
SITE = "https://noordvlucht.example"
SCOPE = "noordvlucht.example/feed"
RECEIVED = parse_time("2026-04-14T20:00:00Z")
EIGHT = parse_time("2026-04-14T06:00:00Z")

HEARD: dict[str, list[str]] = {
    "bare_ampersand.xml": ["Tom & Jerry \xa0 samen\n\nR&D; \n kapot"],
    "bom_utf16.xml": ["Koffer €5\n\nWoorden"],
    "bom_utf8.xml": ["Merkteken vooraan\n\nWoorden"],
    "cdata.xml": ["Koffer & tas weg\n\nAl 3 dagen\n\nen niets"],
    "duplicate_guids.xml": ["Bericht 0", "Bericht 1", "Bericht 2"],
    "empty_feed.xml": [],
    "entity_file.xml": ["Bestand &a; einde"],
    "feed.json": ["Zeven\n\nHoi", "Acht", "Kort"],
    "future_dates.xml": ["Titel\n\nWoorden"] * 4,
    "half_characters.xml": ["Half � teken � en \ufffe\n\nemoji 🚀"],
    "harmful_links.xml": ["Klik  hier\n\nhier", "Ook hier"],
    "huge_title.xml": [("lang " * 20_000).strip() + "\n\nkort"],
    "nested_html.xml": ["Titel\n\nDiep", "Titel\n\n<b>dubbel</b> & gek", "Titel\n\nniet gesloten vet schuin"],
    "no_dates.xml": ["Geen datum"],
    "no_guids.xml": ["Met link", "Zonder iets"],
    "odd_dates.xml": ["Titel\n\nWoorden"] * 4,
    "rdf.xml": ["Oud"],
    "relative_links.xml": ["Eén\n\nKort", "Twee\n\nZie drie"],
    "right_to_left.xml": ["\u202eשלום עולם\u202c\n\nمرحبا بالعالم، أين حقيبتي؟"],
    "threads.xml": ["Re\n\nEens"],
    "truncated.xml": ["Heel\n\nDit is heel", "Half"],
    "wordpress_comments.xml": ["Reactie van Bo\n\nBij mij ook!"],
    "wrong_charset.xml": ["Vertraging op é\n\nNaïef café – één koffer"],
}
REFUSED = {
    "blank.xml": "is empty",
    "broken.json": "cut off",
    "empty.xml": "is empty",
    "entity_bomb.xml": "is an attack",
    "error_page.html": "a web page, not a feed: give the address",
    "not_a_feed.json": "is no feed",
    "web_page.html": f"says its feed is at {SITE}/feed/",
}


def _decode(payload: bytes, **options: Any) -> Decoded:
    known = {"url": f"{SITE}/feed", **options}
    return FeedDecoder().decode(
        RawPage(source="blog", decoder="feed", payload=payload, received=RECEIVED, position=100, options=known)
    )


def _only(name: str) -> Activity:
    return _decode(FEEDS[name]).activities[0]


def test_each_feed_that_hurts_is_heard_or_refused() -> None:
    assert HEARD.keys() | REFUSED.keys() == FEEDS.keys()


@pytest.mark.parametrize("name", HEARD)
def test_what_can_be_heard_in_it_is_heard(name: str) -> None:
    assert [activity.text for activity in _decode(FEEDS[name]).activities] == HEARD[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_feed_is_refused_in_words(name: str) -> None:
    with pytest.raises(RejectedRecord, match=REFUSED[name]):
        _decode(FEEDS[name])


@pytest.mark.parametrize("name", FEEDS)
def test_each_feed_keeps_the_contract(name: str) -> None:
    for options in ({}, {"url": f"{SITE}/feed", "content_type": "text/html; charset=latin-1", "take": [0, 99]}):
        check_decodes(FeedDecoder, FEEDS[name], options)


def test_an_entry_says_who_what_where_and_when() -> None:
    activity = _only("feed.json")
    assert (activity.object, activity.published, activity.rev) == (f"{SCOPE}#7", EIGHT, EIGHT + 3_600_000_000)
    assert (activity.actor, activity.actor_name, activity.language) == (f"{SITE}/bo", "Bo", "nl")
    assert (activity.url, activity.media, activity.tags) == (f"{SITE}/zeven", (f"{SITE}/7.png",), ("reizen",))
    assert (activity.html, activity.channel) == ("<p>Hoi</p>", "feed")


def test_an_entry_that_says_nothing_is_put_aside_and_costs_no_other() -> None:
    found = _decode(FEEDS["no_guids.xml"])
    assert [(reject.position, reject.reason) for reject in found.rejects] == [
        (102, "The entry says nothing: it has no title and no words.")
    ]
    assert found.items == [0, 1]


def test_what_was_put_aside_can_be_read_again_alone() -> None:
    for name in HEARD:
        found = _decode(FEEDS[name], take=[0])
        for activity, raw in zip(found.activities, found.raws or [], strict=True):
            page = RawPage(
                source="blog", decoder="feed", payload=raw, received=RECEIVED, is_again=True,
                options={"url": f"{SITE}/feed", "take": [17]},
            )  # fmt: skip
            if len(raw) < 60_000:
                (again,) = FeedDecoder().decode(page).activities
                assert (again.id, again.object, again.text) == (activity.id, activity.object, activity.text)


def test_links_are_whole_and_never_harmful() -> None:
    assert [a.url for a in _decode(FEEDS["relative_links.xml"]).activities] == [
        f"{SITE}/blog/een.html",
        f"{SITE}/twee.html",
    ]
    for activity in _decode(FEEDS["harmful_links.xml"]).activities:
        assert activity.url is None
        assert not activity.media


def test_dates_in_any_dialect_are_read_and_nonsense_is_no_date() -> None:
    assert {a.published for a in _decode(FEEDS["odd_dates.xml"]).activities} == {EIGHT}
    assert [a.published for a in _decode(FEEDS["future_dates.xml"]).activities] == [
        parse_time("2099-01-01T00:00:00Z"), None, None, None,
    ]  # fmt: skip
    assert _only("no_dates.xml").published is None


def test_a_comment_says_what_it_answers() -> None:
    assert _only("threads.xml").in_reply_to == "tag:noordvlucht.example,2026:1"
    assert _only("wordpress_comments.xml").in_reply_to == f"{SITE}/2026/04/koffers/"
    known = _decode(FEEDS["wordpress_comments.xml"], in_reply_to=f"{SITE}/?p=5").activities[0]
    assert known.in_reply_to == f"{SITE}/?p=5"


def test_only_what_is_asked_for_is_taken_and_a_change_is_an_update() -> None:
    found = _decode(FEEDS["duplicate_guids.xml"], take=[0, 2], revs={"2": 77})
    assert [(a.type, a.id, a.object, a.rev) for a in found.activities] == [
        ("Create", f"{SITE}/bericht/0", None, 0),
        ("Update", f"{SITE}/bericht/2#77", f"{SITE}/bericht/2", 77),
    ]
    assert found.items == [0, 2]


def test_a_file_of_this_machine_is_never_read() -> None:
    assert "root:" not in str(_only("entity_file.xml").text)
    with pytest.raises(RejectedRecord):
        _decode(b"/etc/passwd")


def test_one_feed_cannot_speak_for_another() -> None:
    entry = {"id": "https://other.example/1", "content_text": "Niet van hen", "date_modified": "2026-04-14"}
    (activity,) = _decode(msgspec.json.encode({"items": [entry]})).activities
    assert activity.object == f"{SCOPE}#https://other.example/1"
    names = [entry.object for entry in identified([
        Entry(guid="https://www.noordvlucht.example/1", text="a"), Entry(guid="https://blog.noordvlucht.example/2"),
        Entry(guid="https://noordvlucht.example.evil.example/3"), Entry(guid="tag:noordvlucht.example,2026:4"),
    ], f"{SITE}/feed")]  # fmt: skip
    assert [name.startswith(SCOPE) for name in names] == [False, False, True, False]


def test_ten_thousand_entries_are_read_in_seconds() -> None:
    item = "<item><guid>{0}</guid><title>Bericht {0}</title><description>&lt;p&gt;{0}&lt;/p&gt;</description></item>"
    body = "<rss version='2.0'><channel>" + "".join(item.format(i) for i in range(10_000)) + "</channel></rss>"
    begun = time.process_time()
    assert len(_decode(body.encode()).activities) == 10_000
    assert time.process_time() - begun < 20


def test_broken_xml_that_is_too_large_to_mend_is_refused_at_once() -> None:
    begun = time.process_time()
    with pytest.raises(RejectedRecord, match="too large to be mended"):
        _decode(b"<rss><channel><item>" + b"<b>" * 700_000)
    assert time.process_time() - begun < 5


PIECES = st.sampled_from(
    [body[at : at + 120] for body in FEEDS.values() for at in range(0, min(len(body), 2_000), 60)]
    + [b"&#xD800;", b"&#x110000;", b"&#99999999999;", b"<![CDATA[", b"<!DOCTYPE x [", b"\xff", b"<!--", b"\x00", b"]]>"]
)


@given(pieces=st.lists(PIECES, max_size=12), head=st.sampled_from([b"", b"<rss version='2.0'><channel><item>", b"{"]))
@settings(max_examples=300)
def test_no_patchwork_of_feeds_brings_it_down(pieces: list[bytes], head: bytes) -> None:
    check_decodes(FeedDecoder, head + b"".join(pieces), {"url": f"{SITE}/feed"})
