"""What is compared at once finds every topic that looking at each would find."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gehoor.warn.topic_alike import MayJoin
from gehoor.warn.topic_state import TopicState
from gehoor.warn.topic_table import TopicTable


def _table(seed: int, n_posts: int) -> TopicTable:
    """Return topics as a crude stream makes them: some words everywhere, some in a few, topics of every size."""
    rng, table = np.random.default_rng(seed), TopicTable(TopicState())
    ids = [table.begin() for _ in range(1 + n_posts // 4)]
    for _ in range(n_posts):
        place = min(int(rng.zipf(1.5)), len(ids)) - 1
        often, own = rng.integers(0, 12, 4), 100 + 3 * (place // 2) + rng.integers(0, 4, 3)
        terms = list(dict.fromkeys([*often.tolist(), *own.tolist(), int(rng.integers(1_000, 1_200))]))
        table.join(ids[place], terms, 0)
    for id_ in ids:
        if not table.known.topics[id_].size:
            table.drop(id_)
    return table


@given(st.integers(0, 2**32 - 1), st.integers(1, 600), st.floats(0.2, 50.0))
def test_no_topic_is_passed_over_while_topics_are_merged(seed: int, n_posts: int, least: float) -> None:
    table = _table(seed, n_posts)
    topics = table.known.topics
    in_order = sorted(topics, key=lambda id_: (topics[id_].size, -id_))
    said = {id_: {term: n / topics[id_].size for term, n in topics[id_].terms.items()} for id_ in in_order}
    may_join = MayJoin(table, said, dict.fromkeys(in_order, least))
    for id_ in in_order:
        own = {term: n / topics[id_].size for term, n in topics[id_].terms.items()}
        into = table.larger(id_, own, least)
        assert not into or id_ in may_join
        if into:
            table.merge(id_, into)
            may_join.grow(into)


def test_a_topic_that_shares_no_rare_word_is_not_asked_about() -> None:
    table = TopicTable(TopicState())
    first, second = table.begin(), table.begin()
    for _ in range(3):
        table.join(first, [1, 2, 3], 0)
    table.join(second, [7, 8], 0)
    assert second not in MayJoin(table, {second: {7: 1.0, 8: 1.0}}, {second: 3.0})


@given(st.lists(st.integers(1, 4), min_size=3, max_size=40), st.integers(1, 10))
def test_what_stands_in_most_posts_is_kept_of_a_topic(counts: list[int], n: int) -> None:
    table = TopicTable(TopicState())
    id_ = table.begin()
    for post in range(max(counts)):
        table.join(id_, [term for term, count in enumerate(counts) if count > post], 0)
    n = min(n, len(counts) - 1)
    table.shorten(id_, n)
    kept = sorted(sorted(range(len(counts)), key=lambda term: (-counts[term], term))[:n])
    assert sorted(table.known.topics[id_].terms) == kept
