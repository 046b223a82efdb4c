"""Topics of a stream: their borders, their ids, and what stays of them."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.clock import DAY_US
from gehoor.warn.topic_state import TopicState
from gehoor.warn.topic_stream import Merge, Split, TopicStream

_LUGGAGE, _APP = [1, 2, 3], [11, 12, 13]


def _posts(n: int, n_topics: int = 12, seed: int = 4) -> list[list[int]]:
    """Posts of six words, four of which are their topic's."""
    rng = np.random.default_rng(seed)
    return [
        sorted({*(100 * int(topic) + rng.integers(0, 12, 4)).tolist(), *rng.integers(10_000, 12_000, 2).tolist()})
        for topic in rng.integers(1, n_topics + 1, n)
    ]


def _kept(known: TopicState) -> TopicState:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(known), type=TopicState)


def _heard(stream: TopicStream, posts: list[list[int]]) -> list[int]:
    return [stream.add(terms, second, second) for second, terms in enumerate(posts)]


def test_posts_that_share_words_share_a_topic_and_others_do_not() -> None:
    stream = TopicStream()
    found = _heard(stream, [_LUGGAGE, _APP, [2, 3, 4], [12, 13, 14]])
    assert found == [1, 2, 1, 2]


def test_post_without_words_has_no_topic() -> None:
    assert TopicStream().add([], 0, 0) == 0


@given(st.integers(0, 2_500))
@settings(max_examples=6, deadline=None)
def test_restart_anywhere_changes_no_topic(at: int) -> None:
    posts = _posts(2_500)
    whole = TopicStream()
    expected = _heard(whole, posts)
    first = TopicStream()
    found = _heard(first, posts[:at])
    second = TopicStream(_kept(first.known))
    found += [second.add(terms, post, post) for post, terms in enumerate(posts[at:], at)]
    assert found == expected
    assert first.changes() + second.changes() == whole.changes()


def test_what_turns_out_to_be_one_is_merged_and_the_larger_keeps_its_id() -> None:
    stream = TopicStream()
    _heard(stream, [_APP, [21, 22], *[[1, 2, 3, 4]] * 8])
    small = stream.add([40, 41], 20, 20)
    large = stream.add([1, 2, 4], 21, 21)
    for second in range(3):
        stream.add([40, 41, 1, 2, 3, 4], 30 + second, 30 + second)
    stream.settle()
    merges = stream.changes()
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
    stream.remove(stream.add([1, 2, 9], 3, 3), [1, 2, 9], 3)
    after = stream.live(1)
    assert after is not None
    assert (after.terms, after.size) == (terms, size)
    assert stream.background(9) < stream.background(1)


def test_topic_that_nobody_speaks_of_any_more_is_let_go() -> None:
    stream = TopicStream()
    old = stream.add(_APP, 0, 0)
    for n in range(2_100):
        stream.add(_LUGGAGE, n * DAY_US // 50, 1 + n)
    assert stream.live(old) is None


def test_flood_of_new_words_stays_in_bounds() -> None:
    stream = TopicStream()
    for n in range(9_000):
        stream.add([10 * n, 10 * n + 1], n, n)
    assert len(msgspec.msgpack.encode(stream.known)) < 2_000_000


@pytest.mark.parametrize("n", [1, 3])
def test_very_long_post_is_read_too(n: int) -> None:
    stream = TopicStream()
    found = {stream.add(list(range(400)), second, second) for second in range(n)}
    assert found == {1}


# -- splitting ----------------------------------------------------------------------------------------------------


def _sayings(rng: np.random.Generator, leading: list[int], own: int, n: int) -> list[list[int]]:
    """Posts with the words that lead a topic, and three of twelve that are their subject's own."""
    return [sorted({*leading, *(own + rng.integers(0, 12, 3)).tolist()}) for _ in range(n)]


def _grown_apart(seed: int = 3) -> tuple[TopicStream, list[int], list[list[int]]]:
    """A topic of sixty posts that becomes two subjects of disjoint words which share what leads them."""
    rng = np.random.default_rng(seed)
    first = _sayings(rng, [1, 2], 100, 60)
    later = [*_sayings(rng, [1, 2], 100, 150), *_sayings(rng, [1, 2], 300, 100)]
    posts = [*first, *(later[i] for i in rng.permutation(len(later)))]
    stream = TopicStream()
    stream.add([1, 2], 0, -1)
    return stream, _heard(stream, posts), posts


def test_topic_that_became_two_is_split_and_the_larger_keeps_its_id() -> None:
    stream, found, posts = _grown_apart()
    assert set(found) == {1}
    stream.settle()
    (split,) = stream.changes()
    assert isinstance(split, Split)
    assert (split.topic, split.split_from) == (2, 1)
    assert {post for post, terms in enumerate(posts) if max(terms) >= 300} == set(split.posts)
    smaller, larger = stream.live(2), stream.live(1)
    assert smaller is not None
    assert larger is not None
    assert (smaller.size, larger.size) == (100, 211)


def test_after_a_split_each_part_gets_its_own_posts_and_they_stay_two() -> None:
    stream, _, _ = _grown_apart()
    stream.settle()
    stream.changes()
    rng = np.random.default_rng(8)
    for post in range(1_000, 3_000, 2):
        assert stream.add(_sayings(rng, [1, 2], 100, 1)[0], post, post) == 1
        assert stream.add(_sayings(rng, [1, 2], 300, 1)[0], post, post + 1) == 2
    assert stream.changes() == []


def test_one_complaint_in_five_hundred_wordings_is_not_split() -> None:
    stream = TopicStream()
    _heard(stream, _sayings(np.random.default_rng(5), [1, 2], 100, 500))
    stream.settle()
    assert stream.changes() == []


def test_restart_before_a_split_changes_nothing_of_it() -> None:
    stream, _, _ = _grown_apart()
    again = TopicStream(_kept(stream.known))
    stream.settle()
    again.settle()
    assert again.changes() == stream.changes()
