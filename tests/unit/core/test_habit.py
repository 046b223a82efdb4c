"""An author's usual language: of the latest posts only, whatever the batches, deletions and restarts."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.ledger.habit import WITHDRAWN, Habits, code_of, language_of

I64 = npt.NDArray[np.int64]
NL, EN, OTHER = code_of("nl"), code_of("en"), 1


@dataclass
class Written:
    """Who wrote what in which language; `None` asks for the habit."""

    actor_key: I64
    language: npt.NDArray[np.int16]
    is_doubtful: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, *codes: int | None, actor: int = 7) -> "Written":
        language = np.array([code or 0 for code in codes], np.int16)
        return cls(np.full(len(codes), actor), language, np.array([code is None for code in codes], np.bool_))

    def __getitem__(self, rows: slice) -> "Written":
        return Written(self.actor_key[rows], self.language[rows], self.is_doubtful[rows])


def last_of(*codes: int | None) -> str | None:
    """Return the language that the last of these posts of one author takes."""
    written = Written.of(*codes)
    code = int(Habits(window=1_024).judge(np.arange(1, len(codes) + 1), written)[-1])
    return language_of(code) if code else None


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([NL] * 5, "nl"),
        ([NL] * 4, None),
        ([NL] * 4 + [EN], "nl"),
        ([NL] * 3 + [EN] * 2, None),
        ([EN] * 10 + [NL] * 8, "nl"),
        ([EN] * 10 + [NL] * 7, None),
        ([NL] * 5 + [None] * 9, "nl"),
        ([OTHER] * 9, None),
        ([NL] * 7 + [OTHER] * 3, None),
    ],
    ids=["five", "four", "four of five", "three of five", "moved", "moving", "asked often", "others", "now and then"],
)
def test_habit_is_eight_in_ten_of_the_last_ten_and_at_least_five(codes: list[int | None], expected: str | None) -> None:
    assert last_of(*codes, None) == expected


def test_a_habit_is_the_authors_own() -> None:
    habits = Habits(window=1_024)
    habits.judge(np.arange(1, 6), Written.of(*[NL] * 5, actor=7))
    assert habits.judge(np.array([6]), Written.of(None, actor=8)).tolist() == [0]
    assert habits.judge(np.array([7]), Written.of(None, actor=0)).tolist() == [0]
    assert habits.judge(np.array([8]), Written.of(None, actor=7)).tolist() == [NL]


def test_what_was_deleted_is_no_habit_and_what_is_too_old_neither() -> None:
    habits = Habits(window=1_024)
    habits.judge(np.arange(1, 6), Written.of(*[NL] * 5))
    assert habits.judge(np.array([6]), Written.of(None)).tolist() == [NL]
    habits.withdraw(np.array([2, 900]))
    assert habits.judge(np.array([7]), Written.of(None)).tolist() == [0]
    habits.judge(np.array([8]), Written.of(NL))
    assert habits.judge(np.array([9]), Written.of(None)).tolist() == [NL]
    assert habits.judge(np.array([2_000]), Written.of(None)).tolist() == [0]


@dataclass
class Stream:
    """Posts of three authors with gaps between their offsets, where they are cut into batches, and what is deleted."""

    window: int
    seqs: I64
    written: Written
    cuts: list[int]
    gone: I64

    def slices(self) -> list[slice]:
        return [slice(low, high) for low, high in pairwise([0, *self.cuts, len(self.seqs)])]


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Draw posts of few authors; some windows are so small that posts fall out of them."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 120))
    seqs = np.cumsum(chance.integers(1, draw(st.integers(2, 5)), n))
    language = chance.choice(np.array([NL, NL, NL, EN, OTHER, 0], np.int16), n)
    is_doubtful = (language == 0) & (chance.random(n) < 0.8)
    # keys that share a cell however large the table is, and one that does not
    actors = chance.choice(np.array([0, 1, 2, 1 << 50]), n)
    cuts = draw(st.lists(st.integers(0, n), max_size=6).map(sorted))
    gone = seqs[chance.random(n) < 0.1]
    return Stream(draw(st.sampled_from((16, 64, 1_024))), seqs, Written(actors, language, is_doubtful), cuts, gone)


def _one_by_one(stream: Stream) -> list[int]:
    """Return the habits as a plain dictionary gives them."""
    told: dict[int, list[tuple[int, int]]] = defaultdict(list)
    found = []
    reach = stream.window - max(1, stream.window // 4)
    columns = (stream.seqs, stream.written.actor_key, stream.written.language, stream.written.is_doubtful)
    for seq, actor, code, is_doubtful in zip(*(column.tolist() for column in columns), strict=True):
        latest = [other for at, other in told[actor] if seq - at < reach][-10:]
        top = max(set(latest), key=latest.count, default=OTHER)
        is_clear = len(latest) >= 5 and 5 * latest.count(top) >= 4 * len(latest) and top != OTHER
        found.append(top if is_doubtful and actor and is_clear else 0)
        if code:
            told[actor].append((seq, code))
    return found


@given(streams())
def test_habits_are_those_of_reading_post_by_post_in_any_batches(stream: Stream) -> None:
    habits = Habits(stream.window)
    found = [habits.judge(stream.seqs[rows], stream.written[rows]) for rows in stream.slices()]
    assert np.concatenate(found).tolist() == _one_by_one(stream)


@given(streams())
def test_a_restart_changes_no_habit(stream: Stream) -> None:
    half = stream.slices()[: len(stream.cuts) // 2]
    undisturbed, again = Habits(stream.window), Habits(stream.window)
    for rows in half:
        undisturbed.judge(stream.seqs[rows], stream.written[rows])
    undisturbed.withdraw(stream.gone[stream.gone <= (stream.seqs[half[-1].stop - 1] if half and half[-1].stop else 0)])
    for rows in half:
        written = stream.written[rows]
        is_gone = np.isin(stream.seqs[rows], stream.gone) & (written.language != 0)
        language = np.where(is_gone, WITHDRAWN, written.language)
        again.restore(stream.seqs[rows], Written(written.actor_key, language, written.is_doubtful))
    for rows in stream.slices()[len(half) :]:
        later = [habits.judge(stream.seqs[rows], stream.written[rows]).tolist() for habits in (undisturbed, again)]
        assert later[0] == later[1]
