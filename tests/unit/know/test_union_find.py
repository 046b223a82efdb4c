"""Which things are one: as a naive closure says, whatever is taken back in between."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.know.union_find import Edge, UnionFind

NODES = st.integers(0, 9)
LINKS = st.lists(st.tuples(NODES, NODES, st.integers(100, 106)), max_size=25)
PAIRS = st.lists(st.tuples(NODES, NODES).filter(lambda pair: pair[0] != pair[1]), max_size=3)

Link = tuple[int, int, int]


def closure(
    links: Iterable[Link], most: int = 1_000, apart: Iterable[tuple[int, int]] = (), weak: Iterable[int] = ()
) -> list[set[int]]:
    """Return the components by the slowest rule that could be right."""
    groups = [{node} for node in range(10)]
    for left, right, _ in links:
        if left in weak or right in weak:
            continue
        one, other = (next(group for group in groups if node in group) for node in (left, right))
        if one is other or len(one | other) > most:
            continue
        if any({a, b} <= one | other for a, b in apart):
            continue
        groups = [group for group in groups if group not in (one, other)] + [one | other]
    return groups


def state(found: UnionFind) -> list[list[int]]:
    return [found.members(node) for node in range(10)]


def as_state(groups: list[set[int]]) -> list[list[int]]:
    return [sorted(next(group for group in groups if node in group)) for node in range(10)]


@given(LINKS, st.integers(2, 10), PAIRS, st.sets(NODES, max_size=2))
def test_components_are_those_of_a_naive_closure(
    links: list[Link], most: int, apart: list[tuple[int, int]], weak: set[int]
) -> None:
    found = UnionFind(most)
    for link in links:
        found.link(*link)
    assert state(found) == as_state(closure(links, most))
    for pair in apart:
        found.keep_apart(*pair)
    for node in weak:
        found.weaken(node)
    assert state(found) == as_state(closure(links, most, apart, weak))
    for node in range(10):
        assert found.root(node) == min(found.members(node))


@given(LINKS, st.tuples(NODES, NODES), st.integers(2, 10), PAIRS)
def test_merge_that_is_taken_back_gives_the_state_before(
    links: list[Link], pair: tuple[int, int], most: int, apart: list[tuple[int, int]]
) -> None:
    found = UnionFind(most)
    for link in links:
        found.link(*link)
    for kept_apart in apart:
        found.keep_apart(*kept_apart)
    before = state(found), [[(edge, found.is_aside(edge)) for edge in found.edges(node)] for node in range(10)]
    found.link(*pair, 999)
    found.forget(999)
    assert before == (state(found), [[(edge, found.is_aside(edge)) for edge in found.edges(n)] for n in range(10)])


@given(LINKS, st.integers(100, 106), st.integers(2, 10))
def test_forgetting_a_record_splits_exactly_what_it_held_together(links: list[Link], gone: int, most: int) -> None:
    found, never = UnionFind(most), UnionFind(most)
    for link in links:
        found.link(*link)
        if link[2] != gone:
            never.link(*link)
    before = state(found)
    touched = found.forget(gone)
    assert state(found) == state(never)
    assert all(before[node] == state(found)[node] for node in range(10) if node not in touched)
    assert set(found) == set(never)


@given(LINKS, NODES)
def test_node_that_is_removed_leaves_what_holds_without_it(links: list[Link], gone: int) -> None:
    found, never = UnionFind(), UnionFind()
    for link in links:
        found.link(*link)
        if gone not in link[:2]:
            never.link(*link)
    found.remove(gone)
    assert state(found) == state(never)


@given(LINKS, PAIRS, NODES)
def test_what_a_person_said_can_be_taken_back_too(links: list[Link], apart: list[tuple[int, int]], weak: int) -> None:
    found = UnionFind()
    for link in links:
        found.link(*link)
    before = state(found)
    for pair in apart:
        found.keep_apart(*pair)
    found.weaken(weak)
    for pair in apart:
        found.allow(*pair)
    found.strengthen(weak)
    assert state(found) == before


@given(LINKS, NODES, NODES)
def test_chain_of_evidence_leads_from_one_to_the_other(links: list[Link], left: int, right: int) -> None:
    found = UnionFind()
    for link in links:
        found.link(*link)
    chain = found.why(left, right)
    assert bool(chain) == (found.is_one(left, right) and left != right)
    at = left
    for edge in chain:
        at = edge.right if edge.left == at else edge.left
    assert at == (right if chain else left)


def test_same_evidence_counts_once() -> None:
    found = UnionFind()
    assert found.link(1, 2, 100)
    assert found.link(2, 1, 100)
    assert found.edges(1) == [Edge(1, 2, 100)]


@pytest.mark.parametrize("most", [2, 3])
def test_what_would_grow_too_large_is_kept_aside_until_there_is_room(most: int) -> None:
    found = UnionFind(most)
    for node in range(4):
        found.link(node, node + 1, 100 + node)
    assert max(len(found.members(node)) for node in range(5)) <= most
    assert found.is_aside(Edge(most - 1, most, 99 + most))
    found.forget(100)
    assert found.members(1) == list(range(1, most + 1))
