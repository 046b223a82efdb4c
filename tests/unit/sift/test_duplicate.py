"""Near duplicates: one family, one original, whatever the batches, deletions and restarts."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import SettingError
from gehoor.core.text import TextBatch
from gehoor.sift.duplicate import NearDuplicates, estimate
from gehoor.sift.signature import GRAM, sketch

I64 = npt.NDArray[np.int64]
THRESHOLD = 0.8


@dataclass
class Given:
    """Signatures of a few posts."""

    signature: npt.NDArray[np.uint8]
    has_signature: npt.NDArray[np.bool_]

    def __getitem__(self, rows: slice) -> "Given":
        return Given(self.signature[rows], self.has_signature[rows])


def given_texts(*rows: str) -> Given:
    signatures = sketch(*TextBatch.of(pa.array(rows, pa.string())).windows(GRAM))
    return Given(signatures, np.array([len(row) >= 20 for row in rows], np.bool_))


def seqs_of(n: int, first: int = 1) -> I64:
    return np.arange(first, first + n)


@dataclass
class Stream:
    """Posts with gaps between their offsets, and where the batches are cut."""

    seqs: I64
    prints: Given
    cuts: list[int]

    def slices(self) -> list[slice]:
        edges = [0, *self.cuts, len(self.seqs)]
        return [slice(low, high) for low, high in pairwise(edges)]


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Draw families that drift, strangers and posts without a signature, in any order."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 60))
    heads = chance.integers(0, 256, (4, 64), np.uint8)
    rows = []
    for _ in range(n):
        family = chance.integers(4)
        changed = chance.random(64) < draw(st.sampled_from((0.0, 0.03, 0.1, 0.2)))
        row = np.where(changed, chance.integers(0, 256, 64, np.uint8), heads[family]).astype(np.uint8)
        if draw(st.booleans()):
            heads[family] = row  # the next of the family is like this one: it drifts
        rows.append(row)
    seqs = np.cumsum(chance.integers(1, draw(st.integers(2, 5)), n))
    cuts = draw(st.lists(st.integers(0, n), max_size=5).map(sorted))
    return Stream(seqs, Given(np.array(rows), chance.random(n) < 0.95), cuts)


def one_by_one(stream: Stream, window: int) -> list[int]:
    memory = NearDuplicates(window, THRESHOLD)
    return [int(memory.judge(stream.seqs[i : i + 1], stream.prints[i : i + 1])[0]) for i in range(len(stream.seqs))]


windows = st.sampled_from((2, 3, 7, 16, 50, 1000))


@given(streams(), windows)
def test_verdicts_do_not_depend_on_the_batches(stream: Stream, window: int) -> None:
    memory = NearDuplicates(window, THRESHOLD)
    verdicts = [memory.judge(stream.seqs[cut], stream.prints[cut]) for cut in stream.slices()]
    assert np.concatenate(verdicts).tolist() == one_by_one(stream, window)


@given(streams(), windows)
def test_a_restart_changes_no_verdict(stream: Stream, window: int) -> None:
    memory = NearDuplicates(window, THRESHOLD)
    verdicts = np.zeros(len(stream.seqs), np.int64)
    for cut in stream.slices():
        memory.clear()
        first = int(np.searchsorted(stream.seqs, stream.seqs[cut.start - 1] - window)) if cut.start else 0
        past = slice(first, cut.start)
        memory.restore(stream.seqs[past], stream.prints[past], verdicts[past])
        verdicts[cut] = memory.judge(stream.seqs[cut], stream.prints[cut])
    assert verdicts.tolist() == one_by_one(stream, window)


@given(streams(), windows)
def test_a_verdict_points_at_an_original_that_is_alike_and_within_the_window(stream: Stream, window: int) -> None:
    verdicts = dict(zip(stream.seqs.tolist(), one_by_one(stream, window), strict=True))
    place = {seq: i for i, seq in enumerate(stream.seqs.tolist())}
    for seq, original in verdicts.items():
        if original:
            a, b = stream.prints.signature[place[seq]], stream.prints.signature[place[original]]
            assert verdicts[original] == 0
            assert 0 < seq - original < window
            assert estimate(a, b) >= THRESHOLD


@given(streams(), st.integers(0, 59))
def test_nothing_repeats_a_post_that_was_withdrawn(stream: Stream, at: int) -> None:
    memory = NearDuplicates(1000, THRESHOLD)
    before = slice(0, at)
    memory.judge(stream.seqs[before], stream.prints[before])
    gone = stream.seqs[before][::2]
    memory.withdraw(gone)
    after = slice(at, None)
    assert not set(memory.judge(stream.seqs[after], stream.prints[after]).tolist()) & set(gone.tolist())


POST = "Mijn koffer ligt nog in Oslo en ik sta in Bergen te wachten."


def test_copies_in_one_batch_point_at_the_first() -> None:
    prints = given_texts(POST, "Iets heel anders om te zeggen vandaag.", POST.upper(), f"{POST}!", POST)
    assert NearDuplicates(100, THRESHOLD).judge(seqs_of(5, 11), prints).tolist() == [0, 0, 11, 11, 11]


def test_short_posts_repeat_nobody() -> None:
    assert NearDuplicates(100, THRESHOLD).judge(seqs_of(3), given_texts("lol", "lol", "lol")).tolist() == [0, 0, 0]


def test_when_the_original_goes_the_earliest_copy_leads_on() -> None:
    memory = NearDuplicates(100, THRESHOLD)
    prints = given_texts(POST, POST, POST, POST)
    memory.judge(seqs_of(4), prints)
    memory.withdraw(np.array([1]))
    assert memory.rejudge(np.array([2, 3, 4]), prints[slice(1, 4)]).tolist() == [0, 2, 2]
    assert memory.judge(np.array([9]), prints[slice(0, 1)]).tolist() == [2]


def test_a_deleted_copy_does_not_break_its_family() -> None:
    memory = NearDuplicates(100, THRESHOLD)
    prints = given_texts(POST, POST, POST)
    memory.judge(seqs_of(3), prints)
    memory.withdraw(np.array([3]))
    assert memory.judge(np.array([4]), prints[slice(0, 1)]).tolist() == [1]
    memory.withdraw(np.array([1, 4]))
    assert memory.rejudge(np.array([2]), prints[slice(1, 2)]).tolist() == [0]
    assert memory.judge(np.array([5]), prints[slice(0, 1)]).tolist() == [2]


def test_copies_that_drifted_apart_are_no_longer_one_family() -> None:
    memory = NearDuplicates(100, THRESHOLD)
    prints = given_texts(POST, "Een heel ander verhaal over een trein die niet kwam.")
    assert memory.rejudge(seqs_of(2), prints).tolist() == [0, 0]
    assert memory.rejudge(np.array([], np.int64), prints[slice(0, 0)]).tolist() == []


def test_an_original_is_forgotten_after_the_window() -> None:
    memory = NearDuplicates(10, THRESHOLD)
    prints = given_texts(POST)
    assert [int(memory.judge(np.array([seq]), prints)[0]) for seq in (1, 10, 12, 23)] == [0, 1, 0, 0]


def test_a_chain_that_drifts_is_judged_as_one_by_one() -> None:
    chance = np.random.default_rng(5)
    row, rows = chance.integers(0, 256, 64, np.uint8), []
    for _ in range(300):
        row = row.copy()
        row[chance.integers(0, 64, 8)] = chance.integers(0, 256, 8, np.uint8)
        rows.append(row)
    stream = Stream(seqs_of(300), Given(np.array(rows), np.ones(300, np.bool_)), [])
    together = NearDuplicates(1000, THRESHOLD).judge(stream.seqs, stream.prints)
    assert together.tolist() == one_by_one(stream, 1000)
    assert 0 < np.count_nonzero(together) < 300


@pytest.mark.parametrize(("window", "threshold"), [(0, 0.8), (100, 0.0), (100, 1.5), (1 << 40, 0.8)])
def test_settings_that_cannot_work_are_named(window: int, threshold: float) -> None:
    with pytest.raises(SettingError, match=f"window = {window}, threshold = {threshold}"):
        NearDuplicates(window, threshold)
