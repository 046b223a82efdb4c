"""Every registered part of this room passes the room's checks, unasked; and no bytes bring a decoder down."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core import registry
from gehoor.core.errors import ContractError
from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import Activity
from gehoor.listen.checks import NASTY, check_decoder, check_decodes, check_receiver, check_source

HEADER = ["id", "text", "published", "likes", "tags", "extra"]
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "table": [{"header": HEADER}, {"header": HEADER, "delimiter": ";", "encoding": "cp1252"}, {}],
    "plain": [{}, {"encoding": "cp1252", "columns": {"text": "body"}, "language": "nl"}],
}
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-11-22"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "id", "type", "text", "published", "actor", "likes", "tags", "properties", "object", "media", "rev", "value",
        "data", "includes", "users", "author_id", "created_at", "entities", "referenced_tweets", "public_metrics",
        "edit_history_tweet_ids", "batch", "messageId", "event", "userId", "timestamp", "context", "traits", "to",
    ]
)  # fmt: skip


@pytest.mark.parametrize("name", registry.names("sources"))
def test_source_keeps_the_contract(name: str) -> None:
    check_source(registry.load("sources", name))


@pytest.mark.parametrize("name", registry.names("receivers"))
def test_receiver_keeps_the_contract(name: str) -> None:
    check_receiver(registry.load("receivers", name))


@pytest.mark.parametrize("name", registry.names("decoders"))
def test_decoder_keeps_the_contract(name: str) -> None:
    for options in OPTIONS.get(name, [{}]):
        check_decoder(registry.load("decoders", name), options)


@pytest.mark.parametrize("name", registry.names("decoders"))
@given(payload=st.binary(max_size=300) | st.lists(st.sampled_from(NASTY), max_size=4).map(b"\n".join))
def test_no_bytes_bring_a_decoder_down(name: str, payload: bytes) -> None:
    for options in OPTIONS.get(name, [{}]):
        check_decodes(registry.load("decoders", name), payload, options)


@pytest.mark.parametrize("name", registry.names("decoders"))
@given(value=st.dictionaries(KEYS, JSONS, max_size=6) | st.lists(st.dictionaries(KEYS, JSONS, max_size=4), max_size=3))
def test_no_json_brings_a_decoder_down(name: str, value: object) -> None:
    check_decodes(registry.load("decoders", name), json.dumps(value).encode(), {})


CELLS = st.text(alphabet='a1,;"\n\r\xe9\x00 ', max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=3).map(",".join), max_size=6)


@given(rows=ROWS, encoding=st.sampled_from(["utf-8", "cp1252"]))
def test_no_table_brings_its_decoder_down(rows: list[str], encoding: str) -> None:
    check_decodes(registry.load("decoders", "table"), "\n".join(rows).encode(encoding), {"header": ["id", "text"]})


class Forgetful:
    """A decoder that does it wrong."""

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Lose the position of what it refuses."""
        return Decoded(activities=[], rejects=[Reject(position=0, item=0, stage="decode", reason="x", raw=b"")])


class Nameless(Forgetful):
    """Another one."""

    def decode(self, page: RawPage) -> Decoded:
        """Give an activity without id."""
        return Decoded(activities=[Activity(id="", received=page.received, channel="file")])


@pytest.mark.parametrize("part", [Forgetful, Nameless])
def test_checks_find_a_decoder_that_does_it_wrong(part: type[Any]) -> None:
    with pytest.raises(ContractError, match=part.__name__):
        check_decoder(part, {})
