"""The plain form: JSON lines whose keys are the names of the record."""

import json
from typing import Any

import pytest

from gehoor.core.page import Decoded, RawPage
from gehoor.core.record import Activity
from gehoor.listen.plain import PlainDecoder


def decode(*rows: Any, **options: Any) -> Decoded:
    lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() for row in rows]
    page = RawPage(source="s", decoder="plain", payload=b"\n".join(lines), received=9, position=1, options=options)
    return PlainDecoder().decode(page)


def one(row: Any, **options: Any) -> Activity:
    found = decode(row, **options)
    assert not found.rejects
    return found.activities[0]


def reason(row: Any) -> str:
    found = decode(row)
    assert not found.activities
    return found.rejects[0].reason


def test_every_field_of_the_record_is_taken_over() -> None:
    activity = Activity(
        id="1", type="Track", object="o", rev=3, published=1_795_348_800_000_000, received=9, channel="shop",
        heard_by="h", direction="out", visibility="direct", actor="a", actor_name="An", actor_followers=5,
        place="Utrecht", text="t", html="<p>t</p>", url="https://x.example", media=("https://x.example/1.jpg",),
        language="nl", in_reply_to="p",
        conversation="c", quote_of="q", mentions=("m",), tags=("t",), views=1, replies=2, reposts=3, likes=4,
        event="Order Completed", product="sku", brand="b", quantity=2.0, value=9.5, currency="EUR", promotion="p",
        lines='[{"sku":"x"}]', properties='{"a":1}', policy='{"consent":true}',
    )  # fmt: skip
    row = {name: getattr(activity, name) for name in activity.__struct_fields__ if name != "received"}
    assert one(row) == activity


def test_unknown_keys_and_received_are_kept_untouched() -> None:
    row = {"id": 1, "text": "x", "received": "2026", "score": 1.5, "nested": {"a": [1, None]}, "big": 10**30}
    assert json.loads(one(row).properties or "") == {
        "received": "2026", "score": 1.5, "nested": {"a": [1, None]}, "big": 10**30,
    }  # fmt: skip


def test_unknown_keys_stand_beside_own_properties() -> None:
    assert json.loads(one({"id": 1, "properties": {"a": 1}, "b": 2}).properties or "") == {"a": 1, "b": 2}
    assert json.loads(one({"id": 1, "properties": "x", "b": 2}).properties or "") == {"properties": "x", "b": 2}
    assert json.loads(one({"id": 1, "properties": "x"}).properties or "") == "x"


@pytest.mark.parametrize("value", [848, 848.0, "848", "848.0", " 848 "])
def test_number_as_id_is_the_same_as_text(value: object) -> None:
    assert one({"id": value, "in_reply_to": value}).in_reply_to == "848"


def test_missing_id_is_derived_and_the_same_next_time() -> None:
    row = {"actor": "a", "published": "2026-11-22T12:00:00Z", "text": "Hoi"}
    again = {"text": "Hoi", "published": "2026-11-22T13:00:00+01:00", "actor": "a", "id": ""}
    assert one(row).id == one(again).id
    assert one(row).id != one({**row, "actor": "b"}).id != one({**row, "text": "Hoi!"}).id
    assert one(row).id != one(row, channel="mail").id


def test_empty_values_are_absent() -> None:
    activity = one({"id": "1", "text": "", "published": "", "likes": None, "actor": ""})
    assert (activity.text, activity.published, activity.likes, activity.actor) == (None, None, None, None)


def test_defaults_hold_where_the_row_says_nothing() -> None:
    found = decode(
        {"id": 1}, {"id": 2, "channel": "mail", "language": "en"}, channel="forum", language="nl", direction="out"
    )
    assert [(a.channel, a.language, a.direction) for a in found.activities] == [
        ("forum", "nl", "out"),
        ("mail", "en", "out"),
    ]
    assert {a.heard_by for a in found.activities} == {"s"}


def test_other_keys_are_read_by_a_mapping() -> None:
    activity = one({"nr": 7, "bericht": "Hoi", "id": "kept"}, columns={"text": "bericht", "object": "nr"})
    assert (activity.text, activity.object, activity.id) == ("Hoi", "7", "kept")


def test_update_without_rev_is_as_old_as_its_date() -> None:
    assert one({"id": "e", "type": "Update", "object": "p", "published": 1_795_348_800}).rev == 1_795_348_800_000_000


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (b'{"id": 1, "text": "breaks', "line 1: the JSON breaks off at column 26"),
        (b'{"id": 1,, "text": "x"}', "line 1: the JSON is broken at column 10"),
        (b'{"id": 1} {"id": 2}', "line 1: the JSON is broken at column 12: trailing characters"),
        (b"[" * 5_000, "nested too deeply"),
        (b'{"id": 1e999}', "a number that is out of range"),
        (b'{"id": 1, "text": "caf\xe9"}', 'not UTF-8 (byte 0xe9 at column 23); set encoding = "cp1252"'),
        ({"id": 1, "published": "yesterday"}, "published 'yesterday' is not a date: use ISO 8601"),
        ({"id": 1, "likes": "many"}, "likes is 'many' and must be a number"),
        ({"id": 1, "likes": 1.5}, "likes is a number and must be a whole number"),
        ({"id": 1, "likes": 2**63}, "must be a whole number"),
        ({"id": 1, "value": True}, "value is true or false and must be a number"),
        ({"id": 1, "text": ["a"]}, "text is a list and must be a text"),
        ({"id": {"a": 1}}, "id is an object and must be a text"),
        ({"id": 9.2e17}, "id is a number that lost its digits"),
        ({"id": "9.2E+17"}, "was rounded by a spreadsheet"),
        ({"id": 1, "tags": [{"name": "x"}]}, "tags is an object and must be a text"),
        ({"id": 1, "type": "Creat"}, "did you mean Create?"),
        ({"id": 1, "direction": "inwards"}, "direction 'inwards' is none of in, out, internal"),
        ({"id": 1, "type": "Delete"}, "type Delete needs an object"),
        ({"likes": 3}, "no id, and neither text, event nor object"),
        ([1], "a JSON object is expected"),
        (None, "a JSON object is expected"),
    ],
)
def test_line_that_cannot_be_read_says_why(row: object, words: str) -> None:
    assert words in reason(row)


def test_bad_line_costs_only_itself() -> None:
    found = decode({"id": 1}, b"", b"{broken", {"id": 3}, b"  ", {"id": 4, "published": "x"}, {"id": 5})
    assert [a.id for a in found.activities] == ["1", "3", "5"]
    assert found.items == [0, 3, 6]
    assert [(r.position, r.item, r.id) for r in found.rejects] == [(3, 2, None), (6, 5, None)]


def test_two_lines_that_make_one_value_together_are_both_refused() -> None:
    assert [r.item for r in decode(b'{"id":', b"1}", {"id": 2}).rejects] == [0, 1]


def test_encoding_is_tried_on_lines_that_are_not_utf8() -> None:
    found = decode('{"id": 1, "text": "é"}'.encode(), '{"id": 2, "text": "é"}'.encode("cp1252"), encoding="cp1252")
    assert [a.text for a in found.activities] == ["é", "é"]


def test_line_that_was_too_long_is_one_reject() -> None:
    found = decode(b'{"id": 1, "text": "xxx', oversize=50_000_000, limit=1_048_576)
    assert found.rejects[0].reason == "line 1 is 50,000,000 bytes long, at most 1,048,576 are read; its start is kept"
