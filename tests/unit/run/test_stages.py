"""The row stages together: any text through any decoder gives a result or a clear reject, and always the same one."""

import gc
import multiprocessing as mp
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core import registry
from gehoor.core.record import Activity
from gehoor.run.stages import STAGED, RowStages
from tests.cast import NOON
from tests.strategies import activities
from tests.unit.run.staging import (
    HOSTILE,
    SAYING,
    columns_in_another_process,
    page_saying,
    plain_page,
    rows_of,
    stages,
)  # fmt: skip

SOUND = page_saying("plain", "Waar blijft mijn koffer, @klm? Al 3 dagen niets gehoord!")
BROKEN: dict[str, bytes] = {
    "cut off": "caf\xe9".encode()[:-1],
    "of another charset": "caf\xe9 na\xefve".encode("latin-1"),
    "overlong": b"a\xc0\x80b\xe0\x80\x80",
    "half pairs": b"a\xed\xa0\xbdb\xed\xb0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80\xff\xfe",
}
_GROWTH_MB = 40


@pytest.fixture(scope="module")
def row_stages() -> RowStages:
    """Row stages with brands and a source that keeps only what is about them."""
    return stages()


def test_every_decoder_is_told_the_texts() -> None:
    assert set(SAYING) == set(registry.names("decoders"))


@pytest.mark.parametrize("decoder", SAYING)
def test_any_text_is_a_row_or_a_clear_reject_and_its_neighbours_stay_as_they_are(
    row_stages: RowStages, decoder: str
) -> None:
    pages = [page_saying(decoder, text) for text in HOSTILE.values()]
    pages += [page_saying(decoder, text) for text in BROKEN.values()]
    alone = rows_of(row_stages.run([SOUND]))
    staged = row_stages.run([SOUND, *pages, SOUND])
    assert staged.batch.schema == STAGED
    rows = rows_of(staged)
    assert rows[:1] == rows[-1:] == alone
    for name, page in zip([*HOSTILE, *BROKEN], staged.pages[1:-1], strict=True):
        assert page.n_rows + len(page.rejects) == 1, name
        for reject in page.rejects:
            assert 5 < len(reject.reason) < 1_000, (name, reject.reason)
            assert "failed" not in reject.reason, (name, reject.reason)  # no part broke on it


@pytest.mark.parametrize("name", HOSTILE)
def test_a_text_that_hurts_has_every_judgement_or_none(row_stages: RowStages, name: str) -> None:
    staged = row_stages.run([page_saying("plain", HOSTILE[name])])
    for row in rows_of(staged):
        is_said = row["text_digest"] is not None
        judged = ("language_p", "sentiment", "intent", "urgency", "motive", "vector", "spam_p")
        assert {row[column] is not None for column in judged} == {is_said}
        assert all(0 <= row[column] <= 1 for column in row if column.endswith("_p") and row[column] is not None)


def _memory_mb() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def test_memory_stays_flat_however_much_text_comes(row_stages: RowStages) -> None:
    long = [page_saying("plain", text) for text in HOSTILE.values() if len(text) > 100_000]
    for _ in range(4):
        row_stages.run(long)
    before = _memory_mb()
    for _ in range(6):
        row_stages.run(long)
    assert _memory_mb() - before < _GROWTH_MB


def _hostile_activities() -> list[Activity]:
    texts = [text for text in HOSTILE.values() if len(text) < 10_000 and text.isprintable() | (len(text) < 300)]
    sayable = [text for text in texts if not any(0xD800 <= ord(sign) < 0xE000 for sign in text)]
    return [Activity(id=str(n), received=NOON, channel="file", actor="an", text=text) for n, text in enumerate(sayable)]


@settings(max_examples=25)
@given(
    said=st.lists(activities() | st.sampled_from(_hostile_activities()), min_size=1, max_size=12),
    seed=st.integers(0, 2**32),
)
def test_a_post_has_the_same_columns_alone_and_in_any_batch_and_order(said: list[Activity], seed: int) -> None:
    chance = np.random.default_rng(seed)
    row_stages = _shared()
    alone = [repr(rows_of(row_stages.run([plain_page([one])]))) for one in said]
    order = chance.permutation(len(said)).tolist()
    together = rows_of(row_stages.run([plain_page([said[at] for at in order])]))
    assert [repr([row]) for row in together] == [alone[at] for at in order]


def _shared(made: list[RowStages] = []) -> RowStages:  # noqa: B006  # built once, by whoever asks first
    if not made:
        made.append(stages())
    return made[0]


@pytest.mark.parametrize("seed", [1])
def test_a_post_has_the_same_columns_in_another_process(seed: int) -> None:
    chance = np.random.default_rng(seed)
    pages = [page_saying("plain", text) for text in HOSTILE.values() if len(text) < 10_000] + [SOUND] * 3
    pages = [pages[at] for at in chance.permutation(len(pages)).tolist()]
    cuts = sorted(chance.integers(1, len(pages), 4).tolist())
    with mp.get_context("spawn").Pool(1) as pool:
        there = pool.apply(columns_in_another_process, (pages, cuts))
    assert there == columns_in_another_process(pages, [])
