"""The rules of ActivityStreams 2.0: each has a document that keeps it and one that breaks it and nothing else."""

import json
from typing import Any

import pytest

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import RawPage
from gehoor.listen.activitystreams import ActivityStreamsDecoder
from tests.cast import NOON

AS2 = "https://www.w3.org/ns/activitystreams"
NOTE: dict[str, Any] = {
    "@context": AS2, "type": "Note", "id": "https://example.org/1", "attributedTo": "https://example.org/sanne",
    "content": "Waar blijft mijn koffer?", "published": "2026-11-22T09:00:00Z",
}  # fmt: skip
LIKE: dict[str, Any] = {"@context": AS2, "type": "Like", "actor": "https://example.org/joe", "object": NOTE["id"]}
LIST: dict[str, Any] = {"@context": AS2, "type": "Collection", "items": [LIKE]}
LINK: dict[str, Any] = {"@context": AS2, "type": "Link", "href": "https://example.org/1"}
PLACE: dict[str, Any] = {"@context": AS2, "type": "Place", "name": "Oslo"}
ASKED: dict[str, Any] = {"@context": AS2, "type": "Question", "name": "Waarheen?"}


def _refusal(document: object) -> str | None:
    """Return why a document is refused, None when it is taken in."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    page = RawPage(source="site", decoder="activitystreams", payload=body, received=NOON)
    try:
        decoded = ActivityStreamsDecoder().decode(page)
    except RejectedRecord as error:
        return error.reason
    assert decoded.activities or decoded.rejects
    return decoded.rejects[0].reason if decoded.rejects else None


TEXT = (["hoi", None, ["hoi", "hallo"], {"nl": "hoi"}], [1, True, {"nl": 1}, [["hoi"]]])
MAP = ([{"nl": "hoi", "zh-Hans": "嗨", "und": None}, {}], ["hoi", ["hoi"], {"nl": 1}, {"en_US": "hi"}, {"": "hi"}])
MOMENT = (
    ["2026-11-22T09:00:00Z", "2026-11-22T09:00Z", "2026-11-22T09:00:00.123456789+01:00", "2026-11-22T09:00:00"],
    ["2026-11-22", "gisteren", 1_795_334_400, "2026-11-22 09:00:00Z", "2026-11-22t09:00:00z", "2026-13-22T09:00:00Z",
     "2026-11-22T25:00:00Z", ["2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z"], {"a": 1}, ""],
)  # fmt: skip
SOMEBODY = (
    ["https://example.org/a", "acct:sanne@example.org", {"type": "Person", "name": "Sanne"}, [{"name": "S"}, "urn:a"]],
    [90, True, 1.5, "Sanne de Vries", [["urn:a"]], [90], {"type": 16}, {"type": "Person", "name": 1}],
)
ANYTHING = (["https://example.org/a", {"name": "x"}, ["a", {"type": "Note"}], None], [7, False, [7], {"name": 7}])
COUNT = ([0, 12], [-1, 1.5, "12", True, [1, 2]])
ONE_PAGE = (
    [
        "https://example.org/?page=1",
        {"type": "CollectionPage"},
        {"type": "OrderedCollectionPage"},
        LINK,
        {"id": "urn:a"},
    ],
    [{"type": "Create"}, {"type": "Collection"}, {"type": "Note"}, 1, ["urn:a", "urn:b"]],
)
A_COLLECTION = (
    ["urn:a", {"type": "Collection"}, {"type": "OrderedCollection"}],
    [{"type": "Note"}, 3, ["urn:a", "urn:b"]],
)

RULES: list[tuple[dict[str, Any], str, tuple[list[Any], list[Any]]]] = [
    (NOTE, "@context", (
        [AS2, "http://www.w3.org/ns/activitystreams#", AS2 + "/", [AS2, {"@language": "nl"}], None, {},
         {"@vocab": AS2, "ext": "https://ext.example/"}, ["https://w3id.org/security/v1", AS2], [{"a": "urn:a"}]],
        [3, True, "http://schema.org", ["http://schema.org"], {"@vocab": "http://schema.org/"}, [AS2, 5], AS2 + "x",
         {"@vocab": 4}],
    )),
    (NOTE, "type", (["Note", ["Note", "a:E"], "https://e.example/Foo", "as:Note"], [16, [16], {"a": 1}, False])),
    (NOTE, "id", (["urn:a", "acct:a@example.org", None], [7, {"a": 1}, "twee woorden", ["urn:a", "urn:b"]])),
    (NOTE, "name", TEXT), (NOTE, "summary", TEXT), (NOTE, "content", TEXT), (LIKE, "name", TEXT),
    (NOTE, "nameMap", MAP), (NOTE, "summaryMap", MAP), (NOTE, "contentMap", MAP),
    (NOTE, "published", MOMENT), (NOTE, "updated", MOMENT), (NOTE, "startTime", MOMENT), (NOTE, "endTime", MOMENT),
    ({"@context": AS2, "type": "Tombstone"}, "deleted", MOMENT),
    (NOTE, "duration", (["PT2H", "P1Y2M3DT4H5M6.7S", "-P1D"], ["2H", "P", "PT", 7, "PT2", "P1H"])),
    (NOTE, "mediaType", (["text/html", "text/markdown; variant=GFM", "image/svg+xml"], [7, "html", "text/", "/html"])),
    (LIKE, "actor", SOMEBODY), (LIKE, "object", SOMEBODY), (LIKE, "target", SOMEBODY),
    (NOTE, "attributedTo", SOMEBODY), (NOTE, "inReplyTo", SOMEBODY),
    *((NOTE, name, ANYTHING) for name in ("attachment", "audience", "bcc", "bto", "cc", "context", "generator", "icon",
                                          "image", "location", "preview", "tag", "to")),
    *((LIKE, name, ANYTHING) for name in ("instrument", "origin", "result")),
    (NOTE, "url", (["https://example.org/1", LINK, [LINK, "urn:a"], {"href": "urn:a"}], [7, {"type": "Note"}, [7]])),
    (NOTE, "replies", A_COLLECTION), (LIST | {"type": "CollectionPage"}, "partOf", A_COLLECTION),
    *((LIST, name, ONE_PAGE) for name in ("first", "last", "current")),
    *((LIST | {"type": "CollectionPage"}, name, ONE_PAGE) for name in ("next", "prev")),
    (LIST, "totalItems", COUNT), (LIST | {"type": "CollectionPage"}, "startIndex", COUNT),
    (LIST, "orderedItems", ([None], [[LIKE], []])),
    ({"@context": AS2, "type": "OrderedCollection", "orderedItems": [LIKE]}, "items", ([None], [[LIKE], []])),
    ({"@context": AS2, "type": "Collection"}, "items", (["urn:a", LIKE, [LIKE, "urn:a"]], [7, [7], [[LIKE]], True])),
    (LINK, "href", (["urn:a", ""], [7, ["a", "b"], {"a": 1}])),
    (LINK, "hreflang", (["nl", "en-GB"], [7, "n l", "en_GB"])),
    (LINK, "rel", (["me", ["canonical", "preview"]], ["a b", "a,b", 7])),
    (LINK, "height", COUNT), (LINK, "width", COUNT),
    *((PLACE, name, ([59.9, -10, "37.7833", "-122"], ["noord", True, {}]))
      for name in ("latitude", "longitude", "altitude")),
    (PLACE, "radius", ([0, 15.5], [-1, "ver"])), (PLACE, "accuracy", ([0, 94.5, 100], [-1, 101, "goed"])),
    (PLACE, "units", (["km", "urn:a"], [7, ["km", "m"]])),
    (ASKED, "closed", ([True, "2026-11-22T09:00:00Z", {"type": "Note"}], [7])),
    (ASKED, "oneOf", ANYTHING), (ASKED | {"oneOf": ["urn:a"]}, "anyOf", ([None], [["urn:b"]])),
    ({"@context": AS2, "type": "Relationship"}, "subject", (["urn:a", {"type": "Person"}], [7, ["urn:a", "urn:b"]])),
    ({"@context": AS2, "type": "Profile"}, "describes", ([{"type": "Person"}], [7, [{"name": "y"}, {"name": "x"}]])),
]  # fmt: skip
KEPT = [(document, name, value) for document, name, (kept, _) in RULES for value in kept]
BROKEN = [(document, name, value) for document, name, (_, broken) in RULES for value in broken]


@pytest.mark.parametrize(("document", "name", "value"), KEPT)
def test_document_that_keeps_the_rule_is_taken_in(document: dict[str, Any], name: str, value: object) -> None:
    assert _refusal(document | {name: value}) is None


@pytest.mark.parametrize(("document", "name", "value"), BROKEN)
def test_document_that_breaks_the_rule_is_refused_by_its_name(
    document: dict[str, Any], name: str, value: object
) -> None:
    reason = _refusal(document | {name: value})
    is_member = name == "items" and not isinstance(value, str) and document.get("type") == "Collection"
    assert reason is not None and (name in reason or is_member)


@pytest.mark.parametrize("top", [[NOTE], "Hallo", 5, None, True])
def test_top_must_be_an_object(top: object) -> None:
    assert "one JSON object" in (_refusal(top) or "")


def test_rule_holds_inside_an_object_and_the_reason_gives_its_path() -> None:
    create = {"@context": AS2, "type": "Create", "actor": "urn:a", "object": NOTE | {"tag": [{"name": 5}]}}
    assert "`object.tag.name`" in (_refusal(create) or "")


def test_what_as2_does_not_know_is_left_alone() -> None:
    extended = {"blurhash": 5, "sensitive": "nee", "oa:hasBody": {"type": 7}, "height": "groot", "totalItems": -1}
    assert _refusal(NOTE | extended) is None


def test_line_break_inside_a_string_is_told_with_its_place() -> None:
    reason = _refusal(b'{\n"type": "Note",\n"content": "twee\nregels"}')
    assert reason is not None and "line 3, column 17" in reason and "line break" in reason


@pytest.mark.parametrize("body", [b'{"a": NaN}', b"{'a': 1}", b'{"a": 1,}', b'{"a": 1} {}', b'{"a": 1e999}', b"<x/>"])
def test_what_is_almost_json_is_refused(body: bytes) -> None:
    assert "JSON" in (_refusal(body) or "")


def test_nesting_without_end_is_refused() -> None:
    for levels in (65, 400, 1_000, 100_000):
        body = b'{"object":' * levels + b"{}" + b"}" * levels
        assert "64 levels" in (_refusal(body) or "")


def test_reason_stays_short_whatever_was_sent() -> None:
    for value in ({"a": "x" * 10**6}, ["y" * 10**6], 10**3000):
        assert len(_refusal(NOTE | {"href": None, "actor": 5, "summary": [value]}) or "") < 300
