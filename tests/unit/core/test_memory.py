"""What the owner remembers of ids, and how it finds rows that are not yet indexed on disk."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.ledger.index import DelayedIndex
from gehoor.core.ledger.memory import Mutated, Recent
from gehoor.core.ledger.segment import PART_BITS

_KEYS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=60)


@given(_KEYS, _KEYS)
def test_what_was_edited_is_never_denied(keys: list[int], others: list[int]) -> None:
    mutated = Mutated(bits=10)
    mutated.add(np.array(keys, np.int64))
    assert mutated.may_have(np.array(keys, np.int64)).all()
    assert len(mutated.may_have(np.array(others, np.int64))) == len(others)


def test_hardly_anything_is_taken_for_edited_that_was_not(rng: np.random.Generator) -> None:
    mutated = Mutated(bits=18)
    mutated.add(rng.integers(-(2**63), 2**63, 10_000))
    assert mutated.may_have(rng.integers(-(2**63), 2**63, 20_000)).mean() < 0.002


@given(_KEYS, _KEYS)
def test_what_is_called_known_was_there(keys: list[int], others: list[int]) -> None:
    recent = Recent(bits=4)
    recent.add(np.array(keys, np.int64))
    known = recent.has(np.array(others, np.int64))
    assert set(np.array(others, np.int64)[known].tolist()) <= set(keys)


def test_nothing_is_known_at_first() -> None:
    assert not Recent(bits=4).has(np.array([0, 1, 2], np.int64)).any()


def _ints(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


def test_entries_are_found_before_while_and_after_they_are_queued(rng: np.random.Generator) -> None:
    index = DelayedIndex()
    hashes = rng.integers(-(2**63), 2**63, 150_000)
    for start in range(0, len(hashes), 10_000):
        part = hashes[start : start + 10_000]
        index.add(part, np.arange(start, start + len(part)), start + len(part))
    wanted = [int(hashes[0]), int(hashes[-1])]
    assert sorted(index.find(wanted)) == [0, 149_999]
    written: list[tuple[int, int, int]] = []
    complete = None
    while complete is None:
        rows, complete = index.chunk(1)
        assert rows
        written += rows
        index.wrote(len(rows))
        found = index.find(wanted) + [seq for _, hash_, seq in written if hash_ in wanted]
        assert sorted(found) == [0, 149_999]
    assert (len(written), complete) == (150_000, 150_000)
    assert written == sorted(written)


def test_chunk_that_was_not_committed_is_offered_again() -> None:
    index = DelayedIndex()
    index.add(_ints(3, 1, 2), _ints(7, 8, 9), 9)
    first, _ = index.chunk(1, everything=True)
    again, complete = index.chunk(1, everything=True)
    assert first == again == [(0, 1, 8), (0, 2, 9), (0, 3, 7)]
    assert complete == 9


def test_what_waits_does_not_grow_however_fast_entries_come(rng: np.random.Generator) -> None:
    index = DelayedIndex()
    n_waiting = []
    for page in range(60):
        rows, _ = index.chunk(1)
        index.wrote(len(rows))
        seqs = np.arange(page * 27_000, (page + 1) * 27_000)
        index.add(rng.integers(-(2**63), 2**63, len(seqs)), seqs, int(seqs[-1]))
        n_waiting.append(index.n)
    assert max(n_waiting[30:]) <= max(n_waiting[:30]) < 300_000


def test_few_entries_wait() -> None:
    index = DelayedIndex()
    index.add(_ints(1), _ints(1), 1)
    assert index.chunk(1) == ([], None)


def test_what_is_said_of_an_older_days_row_lies_where_this_day_is_searched() -> None:
    index = DelayedIndex()
    first_seq = (3 << PART_BITS) + 5
    index.add(_ints(11, 12), _ints(8, first_seq), first_seq)
    assert [rows for rows, _ in index.drain(first_seq)] == [[(3, 11, 8), (3, 12, first_seq)]]
