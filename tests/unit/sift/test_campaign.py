"""Templates: what one mould made has one digest, and one first post, whatever the batches and restarts."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.record import ANNOTATION
from gehoor.core.text import TextBatch
from gehoor.sift.campaign import Templates
from gehoor.sift.template import Template
from tests.strategies import texts


def digests(*rows: str | None) -> list[int | None]:
    found: list[int | None] = Template().annotate(TextBatch.of(pa.array(rows, pa.string())))["template"].to_pylist()
    return found


def test_the_columns_are_those_of_the_record() -> None:
    columns = Template().annotate(TextBatch.of(pa.array(["Waar blijft mijn koffer?", None])))
    assert {name: column.type for name, column in columns.items()} == {"template": ANNOTATION.field("template").type}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Call 08718738034: you have a new message waiting", "call 0871 240 0200! You have a new message waiting."),
        ("Hoi Sanne, je pakket wacht op betaling via https://a.example/1",
         "Hoi Bo, je pakket wacht op betaling via www.b.example"),
        ("Beste mevrouw Jansen, uw rekening staat open, betaal vandaag",
         "Beste meneer Amrani, uw rekening staat open, betaal vandaag"),
        ("@an 🎉 gratis spins voor de eerste klanten van vandaag #win",
         "@bo @cas gratis spins voor de eerste klanten van vandaag 🔥🔥 #prijs #nu"),
    ],
    ids=["number", "name and link", "title", "handles, tags and emoji"],
)  # fmt: skip
def test_what_a_template_fills_in_changes_nothing(one: str, other: str) -> None:
    first, second = digests(one, other)
    assert first is not None
    assert first == second


@pytest.mark.parametrize(
    "other",
    ["je koffer wacht nog op het vliegveld van Bergen", "je pakket wacht nog op het vliegveld van Oslo",
     "op het vliegveld van Oslo wacht nog je koffer", "je koffer wacht nog op het vliegveld van Oslo hoor"],
)  # fmt: skip
def test_another_word_or_another_order_is_another_template(other: str) -> None:
    first, second = digests("je koffer wacht nog op het vliegveld van Oslo", other)
    assert first != second


@pytest.mark.parametrize("text", [None, "", "dank je wel hoor", "https://a.example 0612345678 @an #x", "a b c d e f g"])
def test_too_little_is_no_template(text: str | None) -> None:
    assert digests(text) == [None]


@given(st.lists(texts, min_size=1, max_size=8))
def test_a_template_is_the_same_in_any_batch(rows: list[str]) -> None:
    assert digests(*rows) == [digests(row)[0] for row in rows]


_STRANGERS = (7, -9, 8589934592, 8589934593)
"""Templates no two of which share a cell, however small the table."""


def _one_by_one(seqs: list[int], templates: list[int], window: int) -> list[int]:
    latest: dict[int, tuple[int, int]] = {}
    found = []
    for seq, template in zip(seqs, templates, strict=True):
        if not template:
            found.append(0)
            continue
        at, first = latest.get(template, (seq - window, seq))
        first = first if seq - at < window else seq
        found.append(first if first != seq else 0)
        latest[template] = (seq, first)
    return found


@given(st.integers(0, 2**32), st.sampled_from((16, 1_024)), st.lists(st.integers(0, 90), max_size=5).map(sorted))
def test_campaigns_are_those_of_reading_post_by_post_in_any_batches(seed: int, window: int, cuts: list[int]) -> None:
    chance = np.random.default_rng(seed)
    seqs = np.cumsum(chance.integers(1, 4, 90))
    values = chance.choice(np.array([0, *_STRANGERS]), 90)
    stage = Templates(window)
    parts = [stage.judge(seqs[low:high], values[low:high]) for low, high in pairwise([0, *cuts, 90])]
    assert np.concatenate(parts).tolist() == _one_by_one(seqs.tolist(), values.tolist(), window)


@given(st.integers(0, 2**32), st.integers(1, 89))
def test_a_restart_changes_no_campaign(seed: int, half: int) -> None:
    chance = np.random.default_rng(seed)
    seqs, values = np.cumsum(chance.integers(1, 4, 90)), chance.integers(0, 1 << 62, 40)[chance.integers(0, 40, 90)]
    undisturbed, again = Templates(16), Templates(16)
    before = undisturbed.judge(seqs[:half], values[:half])
    again.restore(seqs[:half], values[:half], before)
    later = [stage.judge(seqs[half:], values[half:]).tolist() for stage in (undisturbed, again)]
    assert later[0] == later[1]
