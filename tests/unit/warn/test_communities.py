"""Communities: planted ones are found, their ids stay, and newcomers join."""

import numpy as np
from scipy import sparse

from gehoor.warn.communities import agreement, carried, explained, find_communities, joined, participation
from gehoor.warn.community_graph import Ints, interests, neighbours

_RNG_SEED = 8


def _speakers(n: int = 600, k: int = 6) -> tuple[sparse.csr_array, Ints]:
    """Authors who speak of ten topics of their community, and now and then of any."""
    rng = np.random.default_rng(_RNG_SEED)
    own = rng.integers(0, k, n)
    rows = np.repeat(np.arange(n), 12)
    is_own = rng.random(len(rows)) < 0.8
    topics = np.where(is_own, own[rows] * 10 + rng.integers(0, 10, len(rows)), rng.integers(0, 10 * k, len(rows)))
    weights = sparse.csr_array((np.ones(len(rows)), (rows, topics)), shape=(n, 10 * k))
    weights.sum_duplicates()
    return weights, own


def test_those_who_speak_of_the_same_are_found_together() -> None:
    weights, own = _speakers()
    graph = neighbours(interests(weights))
    found = find_communities(graph, seed=1)
    assert agreement(found, own) > 0.95
    assert (np.diff(np.bincount(found)) <= 0).all()
    assert (abs(graph - graph.T)).max() == 0


def test_same_seed_gives_the_same_communities() -> None:
    graph = neighbours(interests(_speakers(200)[0]))
    assert (find_communities(graph, 3) == find_communities(graph, 3)).all()


def test_who_has_no_neighbour_has_no_community() -> None:
    graph = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0.0]]))
    assert find_communities(graph, 1).tolist() == [0, 0, -1]
    assert find_communities(sparse.csr_array((3, 3)), 1).tolist() == [-1, -1, -1]


def test_newcomer_joins_those_who_speak_of_the_same() -> None:
    weights, own = _speakers()
    rows = interests(weights)
    ties = neighbours(rows[:50], rows[50:])
    assert (joined(ties, own[50:]) == own[:50]).mean() > 0.9


def test_ids_stay_when_a_community_grows_and_another_parts() -> None:
    before = np.repeat([3, 5], [10, 20])
    now = np.repeat([0, 1, 2], [12, 10, 8])
    ids, following = carried(now, before, 6)
    assert ids == {0: 3, 1: 5, 2: 6}
    assert following == 7


def test_who_is_tied_to_several_is_a_bridge() -> None:
    weights, own = _speakers(60, 2)
    graph = neighbours(interests(weights))
    spread = participation(graph, own)
    assert spread.min() >= 0
    assert spread.max() <= 0.5


def test_country_explains_a_community_by_border_and_none_by_interest() -> None:
    rng = np.random.default_rng(_RNG_SEED)
    labels = rng.integers(0, 5, 2_000)
    assert explained(labels, labels) > 0.99
    assert explained(labels, rng.integers(0, 4, 2_000)) < 0.01
    assert explained(labels, np.full(2_000, -1)) == 0
