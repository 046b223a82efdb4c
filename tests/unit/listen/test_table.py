"""Tables: which column is which, and rows that are broken."""

import json
from typing import Any

import pytest

from gehoor.core.errors import RejectedRecord, SettingError
from gehoor.core.page import Decoded, RawPage
from gehoor.listen.columns import delimiter_of, header_of, map_columns
from gehoor.listen.table import TableDecoder

TWCS = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id"


def decode(header: str, body: str | bytes, columns: dict[str, str] | None = None, **options: Any) -> Decoded:
    delimiter = delimiter_of(header)
    names = header_of(header, delimiter)
    found = {"header": names, "columns": map_columns(names, columns or {}), "delimiter": delimiter, **options}
    payload = body.encode() if isinstance(body, str) else body
    return TableDecoder().decode(
        RawPage(source="s", decoder="table", payload=payload, received=9, position=2, options=found)
    )


def test_customer_support_on_twitter_as_published() -> None:
    row = '119237,105834,True,Wed Oct 11 06:55:44 +0000 2017,"@AppleSupport &amp; causing, ""x""",119236,848.0\n'
    activity = decode(
        TWCS, row + "2,sprintcare,False,Tue Oct 31 22:11:45 +0000 2017,b,,1.0\n", channel="twitter"
    ).activities
    first, second = activity
    assert (first.id, first.actor, first.direction, first.in_reply_to) == ("119237", "105834", "in", "848")
    assert first.published == 1_507_704_944_000_000
    assert first.text == '@AppleSupport &amp; causing, "x"'
    assert json.loads(first.properties or "") == {"response_tweet_id": "119236"}
    assert (second.direction, second.in_reply_to, second.properties, second.channel) == ("out", "1", None, "twitter")


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("Datum;Auteur;Bericht", {"published": "Datum", "actor": "Auteur", "text": "Bericht"}),
        ("Created at\tMessage ID\tBody", {"published": "Created at", "id": "Message ID", "text": "Body"}),
        ("id,content,tweet_id,lang", {"id": "id", "text": "content", "language": "lang"}),
        (
            "event,user_id,timestamp,value",
            {"event": "event", "actor": "user_id", "published": "timestamp", "value": "value"},
        ),
    ],
)
def test_columns_are_known_by_their_usual_names(header: str, ours: dict[str, str]) -> None:
    assert map_columns(header_of(header, delimiter_of(header)), {}) == ours


def test_mapping_comes_before_names() -> None:
    found = map_columns(["id", "text", "vraag"], {"text": "vraag", "html": "text"})
    assert found == {"text": "vraag", "html": "text", "id": "id"}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "no column holds a text. Columns: nr, oordeel. Say which is which: columns = { text = "),
        ({"text": "ordeel"}, "columns.text: 'ordeel' is not a column of the file. Did you mean 'oordeel'?"),
        ({"texd": "oordeel"}, "columns: 'texd' is not a field of ours. Did you mean 'text'?"),
    ],
)
def test_mapping_that_cannot_be_says_what_there_is(columns: dict[str, str], words: str) -> None:
    with pytest.raises(SettingError) as error:
        map_columns(["nr", "oordeel"], columns)
    assert words in str(error.value)


def test_columns_without_name_get_one() -> None:
    assert header_of(",id, text ", ",") == ["column 1", "id", "text"]


def test_line_breaks_in_cells_keep_their_place() -> None:
    found = decode("id,text", '1,"a\nb"\n\n2,c\r\n3,"d\n\ne"')
    assert [(a.id, a.text) for a in found.activities] == [("1", "a\nb"), ("2", "c"), ("3", "d\n\ne")]
    assert found.items == [0, 3, 4]
    assert found.raws == [b'1,"a\nb"', b"2,c\r", b'3,"d\n\ne"']


def test_row_with_other_than_the_header_s_cells_is_refused() -> None:
    found = decode("id,text", "1\n2,b\n3,c,d\n")
    assert [a.id for a in found.activities] == ["2"]
    assert [(r.position, r.reason[:40]) for r in found.rejects] == [
        (2, "line 2: 1 cells, where the header has 2:"),
        (4, "line 4: 3 cells, where the header has 2:"),
    ]


def test_unclosed_quote_does_not_swallow_the_rows_behind_it() -> None:
    found = decode("id,text", '1,"never closes\n2,b\n3,"c"\n4,d')
    assert [(a.id, a.text) for a in found.activities][-3:] == [("2", "b"), ("3", "c"), ("4", "d")]


def test_refused_row_can_be_decoded_again_from_its_raw_bytes() -> None:
    found = decode("id,published,text", '1,gisteren,"a\nb"\n2,2026-11-22,c')
    raw = found.rejects[0].raw
    assert raw == b'1,gisteren,"a\nb"'
    mended = decode("id,published,text", raw.replace(b"gisteren", b"2026-11-21"))
    assert mended.activities[0].text == "a\nb"


def test_row_that_is_not_utf8_is_refused_or_read_by_its_encoding() -> None:
    body = "1,é\n".encode("cp1252") + "2,é\n".encode()
    refused = decode("id,text", body)
    assert [a.text for a in refused.activities] == ["é"]
    assert "not UTF-8 (byte 0xe9 at column 3)" in refused.rejects[0].reason
    assert [a.text for a in decode("id,text", body, encoding="cp1252").activities] == ["é", "é"]


def test_page_without_header_is_refused_whole() -> None:
    with pytest.raises(RejectedRecord, match="no column holds a text"):
        TableDecoder().decode(RawPage(source="s", decoder="table", payload=b"1,2", received=9))
