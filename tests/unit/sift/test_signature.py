"""The signature of a text: equal for equal texts, near for near ones, far for strangers, none for a few words."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.record import ANNOTATION
from gehoor.core.text import TextBatch
from gehoor.sift.duplicate import estimate
from gehoor.sift.signature import LEAST_CHARS, Signature, sketch
from tests.strategies import texts


def annotate(*rows: str | None) -> dict[str, pa.Array]:
    return Signature().annotate(TextBatch.of(pa.array(rows, pa.string())))


def similarity(one: str, other: str) -> float:
    column = annotate(one, other)["signature"].to_pylist()
    a, b = (np.frombuffer(value, np.uint8) for value in column)
    return float(estimate(a, b))


def test_the_columns_are_those_of_the_record() -> None:
    columns = annotate("Mijn koffer ligt nog in Oslo", None)
    assert {name: column.type for name, column in columns.items()} == {
        name: ANNOTATION.field(name).type for name in Signature.columns
    }
    assert columns["signature"].to_pylist()[1] is None
    assert annotate()["signature"].to_pylist() == []


@pytest.mark.parametrize("text", ["", None, "\u200b", "   "])
def test_no_text_has_no_digest(text: str | None) -> None:
    assert annotate(text)["text_digest"].null_count == 1


@pytest.mark.parametrize("text", ["lol", "bedankt!", "ok thanks", "😂😂😂😂", "x" * (LEAST_CHARS - 1)])
def test_a_few_words_have_a_digest_but_no_signature(text: str) -> None:
    columns = annotate(text)
    assert columns["text_digest"].null_count == 0
    assert columns["signature"].null_count == 1


def test_case_blanks_and_invisible_characters_make_no_other_text() -> None:
    columns = annotate("Mijn koffer ligt nog in Oslo", "MIJN  koffer\nligt nog\u200b in oslo ")
    assert columns["text_digest"][0] == columns["text_digest"][1]
    assert columns["signature"][0] == columns["signature"][1]


def test_one_changed_letter_in_a_long_post_is_near_and_another_post_is_far() -> None:
    post = "Sinds vanochtend ligt het internet er in heel Utrecht uit en niemand neemt de telefoon op, waardeloos dit!"
    assert similarity(post, post.replace("Utrecht", "Utrechy")) > 0.8
    assert similarity(post, f"RT @anna: {post}") > 0.7
    assert similarity(post, "Wat een heerlijke dag aan zee met de kinderen, morgen gaan we er weer heen.") < 0.2


def test_the_estimate_is_the_jaccard_similarity_of_the_sets(rng: np.random.Generator) -> None:
    errors = []
    for size in (20, 60, 120, 400):
        for share in (0.2, 0.5, 0.8, 0.95):
            common = round(size * share)
            pool = rng.integers(0, 2**64, 2 * size - common, np.uint64)
            first = np.array([0, size, 2 * size])
            both = sketch(np.concatenate([pool[:size], pool[:common], pool[size:]]), first)
            errors.append(float(estimate(both[0], both[1])) - common / len(pool))
    assert abs(np.mean(errors)) < 0.03
    assert np.abs(errors).max() < 0.2


@given(st.lists(st.one_of(st.none(), texts), max_size=6))
def test_a_row_has_the_same_signature_in_any_batch(rows: list[str | None]) -> None:
    together = annotate(*rows)
    for i, row in enumerate(rows):
        alone = annotate(row)
        assert [together[name][i] for name in Signature.columns] == [alone[name][0] for name in Signature.columns]
