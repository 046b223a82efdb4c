"""What chance draws depends on the number of a post alone, and looks like chance."""

import numpy as np

from gehoor.core.draw import MOST, drawn, is_chance, is_drawn


def test_a_small_ledger_is_drawn_whole_and_in_no_order_of_arrival() -> None:
    order = drawn(1, 500).tolist()
    assert sorted(order) == list(range(1, 501))
    assert abs(np.corrcoef(order, range(500))[0, 1]) < 0.15


def test_of_a_large_ledger_so_many_are_drawn_from_all_over_it() -> None:
    order = drawn(1, 1_000_000)
    assert abs(len(order) - MOST) < 500
    assert np.all(np.abs(np.histogram(order, 10, (1, 1_000_000))[0] - MOST / 10) < 200)


def test_what_was_drawn_of_less_comes_in_the_same_order_of_more() -> None:
    small, large = drawn(1, 400).tolist(), drawn(1, 800).tolist()
    assert [seq for seq in large if seq <= 400] == small


def test_the_owner_checks_by_the_number_alone() -> None:
    first, last = 1_000, 60_000
    order = set(drawn(first, last).tolist())
    assert all(is_drawn(seq, first, last) for seq in order)
    assert sum(is_drawn(seq, first, last) for seq in range(first, last + 1)) <= len(order) * 1.05
    assert not is_drawn(999, first, last)


def test_a_share_of_turns_is_left_to_chance() -> None:
    turns = [n for n in range(1, 4_001) if is_chance(n, 0.15)]
    assert abs(len(turns) / 4_000 - 0.15) < 0.02
    assert len({turn % 20 for turn in turns}) == 20
