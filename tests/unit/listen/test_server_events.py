"""Server-sent events, cut anywhere."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import TransientError
from gehoor.listen.server_events import Event, EventReader

STREAM = (
    b'\xef\xbb\xbf: thump\nevent: update\ndata: {"id": 1}\nid: 7\n\n'
    b"data: two\r\ndata:lines\r\n\r\n"
    b"event: nothing\n\n"
    b"retry: 10\rdata: old\r\rdata\n\n"
    b"data: h\xc3\xa9\xff\n\ndata: half"
)
EVENTS = [
    Event(event="update", data='{"id": 1}', id="7"),
    Event(data="two\nlines", id="7"),
    Event(data="old", id="7"),
    Event(data="", id="7"),
    Event(data="hé\ufffd", id="7"),
]


def _read(chunks: list[bytes]) -> list[Event]:
    reader = EventReader(1_000)
    return [event for chunk in chunks for event in reader.feed(chunk)]


def test_events_are_read_as_the_standard_says() -> None:
    assert _read([STREAM]) == EVENTS


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_a_stream_cut_anywhere_gives_the_same_events(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert _read([STREAM[a:b] for a, b in pairwise(edges)]) == EVENTS


@given(data=st.binary(max_size=300))
def test_no_bytes_bring_it_down(data: bytes) -> None:
    assert all(isinstance(event, Event) for event in _read([data]))


@pytest.mark.parametrize("endless", [b"x" * 100, b"data: " + b"x" * 100 + b"\n"])
def test_an_endless_line_or_event_is_an_error(endless: bytes) -> None:
    with pytest.raises(TransientError, match="event of more than"):
        _read([endless] * 100)
