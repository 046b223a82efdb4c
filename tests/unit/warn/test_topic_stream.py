"""Topics of a stream: their borders, their ids, and what stays of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.clock import DAY_US
from gehoor.warn.topic_stream import Merge, TopicStream

_LUGGAGE, _APP = [1, 2, 3], [11, 12, 13]


def _posts(n: int, n_topics: int = 12, seed: int = 4) -> list[list[int]]:
    """Posts of six words, four of which are their topic's."""
    rng = np.random.default_rng(seed)
    return [
        sorted({*(100 * int(topic) + rng.integers(0, 12, 4)).tolist(), *rng.integers(10_000, 12_000, 2).tolist()})
        for topic in rng.integers(1, n_topics + 1, n)
    ]


def _heard(stream: TopicStream, posts: list[list[int]]) -> list[int]:
    return [stream.add(terms, second) for second, terms in enumerate(posts)]


def test_posts_that_share_words_share_a_topic_and_others_do_not() -> None:
    stream = TopicStream()
    found = _heard(stream, [_LUGGAGE, _APP, [2, 3, 4], [12, 13, 14]])
    assert found == [1, 2, 1, 2]


def test_post_without_words_has_no_topic() -> None:
    assert TopicStream().add([], 0) == 0


@given(st.integers(0, 2_500))
@settings(max_examples=6, deadline=None)
def test_restart_anywhere_changes_no_topic(at: int) -> None:
    posts = _posts(2_500)
    whole = TopicStream()
    expected = _heard(whole, posts)
    first = TopicStream()
    found = _heard(first, posts[:at])
    second = TopicStream.of(first.state())
    found += [second.add(terms, at + second_) for second_, terms in enumerate(posts[at:])]
    assert found == expected
    assert first.merges() + second.merges() == whole.merges()


def test_what_turns_out_to_be_one_is_merged_and_the_larger_keeps_its_id() -> None:
    stream = TopicStream()
    _heard(stream, [_APP, [21, 22], *[[1, 2, 3, 4]] * 8])
    small = stream.add([40, 41], 20)
    large = stream.add([1, 2, 4], 21)
    for second in range(3):
        stream.add([40, 41, 1, 2, 3, 4], 30 + second)
    stream.settle()
    merges = stream.merges()
    assert merges in ([Merge(small, large)], [])
    assert stream.live(large) is not None


def test_planted_topics_are_found() -> None:
    stream = TopicStream()
    found = _heard(stream, _posts(3_000))
    stream.settle()
    assert len(set(found[-500:])) == 12


def test_what_is_taken_back_leaves_nothing_behind() -> None:
    stream = TopicStream()
    _heard(stream, [_LUGGAGE, _APP])
    before = stream.live(1)
    assert before is not None
    terms, size = dict(before.terms), before.size
    stream.remove(stream.add([1, 2, 9], 3), [1, 2, 9])
    after = stream.live(1)
    assert after is not None
    assert (after.terms, after.size) == (terms, size)
    assert stream.background(9) < stream.background(1)


def test_topic_that_nobody_speaks_of_any_more_is_let_go() -> None:
    stream = TopicStream()
    old = stream.add(_APP, 0)
    for n in range(2_100):
        stream.add(_LUGGAGE, n * DAY_US // 50)
    assert stream.live(old) is None


def test_flood_of_new_words_stays_in_bounds() -> None:
    stream = TopicStream()
    for n in range(9_000):
        stream.add([10 * n, 10 * n + 1], n)
    assert len(stream.state()) < 1_000_000


@pytest.mark.parametrize("n", [1, 3])
def test_very_long_post_is_read_too(n: int) -> None:
    stream = TopicStream()
    found = {stream.add(list(range(400)), second) for second in range(n)}
    assert found == {1}
