"""A filter survives the way into an address and back."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import SettingError
from gehoor.core.reader import PostFilter
from gehoor.web.filters import posts_path, read_filter, write_filter
from tests.cast import NOON

texts = st.none() | st.text(min_size=1, max_size=40).map(str.strip).filter(bool)
times = st.none() | st.integers(0, 4_000_000_000_000_000)
offsets = st.none() | st.integers(0, 2**62)
filters = st.builds(
    PostFilter, words=texts, brand=texts, channel=texts, kind=texts, intent=texts, actor=texts, conversation=texts,
    since=times, until=times, duplicate_of=offsets, seq=offsets, is_copy=st.none() | st.booleans(),
)  # fmt: skip


@given(filters)
def test_a_filter_survives_its_address(wanted: PostFilter) -> None:
    assert read_filter(dict(parse_qsl(write_filter(wanted)))) == wanted


def test_no_filter_is_the_plain_address() -> None:
    assert posts_path(PostFilter()) == "/posts"


def test_what_is_unknown_or_empty_narrows_nothing() -> None:
    assert read_filter({"lang": "en", "words": "  ", "since": ""}) == PostFilter()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("since", "gisteren"),
        ("until", "99999999999"),
        ("seq", "1e3"),
        ("seq", "-1"),
        ("seq", "9" * 30),
        ("duplicate_of", "x"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_an_example(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"{name}=.* write it like {name}="):
        read_filter({name: text})


def test_a_time_without_zone_is_utc() -> None:
    assert read_filter({"since": "2026-04-14T12:00"}).since == NOON
